/**
 * Where a board gets the time from: an NTP server that answers some time after Wi-Fi is joined, and
 * again each hour; without it what the board knows becomes an estimate.
 */

import { VirtualClock } from '../clock.ts';
import type { EventQueue, Scheduled } from '../event-queue.ts';
import type { SeededRandom } from '../random.ts';

const HOUR_MS = 3_600_000;
const ERROR_MS = 40;

export class TimeService {
  /** What an answer takes, in milliseconds; Infinity: none comes. */
  answerMs = 1500;
  /** Parts per million that the crystal is off. */
  driftPpm: number;
  readonly #queue: EventQueue;
  readonly #random: SeededRandom;
  #clock: VirtualClock | undefined;
  #asking: Scheduled | undefined;

  constructor(queue: EventQueue, random: SeededRandom, driftPpm: number) {
    this.#queue = queue;
    this.#random = random;
    this.driftPpm = driftPpm;
  }

  /** The clock of a new boot: it counts from 0 and knows no time. */
  boot(): VirtualClock {
    this.#clock = new VirtualClock(this.#queue, { driftPpm: this.driftPpm });
    return this.#clock;
  }

  powerOff(): void {
    this.#asking?.cancel();
    this.#asking = undefined;
    this.#clock = undefined;
  }

  /** Wi-Fi is there: asks, and again each hour. */
  joined(): void {
    this.#asking?.cancel();
    this.#ask();
  }

  drift(driftPpm: number): void {
    this.driftPpm = driftPpm;
    this.#clock?.setDrift(driftPpm);
  }

  #ask(): void {
    const isAnswered = Number.isFinite(this.answerMs);
    this.#asking = this.#queue.after(isAnswered ? this.answerMs : HOUR_MS, () => {
      const clock = this.#clock;
      if (clock === undefined) return;
      if (isAnswered) clock.synchronise(this.#random.between(-ERROR_MS, ERROR_MS));
      else if (clock.quality() === 'sync') clock.setQuality('estimated');
      this.#asking = this.#queue.after(HOUR_MS, () => this.#ask());
    });
  }
}
