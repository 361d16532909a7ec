/** The board's clock: the platform's counter of milliseconds, and wall time as SNTP has set it. */

import Time from 'time';
import type { SettableClock, TimeQuality } from '../ports.ts';
import { Ticks } from '../time/ticks.ts';

export class BoardClock implements SettableClock {
  private readonly ticks = new Ticks(() => Time.ticks);
  private judge: (now: number) => TimeQuality = () => 'none';

  now(): number {
    return this.ticks.now();
  }

  wall(): number {
    return Date.now();
  }

  quality(): TimeQuality {
    return this.judge(this.now());
  }

  set(wall: number): void {
    Time.set(wall / 1000);
  }

  /** Names who can tell how far the wall time is to be trusted. */
  judgedBy(judge: (now: number) => TimeQuality): void {
    this.judge = judge;
  }
}
