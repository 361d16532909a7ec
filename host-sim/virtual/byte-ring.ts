/** A growing first-in, first-out queue of bytes; it copies in and out and keeps no caller's array. */

import { copyBytes } from './copy-bytes.ts';

/** The first size, a power of two as all that follow: most queues never hold more. */
const BYTES_MIN = 64;

const NOTHING = new Uint8Array(0);

export class ByteRing {
  #bytes: Uint8Array = NOTHING;
  #head = 0;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Appends `from[start..end)`. */
  push(from: Uint8Array, start: number, end: number): void {
    const count = end - start;
    if (this.#length + count > this.#bytes.length) this.#grow(this.#length + count);
    if (this.#length === 0) this.#head = 0;
    const size = this.#bytes.length;
    const tail = (this.#head + this.#length) & (size - 1);
    const first = Math.min(count, size - tail);
    copyBytes(from, start, this.#bytes, tail, first);
    if (first < count) copyBytes(from, start + first, this.#bytes, 0, count - first);
    this.#length += count;
  }

  /** Moves the oldest `count` bytes to `into[start..)`; `count` must not exceed `length`. */
  shift(into: Uint8Array, start: number, count: number): void {
    this.peek(into, start, count);
    this.drop(count);
  }

  /** Copies the oldest `count` bytes to `into[start..)` and keeps them. */
  peek(into: Uint8Array, start: number, count: number): void {
    const first = Math.min(count, this.#bytes.length - this.#head);
    copyBytes(this.#bytes, this.#head, into, start, first);
    if (first < count) copyBytes(this.#bytes, 0, into, start + first, count - first);
  }

  /** Forgets the oldest `count` bytes. */
  drop(count: number): void {
    if (count === 0) return;
    this.#head = (this.#head + count) & (this.#bytes.length - 1);
    this.#length -= count;
  }

  #grow(atLeast: number): void {
    let size = Math.max(BYTES_MIN, this.#bytes.length * 4);
    while (size < atLeast) size *= 2;
    const bytes = new Uint8Array(size);
    this.peek(bytes, 0, this.#length);
    this.#bytes = bytes;
    this.#head = 0;
  }
}
