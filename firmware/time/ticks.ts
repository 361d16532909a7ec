/**
 * A monotonic clock that never wraps, from a counter of milliseconds with 32 bits that does. It must
 * be read at least once in 49 days.
 */

const WRAP = 0x1_0000_0000;

export class Ticks {
  private readonly read: () => number;
  private last: number;
  private wrapped = 0;

  /** @param read the counter, signed or not */
  constructor(read: () => number) {
    this.read = read;
    this.last = read() >>> 0;
  }

  /** Milliseconds; never goes back. */
  now(): number {
    const ticks = this.read() >>> 0;
    if (ticks < this.last) this.wrapped += WRAP;
    this.last = ticks;
    return this.wrapped + ticks;
  }
}
