/**
 * The records of a ledger that are set aside: their ordinals, in ascending order, in cells behind
 * its ranges. One array for both, because on XS an array costs more than its content.
 */

import { RANGES_MAX } from './ledger-state.ts';

/** Records that may be set aside at a time. */
export const ASIDE_MAX = 3;
/** Where their ordinals lie. */
export const ASIDE_AT = 2 * RANGES_MAX;
/** Which of them was handed out last; and how many there are. */
export const TURN_AT = ASIDE_AT + ASIDE_MAX;
export const COUNT_AT = TURN_AT + 1;
/** The cells of ranges and records set aside. */
export const CELLS = COUNT_AT + 1;

/** Adds an ordinal; the caller has seen that there is room. */
export function insertAside(cells: Uint32Array, ordinal: number): void {
  let i = ASIDE_AT + cells[COUNT_AT];
  while (i > ASIDE_AT && cells[i - 1] > ordinal) {
    cells[i] = cells[i - 1];
    i -= 1;
  }
  cells[i] = ordinal;
  cells[COUNT_AT] += 1;
}

/** Takes one out. @param index 0 for the oldest */
export function removeAside(cells: Uint32Array, index: number): void {
  cells.copyWithin(ASIDE_AT + index, ASIDE_AT + index + 1, TURN_AT);
  cells[COUNT_AT] -= 1;
}

/** The oldest behind the one that had its turn, or else the oldest, has its turn; 0 for none. */
export function nextTurn(cells: Uint32Array): number {
  const end = ASIDE_AT + cells[COUNT_AT];
  if (end === ASIDE_AT) return 0;
  let turn = cells[ASIDE_AT];
  for (let i = end - 1; i >= ASIDE_AT; i -= 1) if (cells[i] > cells[TURN_AT]) turn = cells[i];
  cells[TURN_AT] = turn;
  return turn;
}

/** The index of the one that had its turn last; -1 where it is gone. */
export function indexOfTurn(cells: Uint32Array): number {
  for (let i = 0; i < cells[COUNT_AT]; i += 1) {
    if (cells[ASIDE_AT + i] === cells[TURN_AT]) return i;
  }
  return -1;
}
