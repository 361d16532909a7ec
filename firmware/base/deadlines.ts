/**
 * What is due when, for whoever owns one alarm: a fixed list of timers in one array. A component
 * sets its own timer when that changes; the owner asks for the earliest of them all.
 *
 * Which timers count is a range of the list: whoever leaves counts fewer. Of those that are for
 * messages, one that has passed does not count: its message waits for the link, and no alarm would
 * help.
 */

/** A device's, in the order of the ranges that count together. */
export const Timer = Object.freeze({
  /** At work: the next sample, the next diagnostics, the next kind of message to try. */
  sampler: 0,
  report: 1,
  kinds: 2,
  /** As long as it runs. */
  link: 3,
  outbox: 4,
  /** What is under way ends: the present part of a goodbye, or a check of settings. */
  limit: 5,
  /** Messages, while the link is online. */
  status: 6,
  history: 7,
  document: 8,
} as const);

const NEVER = Number.POSITIVE_INFINITY;
const NONE = -1;

export class Deadlines {
  /** By timer, in the owner's milliseconds; Infinity where nothing is due. To be read only. */
  readonly at: Float64Array;
  private readonly messages: number;
  private from = 0;
  private to: number;
  /** The earliest of those that count, and whose it is. None of the others is before `rest`. */
  private earliest = NEVER;
  private first = NONE;
  private rest = NEVER;

  /**
   * None is set. @param timers how many there are @param messages the first that is for a message
   */
  constructor(timers: number, messages = timers) {
    this.at = new Float64Array(timers).fill(NEVER);
    this.messages = messages;
    this.to = timers;
  }

  /** Of a device. */
  static ofDevice(): Deadlines {
    return new Deadlines(Timer.document + 1, Timer.status);
  }

  /** @param at Infinity: never */
  set(timer: number, at: number): void {
    if (this.at[timer] === at) return;
    this.at[timer] = at;
    if (timer === this.first) this.earliest = at;
    else if (at < this.rest && timer >= this.from && timer < this.to) this.rest = at;
  }

  /** From now on the timers of `[from, to)` count. */
  count(from: number, to: number): void {
    if (from === this.from && to === this.to) return;
    this.from = from;
    this.to = to;
    this.earliest = NEVER;
    this.first = NONE;
    this.rest = Number.NEGATIVE_INFINITY;
  }

  /** When the earliest timer is due that counts; Infinity for never. */
  next(now: number): number {
    if (this.earliest > this.rest || (this.earliest <= now && this.first >= this.messages)) {
      this.look(now);
    }
    return this.earliest;
  }

  private look(now: number): void {
    const at = this.at;
    const to = this.to;
    const messages = this.messages;
    let earliest = NEVER;
    let first = NONE;
    let rest = NEVER;
    let due = NEVER;
    let timer = this.from;
    while (timer < to) {
      due = at[timer];
      if (due < rest && (due > now || timer < messages)) {
        if (due < earliest) {
          rest = earliest;
          earliest = due;
          first = timer;
        } else rest = due;
      }
      timer++;
    }
    this.earliest = earliest;
    this.first = first;
    this.rest = rest;
  }
}
