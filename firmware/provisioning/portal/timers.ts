/** The timers of a portal; see base/deadlines.ts. */
export const SetUpTimer = Object.freeze({
  /** The answer to a form has had time to reach the phone: its check may begin. */
  form: 0,
  /** The check under way, as it says. */
  check: 1,
  /** The page's server, as it says. */
  servers: 2,
  /** A scan is due, or the one under way is given up. */
  scan: 3,
  /** A try of the saved network begins, or the one under way is given up. */
  join: 4,
  /** It ends. */
  close: 5,
} as const);
