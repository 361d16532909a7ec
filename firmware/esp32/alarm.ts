/** The device's timer. One timer of the platform is kept and scheduled anew: setting takes no memory. */

import Timer, { type TimerId } from 'timer';
import type { Alarm, Clock } from '../ports.ts';

/** The platform counts 32 bits of milliseconds; a later alarm is set in steps. */
const STEP_MS = 86_400_000;

export class BoardAlarm implements Alarm {
  private readonly clock: Clock;
  private readonly timer: TimerId;
  private at = Number.POSITIVE_INFINITY;

  constructor(clock: Clock, ring: () => void) {
    this.clock = clock;
    this.timer = Timer.repeat(() => this.fired(ring), STEP_MS);
    Timer.schedule(this.timer);
  }

  set(at: number): void {
    this.at = at;
    const delayMs = Math.ceil(at - this.clock.now());
    Timer.schedule(this.timer, Math.max(0, Math.min(STEP_MS, delayMs)), STEP_MS);
  }

  clear(): void {
    Timer.schedule(this.timer);
  }

  private fired(ring: () => void): void {
    Timer.schedule(this.timer);
    if (this.clock.now() < this.at) this.set(this.at);
    else ring();
  }
}
