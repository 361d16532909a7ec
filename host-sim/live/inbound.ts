/**
 * The receiving half of a live transport: chunks as Node delivers them, read out by pulling.
 *
 * Invariants: the source is paused above 256 KiB and resumed when all is read; `closed` is told
 * once, from the event loop, after everything that had arrived was read; after `silence` nothing
 * is told. A reader that stops for good is never told `closed`: it has its own deadlines.
 */
import type { CloseReason, TransportHandler } from '../../firmware/ports.ts';

const HIGH_WATER_BYTES = 256 * 1024;

/** What Inbound holds back when its reader is slow. */
export interface Flow {
  pause(): void;
  resume(): void;
}

export class Inbound {
  readonly #handler: TransportHandler;
  readonly #flow: Flow;
  #chunks: Buffer[] = [];
  /** The first chunk that is not read to its end, and how far it is read. */
  #first = 0;
  #offset = 0;
  #bytes = 0;
  #paused = false;
  #silent = false;
  #end: CloseReason | undefined;

  constructor(handler: TransportHandler, flow: Flow) {
    this.#handler = handler;
    this.#flow = flow;
  }

  /** More bytes; the chunk is kept, not copied. Called from the event loop. */
  arrive(chunk: Buffer): void {
    if (this.#silent || this.#end !== undefined || chunk.length === 0) return;
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    this.#handler.readable();
    if (this.#bytes > HIGH_WATER_BYTES && !this.#paused && !this.#silent) {
      this.#paused = true;
      this.#flow.pause();
    }
  }

  /** As `Transport.read`. */
  read(into: Uint8Array, start: number, end: number): number {
    let at = start;
    while (at < end && this.#bytes > 0) {
      const chunk = this.#chunks[this.#first];
      const count = Math.min(end - at, chunk.length - this.#offset);
      chunk.copy(into, at, this.#offset, this.#offset + count);
      at += count;
      this.#bytes -= count;
      this.#offset += count;
      if (this.#offset === chunk.length) {
        this.#offset = 0;
        this.#first += 1;
      }
    }
    if (this.#bytes === 0 && this.#first > 0) this.#drained();
    return at - start;
  }

  /** Nothing more will arrive. Only the first reason counts. Called from the event loop. */
  end(reason: CloseReason): void {
    if (this.#silent || this.#end !== undefined) return;
    this.#end = reason;
    if (this.#bytes > 0) this.#handler.readable();
    else this.#tell();
  }

  /** Tells nothing any more, and forgets what was not read. */
  silence(): void {
    this.#silent = true;
    this.#chunks = [];
    this.#first = 0;
    this.#bytes = 0;
  }

  #drained(): void {
    this.#chunks.length = 0;
    this.#first = 0;
    if (this.#end !== undefined) setImmediate(() => this.#tell());
    if (!this.#paused) return;
    this.#paused = false;
    this.#flow.resume();
  }

  #tell(): void {
    if (this.#silent || this.#end === undefined) return;
    this.#silent = true;
    this.#handler.closed(this.#end);
  }
}
