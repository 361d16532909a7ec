/**
 * One lane's window: the records that were handed out and are not yet folded into the tail.
 *
 * A queue in ascending order, of at most `limit` records that are open. Records may be closed in
 * any order; they leave from the front only, so that the tail behind them is contiguous. Closed
 * neighbours are one entry, a run: a record that stays open for long holds its own place only, up
 * to SPAN_MAX records before the youngest.
 */

/** The outcome of a record. */
export const Outcome = Object.freeze({ open: 0, delivered: 1, refused: 2, dropped: 3 } as const);
export type Outcome = (typeof Outcome)[keyof typeof Outcome];

/** From the oldest record in a window to the youngest, in records, at most: see `maybeSent`. */
export const SPAN_MAX = 128;
/** A run's third cell, and what one refused or dropped record adds to it: at most SPAN_MAX of each. */
const CLOSED = 1;
const REFUSED = 0x100;
const DROPPED = 0x1_0000;
/** Runs between open records for which there is room in any case. */
const RUNS = 4;

export class Window {
  readonly limit: number;
  /** Entries held, runs of closed records included. */
  count = 0;
  /** Records held that are open. */
  open = 0;
  /** Records held that are closed. */
  closed = 0;
  /** The index of the entry last handed out; -1 once that is put back, rewound or gone. */
  last = -1;
  private readonly capacity: number;
  /**
   * By entry three cells, in one array for its overhead: the first record's ordinal; the sequence
   * number of an open one, the last record's ordinal of a run; 0 for open, else CLOSED with how
   * many of a run were refused and dropped.
   */
  private readonly cells: Uint32Array;
  private first = 0;
  /** The entry from which open ones are handed out again; `count` when all are out. */
  private again = 0;

  constructor(limit: number) {
    this.limit = limit;
    this.capacity = limit + RUNS;
    this.cells = new Uint32Array(3 * this.capacity);
  }

  /** Whether no further record may be handed out. */
  get isFull(): boolean {
    if (this.open >= this.limit) return true;
    if (this.closed === 0) return false;
    if (this.count >= this.capacity) return true;
    return this.lastOf(this.count - 1) - this.ordinal(0) + 1 >= SPAN_MAX;
  }

  /** Hands out an open entry anew, if one waits. @returns its ordinal, or 0. */
  retake(): number {
    while (this.again < this.count) {
      const index = this.again++;
      const slot = this.slot(index);
      if (this.cells[slot + 2] !== 0) continue;
      this.last = index;
      return this.cells[slot];
    }
    return 0;
  }

  /** Adds an entry at the back and hands it out, to be named or closed. Only while the window is not full. */
  push(ordinal: number): void {
    const slot = this.slot(this.count);
    this.cells[slot] = ordinal;
    this.cells[slot + 2] = 0;
    this.last = this.count;
    this.count += 1;
    this.open += 1;
    this.again = this.count;
  }

  /** Notes the sequence number of the entry last handed out. */
  name(sequence: number): void {
    this.cells[this.slot(this.last) + 1] = sequence;
  }

  /** The entry last handed out is the next to go again. */
  putBack(): void {
    if (this.last >= 0) this.again = this.last;
    this.last = -1;
  }

  /** Every open entry will be handed out again. */
  rewind(): void {
    this.again = 0;
    this.last = -1;
  }

  /** The index of the open entry with this sequence number, or -1. */
  find(sequence: number): number {
    for (let index = 0; index < this.count; index += 1) {
      const slot = this.slot(index);
      if (this.cells[slot + 1] !== sequence) continue;
      if (this.cells[slot + 2] === 0) return index;
    }
    return -1;
  }

  ordinal(index: number): number {
    return this.cells[this.slot(index)];
  }

  /** The ordinal of an entry's last record. */
  lastOf(index: number): number {
    const slot = this.slot(index);
    return this.cells[this.cells[slot + 2] === 0 ? slot : slot + 1];
  }

  isOpen(index: number): boolean {
    return this.cells[this.slot(index) + 2] === 0;
  }

  /** Whether a record of the run at the front was not delivered. */
  get hasLosses(): boolean {
    return this.cells[3 * this.first + 2] !== CLOSED;
  }

  /** How many records of the run at the front were refused. */
  get frontRefused(): number {
    return (this.cells[this.slot(0) + 2] >> 8) & 0xff;
  }

  /** How many records of the run at the front were dropped. */
  get frontDropped(): number {
    return this.cells[this.slot(0) + 2] >> 16;
  }

  close(index: number, outcome: Outcome): void {
    const slot = this.slot(index);
    this.cells[slot + 1] = this.cells[slot];
    let state = CLOSED;
    if (outcome === Outcome.refused) state += REFUSED;
    if (outcome === Outcome.dropped) state += DROPPED;
    this.cells[slot + 2] = state;
    this.open -= 1;
    this.closed += 1;
    this.merge(index);
    if (index > 0) this.merge(index - 1);
  }

  /** Takes the front entry away, open or closed. */
  shift(): void {
    const cells = this.cells;
    const slot = 3 * this.first;
    if (cells[slot + 2] === 0) this.open -= 1;
    else this.closed -= cells[slot + 1] - cells[slot] + 1;
    this.first = (this.first + 1) % this.capacity;
    this.count -= 1;
    if (this.again > 0) this.again -= 1;
    if (this.last >= 0) this.last -= 1;
  }

  /**
   * Takes what lies below `ordinal` out of the run at the front, which reaches beyond it. Which of
   * its records were refused or dropped is not known: as many as can be are left in the rest.
   */
  trim(ordinal: number): void {
    const slot = this.slot(0);
    const left = this.cells[slot + 1] + 1 - ordinal;
    const dropped = Math.min(this.frontDropped, left);
    const refused = Math.min(this.frontRefused, left - dropped);
    this.closed -= ordinal - this.cells[slot];
    this.cells[slot] = ordinal;
    this.cells[slot + 2] = CLOSED + refused * REFUSED + dropped * DROPPED;
  }

  /** Joins an entry with the one behind it, where both are closed and next to each other. */
  private merge(index: number): void {
    // Only cheaper: what lies behind the last entry is older, and is not joined either way.
    if (index + 1 >= this.count || this.isOpen(index) || this.isOpen(index + 1)) return;
    if (this.lastOf(index) + 1 !== this.ordinal(index + 1)) return;
    const into = this.slot(index);
    const gone = this.slot(index + 1);
    this.cells[into + 1] = this.cells[gone + 1];
    this.cells[into + 2] += this.cells[gone + 2] - CLOSED;
    for (let i = index + 1; i + 1 < this.count; i += 1) {
      const slot = this.slot(i);
      const from = this.slot(i + 1);
      this.cells[slot] = this.cells[from];
      this.cells[slot + 1] = this.cells[from + 1];
      this.cells[slot + 2] = this.cells[from + 2];
    }
    this.count -= 1;
    if (this.again > index + 1) this.again -= 1;
    if (this.last > index) this.last -= 1;
  }

  /** Where an entry's cells begin. */
  private slot(index: number): number {
    return 3 * ((this.first + index) % this.capacity);
  }
}
