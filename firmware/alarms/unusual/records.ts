/**
 * What a statistic is judged by: its own greatest values. Above the least of them the chance to be
 * exceeded falls exponentially, with their mean excess as its scale. So all quantities are
 * calibrated alike, and one threshold fits all.
 *
 * A list is cells of an array of floats: how many values it was given, and the greatest, ascending.
 */

/** Values that are kept. */
const KEPT = 20;
/** Cells of a list. */
export const LIST_CELLS = 1 + KEPT;

/**
 * How improbable it is that a value comes that is so great, judged by those before it.
 * @returns decades: 2 for one in a hundred; 0 for whatever is not among the greatest
 */
export function surprise(floats: Float32Array, list: number, value: number): number {
  const given = floats[list];
  const least = floats[list + 1];
  if (given < KEPT || !(value > least)) return 0;
  let excess = 0;
  for (let i = list + KEPT; i > list + 1; i -= 1) excess += floats[i];
  excess = excess / KEPT - (least * (KEPT - 1)) / KEPT;
  return (Math.log(given / KEPT) + (value - least) / Math.max(excess, 1e-9)) * Math.LOG10E;
}

/** Takes a value into the list, if it is among the greatest. */
export function record(floats: Float32Array, list: number, value: number): void {
  const given = floats[list];
  floats[list] = given + 1;
  if (given >= KEPT) {
    if (!(value > floats[list + 1])) return;
    let i = list + 1;
    for (; i < list + KEPT && floats[i + 1] < value; i += 1) floats[i] = floats[i + 1];
    floats[i] = value;
    return;
  }
  let i = list + 1 + Math.floor(given);
  for (; i > list + 1 && floats[i - 1] > value; i -= 1) floats[i] = floats[i - 1];
  floats[i] = value;
}

/** What a list holds counts a little less. @param factor just below 1 */
export function fadeList(floats: Float32Array, list: number, factor: number): void {
  for (let i = list; i < list + LIST_CELLS; i += 1) floats[i] *= factor;
}
