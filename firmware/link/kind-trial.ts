/**
 * Finds the kind of message at which a broker ends connections. Some brokers (3.1.1 ones, AWS IoT)
 * answer what their policy forbids with a close and no word; without a trial one forbidden topic
 * would stop everything, for ever.
 *
 * After a close, the kinds that were sent just before and not proven are suspects: the next connection
 * carries readings alone, for a while, then one suspect at a time. A suspect that two connections
 * ended at is left out, then tried once: after half a minute at first, for it may have been chance,
 * and after twice the time with each connection that ends at it again, up to an hour. A kind is
 * proven by the broker's answer, or by a while in which nothing happened.
 *
 * A kind that was left out while it was a reading that the broker closed at is a suspect again once
 * that reading is found (`acquit`): it may have been sent beside it.
 *
 * A take-over by another client looks alike. It also ends connections that carry readings alone,
 * and such an end clears all suspects of what they were charged with.
 *
 * It opens and sends nothing, and holds back nothing by itself: whoever sends asks `allows` before
 * and tells `sent` and `proven` after. Nothing here allocates after the constructor. `Timer.kinds` is
 * when `next` is due, while there is a connection.
 */

import { type Deadlines, Timer } from '../base/deadlines.ts';

/** What is sent beside readings. */
export const MESSAGE_KIND_NAMES = Object.freeze([
  'status',
  'discovery',
  'diagnostics',
  'responses',
  'subscriptions',
  'settings',
] as const);

/** An index into `MESSAGE_KIND_NAMES`. */
export const MessageKind = Object.freeze({
  status: 0,
  discovery: 1,
  diagnostics: 2,
  responses: 3,
  subscriptions: 4,
  /** What they are, and what they are wanted to be. */
  settings: 5,
} as const);

const KINDS = MESSAGE_KIND_NAMES.length;
const NONE = -1;
const NEVER = Number.POSITIVE_INFINITY;

/** A connection carries readings alone this long before a suspect is added. */
const STEADY_MS = 5_000;
/** A broker ends the connection sooner than this after what it forbids. */
const PROOF_MS = 2_000;
/** This many connections in a row that end at one kind are its fault. */
const STRIKES_MAX = 2;
/** How long a kind is left out: at first, and at most. */
const LEFT_OUT_MS_MIN = 30_000;
const LEFT_OUT_MS_MAX = 3_600_000;
/** With this many strikes a kind is left out for the longest time. */
const STRIKES_COUNTED = STRIKES_MAX + 7;

/** What the end of a connection says about the kinds. */
export type TrialVerdict = 'nothing' | 'suspects' | 'left out';

export class KindTrial {
  /** The kind that was found last, an index; -1 before. */
  found = NONE;
  /** Whether the next connection must not redeliver: a suspect is in flight in the session. */
  needsCleanStart = false;
  private readonly deadlines: Deadlines;
  /** By kind, when it was sent on this connection without a proof yet; -1 for not. */
  private readonly sentAt: Float64Array;
  /** By kind: 0 is free, Infinity a suspect, else left out until then. */
  private readonly heldUntil: Float64Array;
  private readonly strikes = new Uint8Array(KINDS);
  /** Bits by kind: the broker answers what was sent last. */
  private answered = 0;
  /** The suspect that is being tried. */
  private candidate = NONE;
  private lastCharged = NONE;
  /** Since when the connection carries nothing that is not proven; Infinity offline. */
  private steadySince = NEVER;

  constructor(deadlines: Deadlines) {
    this.deadlines = deadlines;
    const times = new Float64Array(2 * KINDS);
    this.sentAt = times.subarray(0, KINDS).fill(NONE);
    this.heldUntil = times.subarray(KINDS);
  }

  /** Whether a kind may be sent now. */
  allows(kind: number): boolean {
    return this.heldUntil[kind] === 0 || kind === this.candidate;
  }

  /** Whether a kind is left out, as opposed to being held back for a moment. */
  isLeftOut(kind: number): boolean {
    const until = this.heldUntil[kind];
    return until > 0 && until < NEVER;
  }

  /** A connection is up. */
  connected(now: number): void {
    this.needsCleanStart = false;
    this.candidate = NONE;
    this.sentAt.fill(NONE);
    this.steadySince = now;
    this.plan();
  }

