/**
 * When to ask for the time, and what an answer is worth. Sans-IO: at `deadline()` the owner calls
 * `ask` and looks the server up, sends what `request` writes, and hands over what comes.
 *
 * A server is asked once in fifteen seconds at most, and ever more rarely once the time is known. An
 * answer that took too long says too little and is not taken. Neither is one that moves a known time
 * far, before another one says the same: a single wrong answer changes nothing.
 */

import type { Random } from '../ports.ts';
import { KISS_OF_DEATH, readAnswer, type Token, writeRequest } from './sntp.ts';

const ANSWER_MS = 4_000;
/** RFC 4330, 10: never more often. */
const RETRY_MS = 15_000;
const RETRY_MS_MAX = 60_000;
/** A name that cannot be looked up bothers nobody but the name server. */
const LOOKUP_MS = 3_000;
/** A lookup that has not ended by then is begun anew. */
const LOOKUP_MS_MAX = 10_000;
/** The first time is looked at again soon: it may have been wrong. */
const REFRESH_MS = 240_000;
const REFRESH_MS_MAX = 43_200_000;
/** After a kiss-o'-death. */
const KISS_MS = 900_000;
/**
 * The time counts as synchronised for this long: a crystal of 20 ppm drifts a second in half a day,
 * and two missed refreshes are too many.
 */
const SYNC_MS = 2.5 * REFRESH_MS_MAX;
/** No clock drifts this far in a day: either it or the answer is wrong. */
const FAR_MS = 60_000;
/** Two answers that differ by less count as the same. */
const SAME_MS = 10_000;
/** No clock that was ever set is before 2025. */
const PLAUSIBLE_MS = 1_735_689_600_000;
const NEVER = Number.POSITIVE_INFINITY;

export class TimeSync {
  private readonly dice: Random;
  private readonly wasSet: boolean;
  private token: Token = { high: 0, low: 0 };
  private isActive = false;
  /** When the question under way was sent; NaN for none. */
  private askedAt = Number.NaN;
  private lastSentAt = Number.NEGATIVE_INFINITY;
  private dueAt = 0;
  private lookupMs = LOOKUP_MS;
  private retryMs = RETRY_MS;
  private refreshMs = REFRESH_MS;
  private syncedAt = Number.NEGATIVE_INFINITY;
  /** How far an answer would have moved the clock that was not believed; NaN for none. */
  private doubtedMs = Number.NaN;

  /** @param wall what the clock showed at the start: it may have run on through a restart */
  constructor(dice: Random, wall: number) {
    this.dice = dice;
    this.wasSet = wall >= PLAUSIBLE_MS;
  }

  /** There is a network: asks as soon as it may. */
  start(now: number): void {
    this.isActive = true;
    if (this.quality(now) === 'sync') return;
    this.lookupMs = LOOKUP_MS;
    this.retryMs = RETRY_MS;
    this.dueAt = Math.min(this.dueAt, Math.max(now, this.lastSentAt + RETRY_MS));
  }

  /** There is none: nothing is due. */
  stop(): void {
    this.isActive = false;
    this.askedAt = Number.NaN;
  }

  quality(now: number): 'none' | 'estimated' | 'sync' {
    if (now - this.syncedAt < SYNC_MS) return 'sync';
    return this.wasSet || this.syncedAt > Number.NEGATIVE_INFINITY ? 'estimated' : 'none';
  }

  /** When to ask next. */
  deadline(): number {
    return this.isActive ? this.dueAt : NEVER;
  }

  /** The server is being looked up. */
  ask(now: number): void {
    this.dueAt = now + LOOKUP_MS_MAX;
  }

  /** There is no address for the server, or no socket. */
  failed(now: number): void {
    this.dueAt = now + this.lookupMs;
    this.lookupMs = Math.min(this.lookupMs * 2, RETRY_MS_MAX);
  }

  /** Writes a question into 48 bytes, to be sent now; the next one is due when no answer comes. */
  request(into: Uint8Array, now: number): void {
    this.token = { high: this.dice.below(0x1_0000_0000), low: this.dice.below(0x1_0000_0000) };
    this.askedAt = now;
    this.lastSentAt = now;
    this.lookupMs = LOOKUP_MS;
    this.retryIn(now);
    writeRequest(into, this.token);
  }

  /**
   * @param wall what the clock shows now
   * @returns the Unix time now in milliseconds, or -1 when this is no answer that counts
   */
  received(from: Uint8Array, length: number, now: number, wall: number): number {
    const roundMs = now - this.askedAt;
    if (!(roundMs <= ANSWER_MS)) return -1;
    const sent = readAnswer(from, length, this.token);
    if (sent === KISS_OF_DEATH) {
      this.askedAt = Number.NaN;
      this.dueAt = now + KISS_MS;
    }
    if (sent < PLAUSIBLE_MS) return -1;
    this.askedAt = Number.NaN;
    const time = sent + roundMs / 2;
    return this.isBelieved(time - wall, now) ? this.take(time, now) : -1;
  }

  /** @param moveMs how far the answer moves the clock */
  private isBelieved(moveMs: number, now: number): boolean {
    const isFar = this.quality(now) !== 'none' && Math.abs(moveMs) > FAR_MS;
    const isNew = !(Math.abs(moveMs - this.doubtedMs) < SAME_MS);
    this.doubtedMs = isFar && isNew ? moveMs : Number.NaN;
    if (isFar) this.refreshMs = REFRESH_MS;
    return !isFar || !isNew;
  }

  private take(time: number, now: number): number {
    this.syncedAt = now;
    this.retryMs = RETRY_MS;
    this.dueAt = now + this.refreshMs;
    this.refreshMs = Math.min(this.refreshMs * 2, REFRESH_MS_MAX);
    return time;
  }

  private retryIn(now: number): void {
    this.dueAt = now + this.retryMs;
    this.retryMs = Math.min(this.retryMs * 2, RETRY_MS_MAX);
  }
}
