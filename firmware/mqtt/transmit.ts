/**
 * The bytes on their way out: whole packets, one after the other, in one buffer. The connection
 * writes `bytes[start..end)` and reports what was taken.
 */

/** Kept free for acknowledgements, PINGREQ and DISCONNECT while messages fill the buffer. */
const RESERVE_BYTES = 32;

export class Transmit {
  readonly bytes: Uint8Array;
  start = 0;
  end = 0;

  /** @param capacity bytes; the largest packet that can be sent is 32 less */
  constructor(capacity: number) {
    this.bytes = new Uint8Array(capacity);
  }

  get empty(): boolean {
    return this.start === this.end;
  }

  /** Where messages have to end, so that small packets still find room behind them. */
  get messageLimit(): number {
    return this.bytes.length - RESERVE_BYTES;
  }

  /** Whether a packet of `length` bytes fits behind what waits. */
  fits(length: number): boolean {
    return this.end + length <= this.bytes.length;
  }

  /** The transport took `count` bytes. */
  taken(count: number): void {
    this.start += count;
    if (this.start >= this.end) this.start = this.end = 0;
  }

  clear(): void {
    this.start = this.end = 0;
  }
}
