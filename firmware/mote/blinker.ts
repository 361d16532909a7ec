/**
 * What the board's light shows: dark at work, slow while it waits to be set up, fast for a while
 * when somebody asks which board it is. Sans-IO: `BoardTimer.light` is when `wake` is due.
 */

import type { Deadlines } from '../base/deadlines.ts';
import type { Light } from '../ports.ts';
import { BoardTimer } from './timers.ts';

/** Milliseconds that the light stays on, and off: waiting to be set up, and identifying. */
const SET_UP_MS = 1000;
const IDENTIFY_MS = 125;
const NEVER = Number.POSITIVE_INFINITY;

export class Blinker {
  private readonly light: Light;
  private isLit = false;
  private restMs = 0;
  private identifyUntil = Number.NEGATIVE_INFINITY;
  private readonly deadlines: Deadlines;

  constructor(light: Light, deadlines: Deadlines) {
    this.light = light;
    this.deadlines = deadlines;
  }

  /** The board waits to be set up, or does not. */
  waits(doesWait: boolean, now: number): void {
    this.restMs = doesWait ? SET_UP_MS : 0;
    this.wake(now, true);
  }

  /** Blinks fast for `ms`, so that somebody finds the board. */
  identify(ms: number, now: number): void {
    this.identifyUntil = now + ms;
    this.wake(now, true);
  }

  /** @param isNew something else is to be shown: it begins with light */
  wake(now: number, isNew = false): void {
    if (!isNew && now < this.deadlines.at[BoardTimer.light]) return;
    const periodMs = now < this.identifyUntil ? IDENTIFY_MS : this.restMs;
    this.deadlines.set(BoardTimer.light, periodMs === 0 ? NEVER : now + periodMs);
    this.show(periodMs > 0 && (isNew || !this.isLit));
  }

  private show(isLit: boolean): void {
    if (isLit === this.isLit) return;
    this.isLit = isLit;
    this.light.set(isLit);
  }
}
