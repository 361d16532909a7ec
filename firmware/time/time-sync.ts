/**
 * When to ask for the time, and what an answer is worth. Sans-IO: the owner sends what `request`
 * writes, hands over what comes, and calls at `deadline()`.
 *
 * Servers are asked no more than once in fifteen seconds, and twice a day once the time is known. An
 * answer that took too long says too little and is not taken.
 */

import { readAnswer, writeRequest } from './sntp.ts';

const ANSWER_MS = 4_000;
const RETRY_MS = 15_000;
const RETRY_MS_MAX = 60_000;
const REFRESH_MS = 43_200_000;
/** A crystal of 20 ppm drifts a second in half a day; two missed refreshes are too many. */
const SYNC_MS = 2.5 * REFRESH_MS;
/** No clock that was ever set is before 2025. */
const PLAUSIBLE_MS = 1_735_689_600_000;
const NEVER = Number.POSITIVE_INFINITY;

interface Dice {
  below(below: number): number;
}

export class TimeSync {
  private readonly dice: Dice;
  private readonly wasSet: boolean;
  private token = 0;
  private askedAt = Number.NaN;
  private dueAt = NEVER;
  private retryMs = RETRY_MS;
  private syncedAt = Number.NEGATIVE_INFINITY;

  /** @param wall what the clock showed at the start: it may have run on through a restart */
  constructor(dice: Dice, wall: number) {
    this.dice = dice;
    this.wasSet = wall >= PLAUSIBLE_MS;
  }

  /** Asks from now on. */
  start(now: number): void {
    this.dueAt = now;
  }

  quality(now: number): 'none' | 'estimated' | 'sync' {
    if (now - this.syncedAt < SYNC_MS) return 'sync';
    return this.wasSet || this.syncedAt > Number.NEGATIVE_INFINITY ? 'estimated' : 'none';
  }

  /** When to ask next. */
  deadline(): number {
    return this.dueAt;
  }

  /** Writes a question into 48 bytes; the next one is due when no answer comes. */
  request(into: Uint8Array, now: number): void {
    this.token = this.dice.below(0x1_0000_0000);
    this.askedAt = now;
    this.dueAt = now + this.retryMs;
    this.retryMs = Math.min(this.retryMs * 2, RETRY_MS_MAX);
    writeRequest(into, this.token);
  }

  /** @returns the Unix time now in milliseconds, or -1 when this is no answer */
  received(from: Uint8Array, length: number, now: number): number {
    const roundMs = now - this.askedAt;
    const sent = roundMs <= ANSWER_MS ? readAnswer(from, length, this.token) : -1;
    if (sent < PLAUSIBLE_MS) return -1;
    this.askedAt = Number.NaN;
    this.syncedAt = now;
    this.retryMs = RETRY_MS;
    this.dueAt = now + REFRESH_MS;
    return sent + roundMs / 2;
  }
}
