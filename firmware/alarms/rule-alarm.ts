/**
 * One rule and its alarm: whether what the rule says holds, with its dead band and its delays, and
 * where the alarm stands. Sans-IO: a sample and its time come in, and nothing is allocated.
 *
 * A sample without a value says neither that the rule holds nor that it does not: the alarm stays as
 * it is, and a delay that runs is not over. The same goes for what a restart has forgotten: a rate
 * before its third sample, a silence or a stuck value that has not lasted long enough in this boot.
 */

import type { Quantity } from '../sensors/sensor.ts';
import type { AfterAlarm, AlarmState } from './alarm-state.ts';
import type { Rule } from './rule.ts';
import { Slope } from './slope.ts';
import { UNUSUAL_FROM, type Unusual } from './unusual/unusual.ts';

/** Where an alarm stands, as it is kept over restarts. */
export interface KeptAlarm {
  readonly name: string;
  readonly state: AlarmState;
  readonly isOn: boolean;
  readonly sinceS: number;
  readonly untilS: number;
  readonly shelfS: number;
  /** The number of the message that told so. */
  readonly sequence: number;
}

const NEVER = Number.POSITIVE_INFINITY;
const HOLDS = 1;
const IS_OVER = 0;
const UNKNOWN = -1;
/**
 * An alarm that was raised so often without a rest is over only when so long a time has passed for
 * each: a value that trembles around its limit would wear the flash out, and its reader.
 */
const RAISES_MAX = 6;
const RAISE_COST_MS = 600_000;
/** Of a rate, which no last decimal describes: the dead band, as a part of the limit. */
const RATE_BAND = 0.1;

export class RuleAlarm {
  readonly rule: Rule;
  /** Decimals with which the value is published. */
  readonly decimals: number;
  /** Tells what is unusual; undefined where the rule does not ask for it. */
  readonly detector: Unusual | undefined;
  state: AlarmState = 'normal';
  /** What the rule says holds, with its delays; an alarm that is shelved still knows. */
  isOn = false;
  /** What was judged last: a value, or a rate per minute; NaN for nothing. */
  value = Number.NaN;
  /** Since when it holds, and until when the alarm is shelved, in Unix seconds; 0: not known. */
  sinceS = 0;
  untilS = 0;
  /** For how many seconds it was shelved. */
  shelfS = 0;
  /** The number of the message that told its state, and whether that is still to be told. */
  sequence = 0;
  isUntold = false;
  private readonly hysteresis: number;
  private readonly slope: Slope | undefined;
  private sinceAt = Number.NaN;
  private shelfEndsAt = NEVER;
  /** Since when the rule has held, or has not, without its delay being over; Infinity: neither. */
  private riseAt = NEVER;
  private fallAt = NEVER;
  /** Raises have been paid for up to this time. */
  private paidUntil = Number.NEGATIVE_INFINITY;
  /** When there was a value last, and how often the same one has come. */
  private lastAt: number;
  private last = Number.NaN;
  private same = 0;

  /** @param at now, in monotonic milliseconds, as in all that follows */
  constructor(
    rule: Rule,
    { decimals }: Pick<Quantity, 'decimals'>,
    detector: Unusual | undefined,
    at: number,
  ) {
    const isRate = rule.kind === 'rate';
    this.rule = rule;
    this.detector = detector;
    this.decimals = isRate ? Math.min(decimals + 1, 6) : decimals;
    const band = isRate ? rule.limit * RATE_BAND : 2 / 10 ** decimals;
    this.hysteresis = Number.isNaN(rule.hysteresis) ? band : rule.hysteresis;
    this.slope = isRate ? new Slope() : undefined;
    this.lastAt = at;
  }

  /**
   * Judges one sample.
   * @param value NaN: the sensor gave none
   * @param wallS Unix seconds; 0 where the time is not known
   * @returns whether the state is another one now
   */
  judge(value: number, at: number, wallS: number): boolean {
    const { state } = this;
    this.delay(this.look(value, at, wallS), at, wallS);
    if (state === 'shelved') {
      const isTime = wallS > 0 && this.untilS > 0 && wallS >= this.untilS;
      if (at < this.shelfEndsAt && !isTime) return false;
      this.untilS = this.shelfS = 0;
      this.state = (this.isOn ? 'active' : 'normal') satisfies AfterAlarm<typeof state>;
    } else if (this.isOn) {
      if (state === 'active' || state === 'acknowledged') return false;
      this.state = 'active' satisfies AfterAlarm<typeof state>;
    } else if (state === 'active') {
      const after = this.rule.isLatched ? 'cleared' : 'normal';
      this.state = after satisfies AfterAlarm<typeof state>;
    } else if (state === 'acknowledged') this.state = 'normal' satisfies AfterAlarm<typeof state>;
    else return false;
    return true;
  }

