/** The timers of a board beside those of its device; see base/deadlines.ts. */
export const BoardTimer = Object.freeze({
  /** The board leaves, as a command asked: its answer is out by then. */
  leave: 0,
  /** The board has run for a while: earlier crashes no longer count. */
  proven: 1,
  /** The button has been held for long. */
  button: 2,
  /** The interval that was commanded is to be stored. */
  settings: 3,
  /** The time is to be asked for. */
  time: 4,
  light: 5,
} as const);
