/**
 * The device's one timer over Node's timers.
 *
 * A device arms its alarm after every input, mostly for a later time than before. So a timer that
 * is due earlier than asked stays as it is and looks again when it fires: arming costs a comparison
 * in most calls.
 *
 * Invariants: it rings from the event loop, never inside `set`; when it rings, `clock.now()` has
 * reached the time asked for; setting replaces; after `clear` nothing rings.
 */
import type { Alarm, Clock } from '../../firmware/ports.ts';

/** Node's timers hold 31 bits; a longer wait is cut into pieces. */
const PIECE_MS_MAX = 0x7fff_ffff;

export class LiveAlarm implements Alarm {
  readonly #clock: Clock;
  readonly #ring: () => void;
  readonly #look = (): void => this.#onTimer();
  #timer: NodeJS.Timeout | undefined;
  #timerAt = Number.POSITIVE_INFINITY;
  #at = Number.POSITIVE_INFINITY;

  /** @param ring called each time the alarm rings. */
  constructor(clock: Clock, ring: () => void) {
    this.#clock = clock;
    this.#ring = ring;
  }

  /** Infinity clears. @throws RangeError when `at` is not a number. */
  set(at: number): void {
    if (Number.isNaN(at)) throw new RangeError('alarm time is not a number');
    this.#at = at;
    if (at === Number.POSITIVE_INFINITY) this.clear();
    else if (this.#timer === undefined || at < this.#timerAt) this.#arm();
  }

  clear(): void {
    if (this.#timer !== undefined) clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#at = Number.POSITIVE_INFINITY;
  }

  #arm(): void {
    if (this.#timer !== undefined) clearTimeout(this.#timer);
    const now = this.#clock.now();
    const waitMs = Math.min(PIECE_MS_MAX, Math.max(0, Math.ceil(this.#at - now)));
    this.#timerAt = now + waitMs;
    this.#timer = setTimeout(this.#look, waitMs);
  }

  #onTimer(): void {
    this.#timer = undefined;
    if (this.#clock.now() < this.#at) {
      this.#arm();
      return;
    }
    this.#at = Number.POSITIVE_INFINITY;
    this.#ring();
  }
}