  /** Somebody has seen it. @returns as above */
  acknowledge(): boolean {
    const { state } = this;
    if (state === 'active') this.state = 'acknowledged' satisfies AfterAlarm<typeof state>;
    else if (state === 'cleared') this.state = 'normal' satisfies AfterAlarm<typeof state>;
    else return false;
    return true;
  }

  /** Nothing is to be heard of it for so long, also where it was shelved before. */
  shelve(seconds: number, at: number, wallS: number): void {
    this.shelfS = seconds;
    this.shelfEndsAt = at + seconds * 1000;
    this.untilS = wallS > 0 ? wallS + seconds : 0;
    this.state = 'shelved' satisfies AfterAlarm<Exclude<AlarmState, 'shelved'>>;
  }

  /**
   * Goes on where it stood before a restart. Without the time, a shelf begins anew, and ends early
   * once the time is known and says so.
   */
  restore(kept: KeptAlarm, at: number): void {
    const { state } = kept;
    this.isOn = kept.isOn;
    this.sinceS = kept.sinceS;
    this.untilS = kept.untilS;
    this.shelfS = kept.shelfS;
    this.sequence = kept.sequence;
    if (state === 'shelved') this.shelfEndsAt = at + kept.shelfS * 1000;
    if (state !== 'normal') this.state = state satisfies AfterAlarm<'normal'>;
  }

  /** The delays, and the dead band of how often. */
  private delay(verdict: number, at: number, wallS: number): void {
    if (wallS > 0 && this.sinceS === 0 && this.isOn) this.sinceS = this.secondOf(at, wallS);
    if (verdict === UNKNOWN) return;
    if (verdict === HOLDS) {
      this.fallAt = NEVER;
      if (this.isOn) return;
      if (this.riseAt === NEVER) this.riseAt = at;
      if (at - this.riseAt < this.rule.forMs) return;
      this.isOn = true;
      this.sinceAt = this.riseAt;
      this.sinceS = wallS > 0 ? this.secondOf(at, wallS) : 0;
      this.paidUntil = Math.max(this.paidUntil, at - RAISES_MAX * RAISE_COST_MS) + RAISE_COST_MS;
      return;
    }
    this.riseAt = NEVER;
    if (!this.isOn) return;
    if (this.fallAt === NEVER) this.fallAt = at;
    if (at - this.fallAt >= this.rule.clearMs && at >= this.paidUntil) this.isOn = false;
  }

  /** When it began, in Unix seconds; 0 where that was before this boot. */
  private secondOf(at: number, wallS: number): number {
    const seconds = Math.round((at - this.sinceAt) / 1000);
    return Number.isNaN(seconds) ? 0 : wallS - seconds;
  }

  /** Whether what the rule says holds now. */
  private look(value: number, at: number, wallS: number): number {
    const { rule, isOn } = this;
    const { kind } = rule;
    if (Number.isNaN(value)) {
      if (kind !== 'silent') return UNKNOWN;
      this.value = value;
      return at - this.lastAt >= rule.limit * 1000 ? HOLDS : UNKNOWN;
    }
    this.lastAt = at;
    this.value = value;
    const limit = isOn ? rule.limit - this.hysteresis : rule.limit;
    switch (kind) {
      case 'high':
        return value > limit ? HOLDS : IS_OVER;
      case 'low':
        return value < (isOn ? rule.limit + this.hysteresis : rule.limit) ? HOLDS : IS_OVER;
      case 'silent':
        return IS_OVER;
      case 'stuck':
        return this.lookForStuck(value);
      case 'unusual':
        return this.lookForUnusual(value, at, wallS);
      case 'rate': {
        const slope = this.slope as Slope;
        slope.add(value, at);
        this.value = slope.perMinute;
        if (Number.isNaN(this.value)) return UNKNOWN;
        return Math.abs(this.value) > limit ? HOLDS : IS_OVER;
      }
    }
  }

  /** Announced once, it is over at the next sample: the time after which it is told so is the rule's. */
  private lookForUnusual(value: number, at: number, wallS: number): number {
    const isWall = wallS > 0;
    const grade = (this.detector as Unusual).sample(value, isWall ? wallS : at / 1000, isWall);
    return grade >= UNUSUAL_FROM ? HOLDS : IS_OVER;
  }

  private lookForStuck(value: number): number {
    const isFirst = Number.isNaN(this.last);
    this.same = value === this.last ? this.same + 1 : 1;
    this.last = value;
    if (this.same >= this.rule.limit) return HOLDS;
    return isFirst || this.same > 1 ? UNKNOWN : IS_OVER;
  }
}
