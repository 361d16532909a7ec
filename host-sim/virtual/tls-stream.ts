/**
 * One end of TLS over a virtual connection: real records (RFC 5246 6.2) with real handshake messages
 * while those are not encrypted. Behind ChangeCipherSpec nothing is encrypted here either, for
 * nobody listens in this world; a record still is the unit that arrives.
 *
 * The contract of `Transport` holds as on the connection below: handlers run from the event queue.
 */

import type { CloseReason, Transport, TransportHandler } from '../../firmware/ports.ts';
import { ByteRing } from './byte-ring.ts';
import { copyBytes } from './copy-bytes.ts';
import type { EventQueue } from './event-queue.ts';

export const Content = Object.freeze({ changeCipher: 20, handshake: 22, data: 23 } as const);

const HEAD = 5;
/** What one write takes at most, as one record. */
const DATA_BYTES_MAX = 1024;
const RECORD_BYTES_MAX = HEAD + 16_384 + 2048;
/** Plain bytes that wait for a reader, beside one record. */
const WAITING_BYTES_MAX = 4096;

/** What is read or written at once, and the head of a record that is written; nothing stays. */
const PIECE = new Uint8Array(1500);
const HEADER = new Uint8Array(HEAD);

/** What an end makes of the records of the handshake, its own included. */
export interface TlsRole {
  /** The connection is up. */
  begin(): void;
  /** @returns `open` when the handshake is done, `more`, or why it ends */
  take(record: Uint8Array): 'open' | 'more' | CloseReason;
}

export class TlsStream implements Transport, TransportHandler {
  below!: Transport;
  role!: TlsRole;
  handler!: TransportHandler;
  readonly #queue: EventQueue;
  readonly #plain = new ByteRing();
  #held = new Uint8Array(256);
  #heldBytes = 0;
  /** Written, and not taken by the connection yet. */
  readonly #out = new ByteRing();
  #isOpen = false;
  #isOver = false;
  #announces = true;
  #wantsRoom = false;
  #end: CloseReason | undefined;

  constructor(queue: EventQueue) {
    this.#queue = queue;
  }

  opened(): void {
    this.role.begin();
  }

  readable(): void {
    this.#pump();
    if (this.#announces && this.#plain.length > 0 && !this.#isOver) {
      this.#announces = false;
      this.handler.readable();
    }
  }

  writable(): void {
    this.#flush();
    if (!this.#wantsRoom || this.#out.length > 0 || this.#isOver) return;
    this.#wantsRoom = false;
    this.handler.writable();
  }

  closed(reason: CloseReason): void {
    if (this.#isOver) return;
    const isHandshake = !this.#isOpen && (reason === 'closed by peer' || reason === 'reset');
    if (reason === 'closed by peer' && this.#plain.length > 0) this.#end = reason;
    else this.#finish(isHandshake ? 'tls failed' : reason);
  }

  read(into: Uint8Array, start: number, end: number): number {
    if (this.#isOver || !this.#isOpen) return 0;
    if (this.#plain.length === 0) this.#pump();
    const count = Math.min(this.#plain.length, end - start);
    if (count <= 0) {
      if (end > start) this.#announces = true;
      return 0;
    }
    this.#plain.shift(into, start, count);
    if (this.#plain.length === 0 && this.#end !== undefined) {
      this.#queue.after(0, () => this.#finish(this.#end!));
    }
    return count;
  }

  write(from: Uint8Array, start: number, end: number): number {
    if (this.#isOver || !this.#isOpen || end <= start) return 0;
    if (this.#out.length > 0) {
      this.#wantsRoom = true;
      return 0;
    }
    const count = Math.min(end - start, DATA_BYTES_MAX);
    this.send(Content.data, from, start, start + count);
    if (count < end - start) {
      this.#wantsRoom = true;
      this.#queue.after(0, () => this.writable());
    }
    return count;
  }

  close(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.below.close();
  }

  /** Writes `from[start..end)` as one record, whole. */
  send(type: number, from: Uint8Array, start = 0, end = from.length): void {
    const length = end - start;
    HEADER[0] = type;
    HEADER[1] = 3;
    HEADER[2] = 3;
    HEADER[3] = length >> 8;
    HEADER[4] = length & 0xff;
    this.#out.push(HEADER, 0, HEAD);
    this.#out.push(from, start, end);
    this.#flush();
  }

  #flush(): void {
    while (this.#out.length > 0) {
      const count = Math.min(this.#out.length, PIECE.length);
      this.#out.peek(PIECE, 0, count);
      const taken = this.below.write(PIECE, 0, count);
      this.#out.drop(taken);
      if (taken < count) return;
    }
  }

  #pump(): void {
    while (!this.#isOver && this.#plain.length < WAITING_BYTES_MAX) {
      const count = this.below.read(PIECE, 0, PIECE.length);
      if (count === 0) return;
      this.#hold(count);
      this.#takeRecords();
    }
  }

  #hold(count: number): void {
    if (this.#heldBytes + count > this.#held.length) {
      const larger = new Uint8Array(2 * (this.#heldBytes + count));
      larger.set(this.#held.subarray(0, this.#heldBytes));
      this.#held = larger;
    }
    copyBytes(PIECE, 0, this.#held, this.#heldBytes, count);
    this.#heldBytes += count;
  }

  #takeRecords(): void {
    let at = 0;
    while (!this.#isOver && this.#heldBytes - at >= HEAD) {
      const end = at + HEAD + ((this.#held[at + 3] << 8) | this.#held[at + 4]);
      if (end - at > RECORD_BYTES_MAX) this.#fail('tls failed');
      if (end > this.#heldBytes) break;
      this.#take(at, end);
      at = end;
    }
    if (at < this.#heldBytes) this.#held.copyWithin(0, at, this.#heldBytes);
    this.#heldBytes -= at;
  }

  #take(start: number, end: number): void {
    if (this.#isOpen) {
      if (this.#held[start] === Content.data) this.#plain.push(this.#held, start + HEAD, end);
      return;
    }
    const what = this.role.take(this.#held.subarray(start, end));
    if (what === 'more') return;
    if (what === 'open') {
      this.#isOpen = true;
      this.handler.opened();
    } else this.#fail(what);
  }

  #fail(reason: CloseReason): void {
    if (this.#isOver) return;
    this.below.close();
    this.#finish(reason);
  }

  #finish(reason: CloseReason): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.handler.closed(reason);
  }
}
