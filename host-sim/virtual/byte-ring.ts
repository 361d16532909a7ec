/** A growing first-in, first-out queue of bytes; it copies in and out and keeps no caller's array. */

export class ByteRing {
  #bytes = new Uint8Array(256);
  #head = 0;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Appends `from[start..end)`. */
  push(from: Uint8Array, start: number, end: number): void {
    const count = end - start;
    if (this.#length + count > this.#bytes.length) this.#grow(this.#length + count);
    const size = this.#bytes.length;
    const tail = (this.#head + this.#length) % size;
    const first = Math.min(count, size - tail);
    this.#bytes.set(from.subarray(start, start + first), tail);
    if (first < count) this.#bytes.set(from.subarray(start + first, end), 0);
    this.#length += count;
  }

  /** Moves the oldest `count` bytes to `into[start..)`; `count` must not exceed `length`. */
  shift(into: Uint8Array, start: number, count: number): void {
    this.peek(into, start, count);
    this.drop(count);
  }

  /** Copies the oldest `count` bytes to `into[start..)` and keeps them. */
  peek(into: Uint8Array, start: number, count: number): void {
    const size = this.#bytes.length;
    const first = Math.min(count, size - this.#head);
    into.set(this.#bytes.subarray(this.#head, this.#head + first), start);
    if (first < count) into.set(this.#bytes.subarray(0, count - first), start + first);
  }

  /** Forgets the oldest `count` bytes. */
  drop(count: number): void {
    this.#head = (this.#head + count) % this.#bytes.length;
    this.#length -= count;
  }

  #grow(atLeast: number): void {
    let size = this.#bytes.length;
    while (size < atLeast) size *= 2;
    const bytes = new Uint8Array(size);
    const length = this.#length;
    this.shift(bytes, 0, length);
    this.#bytes = bytes;
    this.#head = 0;
    this.#length = length;
  }
}
