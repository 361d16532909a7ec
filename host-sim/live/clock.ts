/**
 * Time of the host: monotonic from the process; wall time from the operating system, which is taken
 * to be right, or, for a board that has to ask for it, unknown until it is set.
 */
import { performance } from 'node:perf_hooks';
import type { SettableClock, TimeQuality } from '../../firmware/ports.ts';

export class LiveClock implements SettableClock {
  /** What is to be added to monotonic time; undefined: the system's own time counts. */
  #baseMs: number | undefined;
  #judge: (now: number) => TimeQuality;

  /** @param isRight false: it starts in 1970, as a board's does that comes from no power */
  constructor(isRight = true) {
    this.#baseMs = isRight ? undefined : -performance.now();
    this.#judge = () => (isRight ? 'sync' : 'none');
  }

  now(): number {
    return performance.now();
  }

  wall(): number {
    return this.#baseMs === undefined ? Date.now() : Math.floor(this.#baseMs + this.now());
  }

  quality(): TimeQuality {
    return this.#judge(this.now());
  }

  set(wall: number): void {
    this.#baseMs = wall - this.now();
  }

  judgedBy(judge: (now: number) => TimeQuality): void {
    this.#judge = judge;
  }
}
