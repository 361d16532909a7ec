/** What is stored of a ledger, and whether it can be true. */

/** Finished ranges that can be stored, the open one of the live lane included. */
export const RANGES_MAX = 4;

/** What is stored of a ledger: by this alone it is rebuilt at mount. */
export interface LedgerState {
  tail: number;
  dropped: number;
  refused: number;
  ranges: number;
  /** `from` and `to` (exclusive) of each of the `ranges`, 0 to RANGES_MAX. */
  readonly bounds: Uint32Array;
}

/** An empty state, for `save` and mount to fill. */
export function emptyLedgerState(): LedgerState {
  return { tail: 1, dropped: 0, refused: 0, ranges: 0, bounds: new Uint32Array(RANGES_MAX * 2) };
}

export function copyLedgerState(from: LedgerState, to: LedgerState): void {
  to.tail = from.tail;
  to.dropped = from.dropped;
  to.refused = from.refused;
  to.ranges = from.ranges;
  to.bounds.set(from.bounds);
}

/**
 * Whether a stored state can have been true: positions in order, and no more lost than finished.
 * @param head the ordinal of the next record when it was stored
 */
export function isPlausible(state: LedgerState, head: number): boolean {
  let at = state.tail;
  let finished = at - 1;
  for (let i = 0; i < state.ranges * 2; i += 2) {
    const from = state.bounds[i];
    const to = state.bounds[i + 1];
    if (from < at || to < from) return false;
    finished += to - from;
    at = to;
  }
  return state.tail >= 1 && at <= head && state.dropped + state.refused <= finished;
}

/** Adds a finished run to a state, behind those that it has. */
export function storeRun(state: LedgerState, from: number, to: number): void {
  if (from === 1) {
    state.tail = to;
    return;
  }
  state.bounds[2 * state.ranges] = from;
  state.bounds[2 * state.ranges + 1] = to;
  state.ranges += 1;
}
