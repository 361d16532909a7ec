/**
 * What a socket of Node has received and nobody has read yet: chunks as they come, read out by
 * pulling. The source is paused above 256 KiB, and resumed when all is read.
 */

const HIGH_WATER_BYTES = 256 * 1024;

/** What is held back when the reader is slow. */
export interface Flow {
  pause(): void;
  resume(): void;
}

export class Inbound {
  readonly #flow: Flow;
  readonly #chunks: Buffer[] = [];
  /** The first chunk that is not read to its end, and how far it is read. */
  #first = 0;
  #offset = 0;
  #bytes = 0;
  #isPaused = false;

  constructor(flow: Flow) {
    this.#flow = flow;
  }

  /** So much can be read. */
  get bytes(): number {
    return this.#bytes;
  }

  /** More bytes; the chunk is kept, not copied. */
  push(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    if (this.#bytes <= HIGH_WATER_BYTES || this.#isPaused) return;
    this.#isPaused = true;
    this.#flow.pause();
  }

  /** Fills `into`. @throws Error when it is empty, or there is less, as the board's platform does */
  read(into: Uint8Array): void {
    if (into.length === 0 || into.length > this.#bytes) throw new Error('invalid');
    for (let at = 0; at < into.length; ) {
      const chunk = this.#chunks[this.#first];
      const count = chunk.copy(into, at, this.#offset);
      at += count;
      this.#offset += count;
      if (this.#offset < chunk.length) continue;
      this.#offset = 0;
      this.#first += 1;
    }
    this.#bytes -= into.length;
    if (this.#bytes === 0) this.#drained();
  }

  #drained(): void {
    this.#chunks.length = 0;
    this.#first = 0;
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#flow.resume();
  }
}
