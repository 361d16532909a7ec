/** What a board waits for beside its device's work; see base/deadlines.ts. */
export const BoardTimer = Object.freeze({
  /** A command has asked for it, whose answer is out. */
  leave: 0,
  /** It has run for a while: earlier crashes count no more. */
  proven: 1,
  /** The button has been held for long. */
  button: 2,
  /** The interval that was commanded is to be stored. */
  settings: 3,
  /** The time is to be asked for. */
  time: 4,
  light: 5,
} as const);
