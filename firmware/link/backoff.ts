/**
 * How long to wait before the next attempt: exponential backoff with full jitter.
 *
 * A delay is drawn evenly from `[floorMs, min(capMs, baseMs * 2^failures)]`. The count of failures
 * is cleared only by a connection that lasted `stableMs`, or by a goodbye of our own: one that is
 * accepted and dies young still backs off.
 *
 * It refuses to give up: no penalty is fatal on a board that nobody can reach. It owns no timer
 * and no clock, and sets no attempt going.
 *
 * Invariants: every delay is a whole number >= floorMs >= 1, and <= max(capMs, slowedCapMs,
 * 5 * baseMs); a failure other than `soon` and `local` never lowers the count unless a stable
 * connection came before it.
 */

import type { Random } from '../ports.ts';

/**
 * How heavily a failure weighs.
 * - `normal`: the exponential delay.
 * - `busy`: the other end asked for room; as after at least three failures.
 * - `slowed`: another client has the same id; its own, slower scale, or both would kick for ever.
 * - `final`: trying again will hardly help (wrong password); between half the cap and the cap.
 * - `soon`: not a failure of the other end (version fall-back, redirect); between floor and base,
 *   not counted. The caller bounds how often.
 * - `local`: nothing was sent (clock not set); between base and five times base, not counted.
 */
export type Penalty = 'normal' | 'busy' | 'slowed' | 'final' | 'soon' | 'local';

/** Whole milliseconds. */
export interface BackoffOptions {
  /** Least delay of all, 1 or more; default 200. */
  readonly floorMs: number;
  /** Upper end of the first delay, >= floorMs; default 1,000. */
  readonly baseMs: number;
  /** Upper end of every normal delay, >= baseMs; default 120,000. */
  readonly capMs: number;
  /** Upper end of the first slowed delay, >= floorMs; its lower end is half; default 30,000. */
  readonly slowedBaseMs: number;
  /** Upper end of every slowed delay, >= slowedBaseMs; default 300,000. */
  readonly slowedCapMs: number;
  /** How long a connection lasts before it clears the count; default 60,000. */
  readonly stableMs: number;
}

const DEFAULTS: BackoffOptions = Object.freeze({
  floorMs: 200,
  baseMs: 1_000,
  capMs: 120_000,
  slowedBaseMs: 30_000,
  slowedCapMs: 300_000,
  stableMs: 60_000,
});

/** 2^24 times the least base exceeds every cap below four hours; more would only count. */
const FAILURES_MAX = 24;
/** A busy peer is treated as if this many attempts had failed already. */
const BUSY_FAILURES = 3;
const DELAY_MS_MAX = 86_400_000;

export class Backoff {
  /** Failures since the last stable connection, saturating at 24. */
  failures = 0;

  private readonly dice: Random;
  private readonly options: BackoffOptions;
  private openedAt = -1;

  /** @throws RangeError naming the option that is not a whole number in its range. */
  constructor(dice: Random, options: Partial<BackoffOptions> = {}) {
    this.dice = dice;
    this.options = Object.freeze({ ...DEFAULTS, ...options });
    const { floorMs, baseMs, capMs, slowedBaseMs, slowedCapMs, stableMs } = this.options;
    check('floorMs', floorMs, 1);
    check('baseMs', baseMs, floorMs);
    check('capMs', capMs, baseMs);
    check('slowedBaseMs', slowedBaseMs, floorMs);
    check('slowedCapMs', slowedCapMs, slowedBaseMs);
    check('stableMs', stableMs, 0);
  }

  /** The other end accepted: the proof of stability starts at `now`. */
  open(now: number): void {
    this.openedAt = now;
  }

  /** Whether the connection that is open has lasted long enough to clear the count. */
  isStable(now: number): boolean {
    return this.openedAt >= 0 && now - this.openedAt >= this.options.stableMs;
  }

  /** The attempt or connection failed at `now`. Returns the delay before the next, in ms. */
  fail(penalty: Penalty, now: number): number {
    if (this.isStable(now)) this.failures = 0;
    this.openedAt = -1;
    const { floorMs, baseMs, capMs, slowedBaseMs } = this.options;
    if (penalty === 'soon') return this.draw(floorMs, baseMs);
    if (penalty === 'local') return this.draw(baseMs, baseMs * 5);
    if (penalty === 'busy' && this.failures < BUSY_FAILURES) this.failures = BUSY_FAILURES;
    const growth = 2 ** this.failures;
    if (this.failures < FAILURES_MAX) this.failures += 1;
    if (penalty === 'final') return this.draw(Math.max(floorMs, capMs >> 1), capMs);
    if (penalty === 'slowed') {
      const top = Math.min(this.options.slowedCapMs, slowedBaseMs * growth);
      return this.draw(Math.max(floorMs, slowedBaseMs >> 1), top);
    }
    return this.draw(floorMs, Math.min(capMs, baseMs * growth));
  }

  /** The connection ended without anybody's fault: clears the count only if it was stable. */
  end(now: number): void {
    if (this.isStable(now)) this.failures = 0;
    this.openedAt = -1;
  }

  /** We ended the connection ourselves, in good order: clears the count. */
  finish(): void {
    this.failures = 0;
    this.openedAt = -1;
  }

  /** The least delay, for an attempt that follows one which did not fail. */
  get floorMs(): number {
    return this.options.floorMs;
  }

  private draw(from: number, to: number): number {
    return from + this.dice.below(to - from + 1);
  }
}

function check(name: string, value: number, least: number): void {
  if (!Number.isInteger(value) || value < least || value > DELAY_MS_MAX) {
    throw new RangeError(`${name} is a whole number from ${least} to ${DELAY_MS_MAX}`);
  }
}