  /**
   * A message of a kind was sent.
   * @param isAnswered the broker answers it: `proven` will be called
   */
  sent(kind: number, isAnswered: boolean, now: number): void {
    this.sentAt[kind] = now;
    this.answered = isAnswered ? this.answered | (1 << kind) : this.answered & ~(1 << kind);
    this.plan();
  }

  /** The broker has answered a message of a kind, whatever the answer is. */
  proven(kind: number): void {
    this.sentAt[kind] = NONE;
    this.strikes[kind] = 0;
    this.heldUntil[kind] = 0;
    if (kind === this.candidate) this.candidate = NONE;
    this.plan();
  }

  /** The connection is over. @param isCharge the broker ended it, as it does at what it forbids */
  ended(isCharge: boolean, now: number): TrialVerdict {
    const unproven = isCharge ? this.charge(now) : 0;
    const only = unproven === 1 ? this.lastCharged : NONE;
    if (isCharge && unproven === 0) this.strikes.fill(0);
    this.sentAt.fill(NONE);
    this.candidate = NONE;
    this.steadySince = NEVER;
    this.plan();
    if (unproven === 0) return 'nothing';
    if (only < 0) return 'suspects';
    const strikes = Math.min(this.strikes[only] + 1, STRIKES_COUNTED);
    this.strikes[only] = strikes;
    if (strikes < STRIKES_MAX) return 'suspects';
    this.found = only;
    const leftOutMs = LEFT_OUT_MS_MIN << (strikes - STRIKES_MAX);
    this.heldUntil[only] = now + Math.min(leftOutMs, LEFT_OUT_MS_MAX);
    return 'left out';
  }

  /** Something else was found that connections ended at: what is left out is tried anew, soon. */
  acquit(): void {
    for (let kind = 0; kind < KINDS; kind++) {
      if (this.isLeftOut(kind)) this.heldUntil[kind] = NEVER;
    }
  }

  private plan(): void {
    this.deadlines.set(Timer.kinds, this.steadySince === NEVER ? NEVER : this.nextAt());
  }

  private nextAt(): number {
    let at = NEVER;
    let isBusy = this.candidate !== NONE;
    let isSuspect = false;
    for (let kind = 0; kind < KINDS; kind++) {
      const until = this.heldUntil[kind];
      if (until === NEVER) isSuspect = true;
      else if (until > 0 && until < at) at = until;
      if (this.sentAt[kind] < 0) continue;
      isBusy = true;
      if (this.sentAt[kind] + PROOF_MS < at) at = this.sentAt[kind] + PROOF_MS;
    }
    if (isSuspect && !isBusy) at = Math.min(at, this.steadySince + STEADY_MS);
    return at;
  }

  /**
   * Time has passed on a connection.
   * @returns the suspect that may be sent from now on, and was held back before; -1 for none
   */
  next(now: number): number {
    if (now < this.deadlines.at[Timer.kinds]) return NONE;
    const suspect = this.advance(now);
    this.plan();
    return suspect;
  }

  private advance(now: number): number {
    let isBusy = this.candidate !== NONE;
    for (let kind = 0; kind < KINDS; kind++) {
      if (this.isLeftOut(kind) && now >= this.heldUntil[kind]) this.heldUntil[kind] = NEVER;
      if (this.sentAt[kind] < 0) continue;
      if (now >= this.sentAt[kind] + PROOF_MS) this.proven(kind);
      else isBusy = true;
    }
    if (isBusy && this.candidate === NONE) return NONE;
    if (this.candidate !== NONE || now < this.steadySince + STEADY_MS) return NONE;
    const suspect = this.heldUntil.indexOf(NEVER);
    if (suspect === MessageKind.responses) {
      // Nobody may ask for one for days: the next one that is wanted is the try.
      this.heldUntil[suspect] = 0;
      return this.advance(now);
    }
    this.candidate = suspect;
    return suspect;
  }

  /** Makes suspects of what was sent and not proven. @returns how many */
  private charge(now: number): number {
    let unproven = 0;
    for (let kind = 0; kind < KINDS; kind++) {
      if (this.sentAt[kind] < 0 || now > this.sentAt[kind] + PROOF_MS) continue;
      unproven += 1;
      this.lastCharged = kind;
      this.heldUntil[kind] = NEVER;
      // Requests do not outlive a connection; messages are redelivered to a session.
      if ((this.answered & (1 << kind)) !== 0 && kind !== MessageKind.subscriptions)
        this.needsCleanStart = true;
    }
    return unproven;
  }
}
