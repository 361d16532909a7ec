/**
 * A fixed list of timers in one array, for the owner of one alarm. Each component sets its own
 * timer; the owner asks for the earliest.
 *
 * Only the timers of a range count: a device that leaves counts fewer of them. A message's timer
 * that has passed does not count: the message waits for the link, and an alarm would not help.
 */

/** The timers of a device, in the order of the ranges that count together. */
export const Timer = Object.freeze({
  /**
   * At work: the next sample, the next diagnostics, the next kind of message to try, the settings
   * that came from afar.
   */
  sampler: 0,
  report: 1,
  kinds: 2,
  desired: 3,
  /** As long as it runs. */
  link: 4,
  outbox: 5,
  /** The limit of what is under way: a phase of a goodbye, or a check of settings. */
  limit: 6,
  /** Messages, while the link is online. */
  status: 7,
  history: 8,
  document: 9,
  settings: 10,
} as const);

/** How many those are. */
export const DEVICE_TIMERS = 11;

const NEVER = Number.POSITIVE_INFINITY;
const NONE = -1;

export class Deadlines {
  /** When each timer is due, in the owner's milliseconds; Infinity for never. Only for reading. */
  readonly at: Float64Array;
  private readonly messages: number;
  private from = 0;
  private to: number;
  /** The earliest time that counts, and its timer. No other timer is due before `rest`. */
  private earliest = NEVER;
  private first = NONE;
  private rest = NEVER;

  /**
   * Sets no timer.
   * @param timers their number
   * @param messages the first one that is for a message
   */
  constructor(timers: number, messages = timers) {
    this.at = new Float64Array(timers).fill(NEVER);
    this.messages = messages;
    this.to = timers;
  }

  /** Of a device. */
  static ofDevice(): Deadlines {
    return new Deadlines(DEVICE_TIMERS, Timer.status);
  }

  /** @param at Infinity: never */
  set(timer: number, at: number): void {
    if (this.at[timer] === at) return;
    this.at[timer] = at;
    if (timer === this.first) this.earliest = at;
    else if (at < this.rest && timer >= this.from && timer < this.to) this.rest = at;
  }

  /** Has only the timers of `[from, to)` count from now on. */
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
