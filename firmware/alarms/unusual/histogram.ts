/**
 * How often which values came: counts of 16 bits in bins of equal width, over the range of what was
 * seen. The range begins with the first two values that differ, and doubles in place where a value
 * lies outside of it. When the counts are full they are halved, so that what is long past counts
 * less; a range of which half has emptied is then narrowed. Both is for the owner to ask for.
 *
 * A histogram is cells of two arrays, which its owner has for all of its histograms together.
 */

/** Its cells of floats: the lower end of the range, and the width of a bin, 0 for no range yet. */
export const RANGE_CELLS = 2;
/** What a bin counts without any value. */
const EMPTY = 0.05;
/** A range is not narrowed further once a bin is so small beside its end: floats end there. */
const RESOLUTION = 1e-5;

/** Where a histogram lies, and how it counts. */
export interface HistogramPlan {
  /** Its first cell of the floats. */
  readonly range: number;
  /** Its first cell of the counts: the total. The bins are behind it. */
  readonly total: number;
  /** A multiple of four. */
  readonly bins: number;
  /** What one value counts; and of that, in judging, in the bins beside its own. */
  readonly unit: number;
  readonly lent: number;
  /** The first range, and what of it is below the first two values, both in their distances. */
  readonly first: number;
  readonly below: number;
  /** The total from which on the counts are to be halved, soon: 16 bits hold no more than 65,535. */
  readonly full: number;
}

/**
 * Judges a value by those before it, and counts it.
 * @param value finite as a 32-bit float
 * @returns minus the logarithm of how often such a value came; 0 where all were the same until now
 */
export function rarity(
  floats: Float32Array,
  counts: Uint16Array,
  plan: HistogramPlan,
  value: number,
): number {
  const { range, total, bins, unit } = plan;
  const all = counts[total];
  if (all === 0) floats[range] = value;
  if (floats[range + 1] === 0 && !begin(floats, counts, plan, value)) {
    counts[total + 1] = counts[total] = all + unit;
    return 0;
  }
  let at = (value - floats[range]) / floats[range + 1];
  if (!(at >= 0 && at < bins)) {
    // A range doubles but once for one value: a single glitch does not spoil it.
    if (at < 0) floats[range] -= floats[range + 1] * bins;
    floats[range + 1] *= 2;
    merge(counts, total + 1, bins, at < 0);
    at = Math.max(0, Math.min(bins - 1, (value - floats[range]) / floats[range + 1]));
  }
  const bin = total + 1 + (at | 0);
  const count = counts[bin];
  const below = bin > total + 1 ? counts[bin - 1] : 0;
  const above = bin < total + bins ? counts[bin + 1] : 0;
  counts[bin] = count + unit;
  counts[total] = all + unit;
  const empty = EMPTY * unit;
  return Math.log((all + empty * bins) / (count + plan.lent * (below + above) + empty));
}

/** The range begins with the first value that differs. @returns whether it does */
function begin(
  floats: Float32Array,
  counts: Uint16Array,
  { range, total, bins, first, below }: HistogramPlan,
  value: number,
): boolean {
  const before = floats[range];
  const distance = Math.abs(value - before);
  const width = Math.fround((first * distance) / bins);
  if (width === 0) return false;
  floats[range + 1] = width;
  floats[range] = Math.min(value, before) - below * distance;
  counts[total + 1] = 0;
  counts[total + 1 + (((before - floats[range]) / width) | 0)] = counts[total];
  return true;
}

/** Two bins become one each, in the upper or the lower half: two at a time, for loops cost. */
function merge(counts: Uint16Array, at: number, bins: number, isUpper: boolean): void {
  const end = at + bins;
  const middle = at + (bins >> 1);
  if (isUpper) {
    for (let to = end - 1, from = to; to > middle; to -= 2, from -= 4) {
      counts[to] = counts[from] + counts[from - 1];
      counts[to - 1] = counts[from - 2] + counts[from - 3];
    }
    counts.fill(0, at, middle);
  } else {
    for (let to = at, from = at; to < middle; to += 2, from += 4) {
      counts[to] = counts[from] + counts[from + 1];
      counts[to + 1] = counts[from + 2] + counts[from + 3];
    }
    counts.fill(0, middle, end);
  }
}

/** Halves the counts. */
export function halve(counts: Uint16Array, { total, bins }: HistogramPlan): void {
  const last = total + bins;
  let sum = 0;
  for (let i = total + 1; i <= last; i += 1) {
    const count = counts[i] >> 1;
    counts[i] = count;
    sum += count;
  }
  counts[total] = sum;
}

/** Narrows a range by half, of which at most half is in use. */
export function narrow(
  floats: Float32Array,
  counts: Uint16Array,
  { range, total, bins }: HistogramPlan,
): void {
  const first = total + 1;
  const half = bins >> 1;
  let low = first;
  while (low < first + half && counts[low] === 0) low += 1;
  let high = total + bins;
  while (high > low && counts[high] === 0) high -= 1;
  const width = floats[range + 1] / 2;
  if (high - low >= half || !(width > RESOLUTION * Math.abs(floats[range]))) return;
  floats[range] += 2 * width * (low - first);
  floats[range + 1] = width;
  counts.copyWithin(first, low, low + half);
  let to = total + bins;
  for (let from = total + half; from >= first; from -= 1) {
    const count = counts[from];
    const part = count >> 1;
    counts[to] = count - part;
    counts[to - 1] = part;
    to -= 2;
  }
}
