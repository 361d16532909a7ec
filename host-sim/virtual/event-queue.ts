/**
 * The one event queue of the deterministic world.
 *
 * Events run in the order (time, insertion). Nothing here reads a wall clock, sets a real timer or
 * draws a random number, so the same calls give the same order on every machine.
 *
 * Invariants: `now` never goes back; an event asked for in the past runs at `now`, after those
 * already waiting for `now`; a cancelled event is removed at once and never runs; `step` is not
 * re-entered from an event.
 */

/** An event that waits in the queue. */
export interface Scheduled {
  /** When it runs, in world milliseconds. */
  readonly time: number;
  /** Whether it still waits: neither run nor cancelled. */
  readonly pending: boolean;
  /** Removes it; idempotent. */
  cancel(): void;
}

/** Told before each event runs: its time and its ordinal in the order of insertion. */
export type TraceHook = (time: number, ordinal: number) => void;

const NOT_QUEUED = -1;
const EVENTS_AT_ONCE_MAX = 100_000;

class Entry implements Scheduled {
  readonly time: number;
  readonly ordinal: number;
  readonly run: () => void;
  index = NOT_QUEUED;
  readonly #queue: EventQueue;

  constructor(queue: EventQueue, time: number, ordinal: number, run: () => void) {
    this.#queue = queue;
    this.time = time;
    this.ordinal = ordinal;
    this.run = run;
  }

  get pending(): boolean {
    return this.index !== NOT_QUEUED;
  }

  cancel(): void {
    if (this.index !== NOT_QUEUED) this.#queue.discard(this);
  }
}

function before(a: Entry, b: Entry): boolean {
  return a.time < b.time || (a.time === b.time && a.ordinal < b.ordinal);
}

export class EventQueue {
  /** Called before every event; for traces and state hashes. */
  trace: TraceHook | undefined;
  /** Places from `#size` on are empty: an array that shrinks and grows is made anew each time. */
  readonly #heap: (Entry | undefined)[] = [];
  #size = 0;
  #now: number;
  #ordinal = 0;
  #executed = 0;
  #running = false;
  /** Events of `runUntil` since the time has moved. */
  #atOnce = 0;

  /** @param startMs world time at the start, in milliseconds. */
  constructor(startMs = 0) {
    this.#now = startMs;
  }

  /** World time in milliseconds. */
  get now(): number {
    return this.#now;
  }

  /** How many events have run. */
  get executed(): number {
    return this.#executed;
  }

  /** How many events wait. */
  get waiting(): number {
    return this.#size;
  }

  /** When the next event runs, or Infinity. */
  get nextTime(): number {
    return this.#size === 0 ? Number.POSITIVE_INFINITY : (this.#heap[0] as Entry).time;
  }

  /**
   * Schedules `run` at world time `time` (ms); a time in the past counts as now.
   * @throws RangeError for a time that is not finite: such an event would never run.
   */
  at(time: number, run: () => void): Scheduled {
    if (!Number.isFinite(time)) throw new RangeError(`event time ${time} is not finite`);
    const entry = new Entry(this, Math.max(time, this.#now), this.#ordinal, run);
    this.#ordinal += 1;
    this.#size += 1;
    this.#rise(entry, this.#size - 1);
    return entry;
  }

  /** Schedules `run` `delayMs` from now. */
  after(delayMs: number, run: () => void): Scheduled {
    return this.at(this.#now + delayMs, run);
  }

  /**
   * Runs the next event, moving `now` to its time.
   * @returns false when none waits.
   * @throws Error when called from inside an event.
   */
  step(): boolean {
    if (this.#running) throw new Error('the queue was stepped from inside an event');
    const entry = this.#heap[0];
    if (entry === undefined) return false;
    this.discard(entry);
    this.#now = entry.time;
    this.#executed += 1;
    if (this.trace !== undefined) this.trace(entry.time, entry.ordinal);
    this.#running = true;
    try {
      entry.run();
    } finally {
      this.#running = false;
    }
    return true;
  }

  /**
   * With a number: runs every event up to that time, inclusive, and leaves `now` there.
   * With a predicate: steps until it holds, but not past `limitMs`.
   * @returns whether the time was reached, or the predicate holds.
   * @throws Error when event follows event and the time stands still: an alarm, say, that spins.
   */
  runUntil(goal: number | (() => boolean), limitMs = Number.POSITIVE_INFINITY): boolean {
    if (typeof goal === 'number') {
      while (this.nextTime <= goal) this.#advance();
      if (goal > this.#now) this.#now = goal;
      return true;
    }
    while (!goal()) {
      if (this.nextTime > limitMs || !this.#advance()) return false;
    }
    return true;
  }

  #advance(): boolean {
    const before = this.#now;
    const hasRun = this.step();
    this.#atOnce = this.#now === before ? this.#atOnce + 1 : 0;
    if (this.#atOnce > EVENTS_AT_ONCE_MAX) {
      throw new Error(`${EVENTS_AT_ONCE_MAX} events, and the time stands still`);
    }
    return hasRun;
  }

  /** Runs `durationMs` of world time. */
  runFor(durationMs: number): void {
    this.runUntil(this.#now + durationMs);
  }

  /** Takes an entry out of the heap; `Scheduled.cancel` is the public way. */
  discard(entry: Entry): void {
    const heap = this.#heap;
    const hole = entry.index;
    entry.index = NOT_QUEUED;
    this.#size -= 1;
    const last = heap[this.#size] as Entry;
    heap[this.#size] = undefined;
    if (last === entry) return;
    if (hole > 0 && before(last, heap[(hole - 1) >> 1] as Entry)) this.#rise(last, hole);
    else this.#sink(last, hole);
  }

  #rise(entry: Entry, from: number): void {
    const heap = this.#heap;
    let index = from;
    while (index > 0) {
      const parent = heap[(index - 1) >> 1] as Entry;
      if (!before(entry, parent)) break;
      heap[index] = parent;
      parent.index = index;
      index = (index - 1) >> 1;
    }
    heap[index] = entry;
    entry.index = index;
  }

  #sink(entry: Entry, from: number): void {
    const heap = this.#heap;
    const size = this.#size;
    let index = from;
    for (;;) {
      let at = 2 * index + 1;
      if (at >= size) break;
      let child = heap[at] as Entry;
      const other = heap[at + 1];
      if (other !== undefined && before(other, child)) {
        child = other;
        at += 1;
      }
      if (!before(child, entry)) break;
      heap[index] = child;
      child.index = index;
      index = at;
    }
    heap[index] = entry;
    entry.index = index;
  }
}
