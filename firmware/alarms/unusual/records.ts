/**
 * What a statistic is judged by: its own greatest values. Above the least of them the chance to be
 * exceeded falls exponentially, with their mean excess as its scale. So all quantities are
 * calibrated alike, and one threshold fits all.
 *
 * A list is cells of an array of floats: how many values it was given, and the greatest, ascending,
 * with their sum.
 * All of it is 0 at first. Statistics are natural logarithms, none is negative.
 */

/** Where a list lies. */
export interface ListPlan {
  /** Its first cell. */
  readonly at: number;
  /** Values that it keeps; it has two cells more. */
  readonly kept: number;
}

/** The scale is no smaller: where values are quantised or repeat, the greatest are nearly equal. */
const EXCESS_MIN = 0.3;

/**
 * How improbable it is that a value comes that is so great, judged by those before it; it is then
 * taken into the list, if it is among the greatest.
 * @returns decades: 2 for one in a hundred; 0 for whatever is not among the greatest
 */
export function surprise(floats: Float32Array, { at, kept }: ListPlan, value: number): number {
  const given = floats[at];
  floats[at] = given + 1;
  const first = at + 2;
  const least = floats[first];
  if (!(value > least)) return 0;
  const excess = Math.max(EXCESS_MIN, floats[at + 1] / kept - least);
  insert(floats, at, kept, value);
  if (!(given >= kept)) return 0;
  return (Math.log(given / kept) + (value - least) / excess) * Math.LOG10E;
}

function insert(floats: Float32Array, at: number, kept: number, value: number): void {
  const first = at + 2;
  floats[at + 1] += value - floats[first];
  let place = first;
  let last = at + 1 + kept;
  while (place < last) {
    const middle = (place + last + 1) >> 1;
    if (floats[middle] < value) place = middle;
    else last = middle - 1;
  }
  floats.copyWithin(first, first + 1, place + 1);
  floats[place] = value;
}

/** What a list holds counts a little less. @param factor just below 1 */
export function fadeList(floats: Float32Array, { at, kept }: ListPlan, factor: number): void {
  let sum = 0;
  for (let i = at + 1 + kept; i > at + 1; i -= 1) {
    floats[i] *= factor;
    sum += floats[i];
  }
  floats[at] *= factor;
  floats[at + 1] = sum;
}
