/**
 * What happens between two readings, where a board samples more often or stores less often than each
 * interval: a reading carries the mean of its samples, and where that is wanted their least and
 * greatest; one that shows nothing new is not stored, until it has been silent for long enough.
 *
 * What is not stored was never accepted, and is counted. A contact and a total are no matter of
 * means: their last value counts. Sans-IO, and no sample allocates anything.
 */

import type { Quantity } from '../sensors/sensor.ts';
import type { Change } from './on-change.ts';
import { FragmentWriter } from './reading.ts';

export interface BetweenOptions {
  readonly intervalMs: number;
  /** Milliseconds between two samples; 0, or more than the interval: as the interval. */
  readonly sampleMs: number;
  /** Readings have the least and the greatest of their samples, too. */
  readonly spread: boolean;
  /** A reading is stored when one of these moved so far; none: all are stored. */
  readonly changes: readonly Change[];
  /** A reading is stored after so long whatever it shows. */
  readonly silenceMs: number;
}

export class Between {
  /** Readings that were not stored. */
  unchanged = 0;
  readonly hasChanges: boolean;
  private readonly options: BetweenOptions;
  private readonly count: number;
  private readonly isPlain: readonly boolean[];
  /** By quantity: how far it has to move; NaN where that does not matter. */
  private readonly deltas: Float64Array;
  /** The sums of a reading's samples, how many there are, the last, the least and the greatest. */
  private readonly sums: Float64Array;
  private readonly counts: Float64Array;
  private readonly lasts: Float64Array;
  private readonly leasts: Float64Array;
  private readonly greatests: Float64Array;
  /** As the reading has them, with `spread` each followed by its least and its greatest. */
  private readonly values: Float64Array;
  /** What the last reading that was stored had. */
  private readonly stored: Float64Array;
  private readonly writer: FragmentWriter;
  private intervalMs: number;
  private dueAt = Number.NEGATIVE_INFINITY;
  private storedAt = Number.NEGATIVE_INFINITY;
  private isAsked = false;

  constructor(quantities: readonly Quantity[], options: BetweenOptions) {
    const count = quantities.length;
    this.options = options;
    this.intervalMs = options.intervalMs;
    this.count = count;
    this.isPlain = quantities.map(({ kind }) => kind === 'contact' || kind === 'total');
    this.deltas = new Float64Array(count).fill(Number.NaN);
    for (const { quantity, by } of options.changes) {
      const place = quantities.findIndex(({ name }) => name === quantity);
      if (place >= 0) this.deltas[place] = by;
    }
    this.hasChanges = this.deltas.some((delta) => delta >= 0);
    this.sums = new Float64Array(count);
    this.counts = new Float64Array(count);
    this.lasts = new Float64Array(count);
    this.leasts = new Float64Array(count);
    this.greatests = new Float64Array(count);
    this.stored = new Float64Array(count);
    const published = options.spread ? quantities.flatMap(spreadOf) : quantities;
    this.values = new Float64Array(published.length);
    this.writer = new FragmentWriter(published);
    this.begin();
  }

  /** Between two samples, in milliseconds. */
  get sampleMs(): number {
    const { sampleMs } = this.options;
    return sampleMs > 0 ? Math.min(sampleMs, this.intervalMs) : this.intervalMs;
  }

  /** Readings come so often from now on. @returns the time between two samples */
  changeInterval(intervalMs: number): number {
    this.dueAt += intervalMs - this.intervalMs;
    this.intervalMs = intervalMs;
    return this.sampleMs;
  }

  /** Somebody wants a reading: the next sample makes one, which is stored. */
  ask(): void {
    this.isAsked = true;
  }

  /**
   * Takes a sample.
   * @param values NaN where a sensor gave none
   * @param at monotonic milliseconds
   * @returns whether a reading is to be stored: `write` writes it
   */
  take(values: Float64Array, at: number): boolean {
    this.add(values);
    const { isAsked, intervalMs } = this;
    // A sample may be a little early.
    const early = this.sampleMs / 2;
    if (!isAsked && at < this.dueAt - early) return false;
    if (at >= this.dueAt - early) {
      // As the grid of samples it begins anew where it is late, after another interval for one.
      const isLate = at > this.dueAt + early;
      this.dueAt = (isLate ? at : this.dueAt) + intervalMs;
    }
    this.isAsked = false;
    const hasValue = this.end();
    this.begin();
    if (!hasValue) return false;
    const isDue = isAsked || at >= this.storedAt + this.options.silenceMs - early;
    if (this.hasChanges && !isDue && !this.hasMoved()) {
      this.unchanged += 1;
      return false;
    }
    this.storedAt = at;
    const step = this.step;
    for (let i = 0; i < this.count; i += 1) this.stored[i] = this.values[i * step];
    return true;
  }

  /** Writes the reading. @returns the position after it */
  write(into: Uint8Array, at: number): number {
    return this.writer.write(into, at, this.values);
  }

  private get step(): number {
    return this.options.spread ? 3 : 1;
  }

  private begin(): void {
    this.sums.fill(0);
    this.counts.fill(0);
    this.leasts.fill(Number.POSITIVE_INFINITY);
    this.greatests.fill(Number.NEGATIVE_INFINITY);
  }

  private add(values: Float64Array): void {
    for (let i = 0; i < this.count; i += 1) {
      const value = values[i];
      if (Number.isNaN(value)) continue;
      this.sums[i] += value;
      this.counts[i] += 1;
      this.lasts[i] = value;
      if (value < this.leasts[i]) this.leasts[i] = value;
      if (value > this.greatests[i]) this.greatests[i] = value;
    }
  }

  /** @returns whether the reading has any value */
  private end(): boolean {
    const { values, step, options } = this;
    let hasValue = false;
    for (let i = 0; i < this.count; i += 1) {
      const count = this.counts[i];
      const isPlain = this.isPlain[i];
      if (count > 0) hasValue = true;
      const value = isPlain ? this.lasts[i] : this.sums[i] / count;
      values[i * step] = count > 0 ? value : Number.NaN;
      if (!options.spread) continue;
      // What is not finite is left out of the reading.
      values[i * step + 1] = isPlain ? Number.NaN : this.leasts[i];
      values[i * step + 2] = isPlain ? Number.NaN : this.greatests[i];
    }
    return hasValue;
  }

  private hasMoved(): boolean {
    const step = this.step;
    for (let i = 0; i < this.count; i += 1) {
      const delta = this.deltas[i];
      if (Number.isNaN(delta)) continue;
      const value = this.values[i * step];
      const before = this.stored[i];
      if (Math.abs(value - before) >= delta) return true;
      if (Number.isNaN(value) !== Number.isNaN(before)) return true;
    }
    return false;
  }
}

function spreadOf(quantity: Quantity): Quantity[] {
  const { name } = quantity;
  return [quantity, { ...quantity, name: `${name}_min` }, { ...quantity, name: `${name}_max` }];
}
