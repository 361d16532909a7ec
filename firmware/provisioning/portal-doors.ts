/**
 * What the portal needs of its neighbours, as interfaces: the settings, and the check of them. It
 * imports neither `config/` nor `link/`; whoever composes the board joins them.
 */

import type { CheckFailure, CheckStage } from './model.ts';

/** Told by a check that runs; `ended` never from inside `start` or `cancel`. */
export interface CheckObserver {
  stage(stage: CheckStage): void;
  /** It is over; `failure` is undefined when the broker accepted the sign-in. */
  ended(failure: CheckFailure | undefined, stage: CheckStage): void;
  /** Its deadline may have changed. */
  changed(): void;
}

/** A check of settings: join, address, resolve, connect, sign in. */
export interface Check {
  start(): void;
  /** Ends it without a result; idempotent. */
  cancel(): void;
  /** When `wake` is next due, in `Clock.now()` milliseconds; Infinity for never. */
  deadline(): number;
  wake(): void;
}
