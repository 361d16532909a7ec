/**
 * How often which values came: counts of 16 bits in bins of equal width, over the range of what was
 * seen. The range begins with the first two values that differ, and doubles in place where a value
 * lies outside of it. When the counts are full they are halved, so that what is long past counts
 * less; a range of which half has emptied is then narrowed.
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
  /** An even number. */
  readonly bins: number;
  /** What one value counts; and of that, in judging, in the bins beside its own. */
  readonly unit: number;
  readonly lent: number;
  /** The first range, and what of it is below the first two values, both in their distances. */
  readonly first: number;
  readonly below: number;
  /** The total at which the counts are halved; at most 65,535 less `unit`. */
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
  const { total, unit } = plan;
  const hasRange = fit(floats, counts, plan, value);
  const bin = hasRange ? binOf(floats, plan, value) : total + 1;
  const rare = hasRange ? rarityOf(counts, plan, bin) : 0;
  counts[bin] += unit;
  counts[total] += unit;
  if (counts[total] >= plan.full) fade(floats, counts, plan);
  return rare;
}

/** The range holds the value, or comes nearer to it. @returns whether there is a range */
function fit(
  floats: Float32Array,
  counts: Uint16Array,
  plan: HistogramPlan,
  value: number,
): boolean {
  const { range, total, bins } = plan;
  if (counts[total] === 0) floats[range] = value;
  if (floats[range + 1] === 0) {
    const before = floats[range];
    const distance = Math.abs(value - before);
    floats[range + 1] = (plan.first * distance) / bins;
    if (floats[range + 1] === 0) return false;
    floats[range] = Math.min(value, before) - plan.below * distance;
    counts[total + 1] = 0;
    counts[binOf(floats, plan, before)] = counts[total];
    return true;
  }
  // A range doubles but once for one value: a single glitch does not spoil it.
  const bin = (value - floats[range]) / floats[range + 1];
  if (bin >= 0 && bin < bins) return true;
  if (bin < 0) floats[range] -= floats[range + 1] * bins;
  floats[range + 1] *= 2;
  merge(counts, total + 1, bins, bin < 0);
  return true;
}

/** Two bins become one each, in the upper or the lower half. */
function merge(counts: Uint16Array, at: number, bins: number, isUpper: boolean): void {
  const half = bins >> 1;
  if (isUpper) {
    for (let to = at + bins - 1, from = to - 1; to >= at + half; to -= 1, from -= 2) {
      counts[to] = counts[from] + counts[from + 1];
    }
    counts.fill(0, at, at + half);
  } else {
    for (let to = at, from = at; to < at + half; to += 1, from += 2) {
      counts[to] = counts[from] + counts[from + 1];
    }
    counts.fill(0, at + half, at + bins);
  }
}

/** The cell of the bin that the value is in, or is nearest to. */
function binOf(floats: Float32Array, { range, total, bins }: HistogramPlan, value: number): number {
  const bin = (value - floats[range]) / floats[range + 1];
  if (!(bin > 0)) return total + 1;
  return total + (bin < bins ? 1 + Math.floor(bin) : bins);
}

function rarityOf(
  counts: Uint16Array,
  { total, bins, unit, lent }: HistogramPlan,
  bin: number,
): number {
  const below = bin > total + 1 ? counts[bin - 1] : 0;
  const above = bin < total + bins ? counts[bin + 1] : 0;
  const empty = EMPTY * unit;
  return Math.log((counts[total] + empty * bins) / (counts[bin] + lent * (below + above) + empty));
}

/** Halves the counts; a range of which at most half is in use then is narrowed by half. */
function fade(
  floats: Float32Array,
  counts: Uint16Array,
  { range, total, bins }: HistogramPlan,
): void {
  const first = total + 1;
  let sum = 0;
  let low = first + bins;
  let high = first;
  for (let i = first; i < first + bins; i += 1) {
    const count = counts[i] >> 1;
    counts[i] = count;
    if (count === 0) continue;
    sum += count;
    if (i < low) low = i;
    high = i;
  }
  counts[total] = sum;
  const half = bins >> 1;
  const width = floats[range + 1] / 2;
  if (high - low >= half || !(width > RESOLUTION * Math.abs(floats[range]))) return;
  if (low > first + half) low = first + half;
  floats[range] += 2 * width * (low - first);
  floats[range + 1] = width;
  counts.copyWithin(first, low, low + half);
  for (let i = half - 1; i >= 0; i -= 1) {
    const count = counts[first + i];
    counts[first + 2 * i] = count >> 1;
    counts[first + 2 * i + 1] = count - (count >> 1);
  }
}
