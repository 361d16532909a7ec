/**
 * A device's clock on the event queue: a crystal that drifts, and wall time that may be unknown,
 * estimated or synchronised, and may jump.
 *
 * One object per boot: monotonic time starts again when a board does. It refuses to tell the device
 * the true time; only the world may ask `trueWall`.
 *
 * Invariants: `now()` is a whole number of milliseconds and never goes back, whatever the drift or
 * wall jumps are set to. What the device reads is a counter of 32 bits, signed, as on the board; the
 * firmware's own `Ticks` makes one that never wraps of it, and with `startMs` it wraps when wanted.
 */

import type { SettableClock, TimeQuality } from '../../firmware/ports.ts';
import { Ticks } from '../../firmware/time/ticks.ts';
import type { EventQueue } from './event-queue.ts';

/** What a clock starts with; every field has a default. */
export interface ClockSettings {
  /** Monotonic milliseconds at boot; 0. */
  startMs?: number;
  /** How much faster than the world the crystal runs, in parts per million; 0. */
  driftPpm?: number;
  /** Unix milliseconds at world time 0; 2025-01-01T00:00:00Z. */
  epochMs?: number;
  /** Quality at boot: with `sync` the wall time is true; `none`. */
  quality?: TimeQuality;
}

const DEFAULT_EPOCH_MS = 1_735_689_600_000;

export class VirtualClock implements SettableClock {
  readonly #queue: EventQueue;
  readonly #epochMs: number;
  readonly #rateListeners: (() => void)[] = [];
  readonly #ticks: Ticks;
  #rate: number;
  #worldBase: number;
  #localBase: number;
  #wallMinusLocal: number;
  #quality: TimeQuality;
  #judge: ((now: number) => TimeQuality) | undefined;

  constructor(queue: EventQueue, settings: ClockSettings = {}) {
    this.#queue = queue;
    this.#epochMs = settings.epochMs ?? DEFAULT_EPOCH_MS;
    this.#rate = 1 + (settings.driftPpm ?? 0) / 1e6;
    this.#worldBase = queue.now;
    this.#localBase = settings.startMs ?? 0;
    this.#wallMinusLocal = 0;
    this.#ticks = new Ticks(() => Math.floor(this.#local()) | 0);
    this.#quality = settings.quality ?? 'none';
    if (this.#quality !== 'none') this.setWall(this.trueWall(), this.#quality);
  }

  now(): number {
    return this.#ticks.now();
  }

  wall(): number {
    return Math.floor(this.#local() + this.#wallMinusLocal);
  }

  quality(): TimeQuality {
    return this.#judge === undefined ? this.#quality : this.#judge(this.now());
  }

  judgedBy(judge: (now: number) => TimeQuality): void {
    this.#judge = judge;
  }

  set(wall: number): void {
    this.setWall(wall, 'sync');
  }

  /** The world's own Unix time in milliseconds. */
  trueWall(): number {
    return this.#epochMs + this.#queue.now;
  }

  /** Sets wall time to the true time plus `errorMs`, as an NTP answer does. */
  synchronise(errorMs = 0): void {
    this.setWall(this.trueWall() + errorMs, 'sync');
  }

  /** Sets wall time and its quality. */
  setWall(wallMs: number, quality: TimeQuality): void {
    this.#wallMinusLocal = wallMs - this.#local();
    this.#quality = quality;
  }

  /** Moves wall time by `byMs`, keeping the quality that the device believes in. */
  jumpWall(byMs: number): void {
    this.#wallMinusLocal += byMs;
  }

  /** Changes what the device believes about its wall time, not the time itself. */
  setQuality(quality: TimeQuality): void {
    this.#quality = quality;
  }

  /** Changes the crystal's drift from here on; monotonic time stays continuous. */
  setDrift(driftPpm: number): void {
    this.#localBase = this.#local();
    this.#worldBase = this.#queue.now;
    this.#rate = 1 + driftPpm / 1e6;
    for (const listener of this.#rateListeners) listener();
  }

  /** World time at which `now()` reaches `localMs`; the past counts as now. */
  worldTimeOf(localMs: number): number {
    const world = this.#worldBase + (Math.ceil(localMs) - this.#localBase) / this.#rate;
    return Math.max(world, this.#queue.now);
  }

  /** Calls `listener` when the drift changes; alarms recompute with it. */
  onRateChange(listener: () => void): void {
    this.#rateListeners.push(listener);
  }

  #local(): number {
    return this.#localBase + (this.#queue.now - this.#worldBase) * this.#rate;
  }
}
