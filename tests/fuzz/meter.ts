/** What instrumented code counts in, and the error that ends a loop without end. */

/** More counters than the firmware has. */
const COUNTERS_MAX = 16_384;

/** The error of a loop that turned too often. */
export class EndlessLoop extends Error {
  override readonly name = 'EndlessLoop';
}

/** One run's counts. */
export class Meter {
  readonly hits = new Uint32Array(COUNTERS_MAX);
  /** Bytes and characters that were made by a size. */
  bytes = 0;
  /** Counters that are in use. */
  private readonly count: number;
  /** By counter, the orders of magnitude in which it was seen so far, a bit each. */
  private readonly seen = new Uint8Array(COUNTERS_MAX);

  constructor(count: number) {
    this.count = count;
  }

  /** Called by instrumented code. */
  sized<T extends { readonly length: number }>(made: T): T {
    this.bytes += made.length;
    return made;
  }

  /** Called by instrumented code. */
  endless(): never {
    throw new EndlessLoop('a loop does not end');
  }

  begin(): void {
    this.hits.fill(0, 0, this.count);
    this.bytes = 0;
  }

  /** Branches and turns of loops since `begin`. */
  get steps(): number {
    const { hits, count } = this;
    let sum = 0;
    for (let i = 0; i < count; i++) sum += hits[i];
    return sum;
  }

  /** @returns whether a branch was taken, or a loop turned, as never before. Notes it */
  takeNews(): boolean {
    const { hits, seen, count } = this;
    let isNew = false;
    for (let i = 0; i < count; i++) {
      const times = hits[i];
      if (times === 0) continue;
      const bit = bitOf(times);
      if ((seen[i] & bit) !== 0) continue;
      seen[i] |= bit;
      isNew = true;
    }
    return isNew;
  }

  /** Counters that were reached so far. */
  get covered(): number {
    return this.seen.reduce((sum, bits) => sum + (bits === 0 ? 0 : 1), 0);
  }
}

function bitOf(times: number): number {
  if (times < 4) return 1 << (times - 1);
  if (times < 8) return 8;
  if (times < 16) return 16;
  if (times < 32) return 32;
  return times < 128 ? 64 : 128;
}
