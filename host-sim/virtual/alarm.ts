/**
 * The device's one timer on the event queue, in the device's own (drifting) time.
 *
 * Invariants: it rings from the event loop, never inside `set`; when it rings, `clock.now()` has
 * reached the time asked for; setting replaces; after `stop` (power cut) it never rings again.
 */

import type { Alarm } from '../../firmware/ports.ts';
import type { VirtualClock } from './clock.ts';
import type { EventQueue, Scheduled } from './event-queue.ts';

/** Rounding of the drift's division can ring this much early; then it waits once more. */
const ROUNDING_MS = 1 / 1024;

export class VirtualAlarm implements Alarm {
  readonly #queue: EventQueue;
  readonly #clock: VirtualClock;
  readonly #ring: () => void;
  #scheduled: Scheduled | undefined;
  #at = Number.POSITIVE_INFINITY;
  #stopped = false;
  readonly #onTime = () => this.#elapsed();

  /** @param ring called each time the alarm rings; usually the device's `wake`. */
  constructor(queue: EventQueue, clock: VirtualClock, ring: () => void) {
    this.#queue = queue;
    this.#clock = clock;
    this.#ring = ring;
    clock.onRateChange(() => {
      if (this.#scheduled === undefined) return;
      this.#scheduled.cancel();
      this.#schedule(this.#clock.worldTimeOf(this.#at));
    });
  }

  /** When it rings next, in `Clock.now()` milliseconds; Infinity when it is not set. */
  get at(): number {
    return this.#at;
  }

  /** Infinity clears; any other time replaces the earlier one. */
  set(at: number): void {
    if (at === this.#at && this.#scheduled !== undefined) return;
    this.clear();
    if (this.#stopped || at === Number.POSITIVE_INFINITY) return;
    if (Number.isNaN(at)) throw new RangeError('alarm time is not a number');
    this.#at = at;
    this.#schedule(this.#clock.worldTimeOf(at));
  }

  clear(): void {
    this.#scheduled?.cancel();
    this.#scheduled = undefined;
    this.#at = Number.POSITIVE_INFINITY;
  }

  /** The board lost power: nothing rings from here on. */
  stop(): void {
    this.clear();
    this.#stopped = true;
  }

  #schedule(worldTime: number): void {
    this.#scheduled = this.#queue.at(worldTime, this.#onTime);
  }

  #elapsed(): void {
    if (this.#clock.now() < this.#at) {
      this.#schedule(this.#queue.now + ROUNDING_MS);
      return;
    }
    this.#scheduled = undefined;
    this.#at = Number.POSITIVE_INFINITY;
    this.#ring();
  }
}
