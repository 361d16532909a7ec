/**
 * One lane's window: the records that were handed out and are not yet folded into the tail.
 *
 * A queue of at most `limit` entries in ascending order. Entries may be closed in any order; they
 * leave from the front only, so that the tail behind them is contiguous. Refuses more than `limit`.
 */

/** What became of an entry. */
export const Outcome = Object.freeze({ open: 0, delivered: 1, refused: 2, dropped: 3 } as const);
export type Outcome = (typeof Outcome)[keyof typeof Outcome];

export class Window {
  readonly limit: number;
  /** Entries held, closed ones included. */
  count = 0;
  /** Entries held that are closed. */
  closed = 0;
  /** The index of the entry last handed out; -1 once that is put back, rewound or gone. */
  last = -1;
  /** By entry its ordinal, its sequence number and its outcome: one array, for its overhead. */
  readonly #cells: Uint32Array;
  #first = 0;
  /** The entry from which open ones are handed out again; `count` when all are out. */
  #again = 0;

  constructor(limit: number) {
    this.limit = limit;
    this.#cells = new Uint32Array(3 * limit);
  }

  /** Hands out an open entry anew, if one waits. @returns its ordinal, or 0. */
  retake(): number {
    while (this.#again < this.count) {
      const index = this.#again++;
      const slot = this.#slot(index);
      if (this.#cells[slot + 2] !== Outcome.open) continue;
      this.last = index;
      return this.#cells[slot];
    }
    return 0;
  }

  /** Adds an entry at the back and hands it out. Only when `count` is below `limit`. */
  push(ordinal: number): void {
    const slot = this.#slot(this.count);
    this.#cells[slot] = ordinal;
    this.#cells[slot + 1] = 0;
    this.#cells[slot + 2] = Outcome.open;
    this.last = this.count;
    this.count += 1;
    this.#again = this.count;
  }

  /** Notes the sequence number of the entry last handed out. */
  name(sequence: number): void {
    this.#cells[this.#slot(this.last) + 1] = sequence;
  }

  /** The entry last handed out is the next to go again. */
  putBack(): void {
    if (this.last >= 0 && this.last < this.#again) this.#again = this.last;
    this.last = -1;
  }

  /** Every open entry will be handed out again. */
  rewind(): void {
    this.#again = 0;
    this.last = -1;
  }

  /** The index of the open entry with this sequence number, or -1. */
  find(sequence: number): number {
    for (let index = 0; index < this.count; index += 1) {
      const slot = this.#slot(index);
      if (this.#cells[slot + 1] !== sequence) continue;
      return this.#cells[slot + 2] === Outcome.open ? index : -1;
    }
    return -1;
  }

  ordinal(index: number): number {
    return this.#cells[this.#slot(index)];
  }

  outcome(index: number): Outcome {
    return this.#cells[this.#slot(index) + 2] as Outcome;
  }

  close(index: number, outcome: Outcome): void {
    this.#cells[this.#slot(index) + 2] = outcome;
    this.closed += 1;
  }

  /** Takes the front entry away, open or closed. */
  shift(): void {
    if (this.#cells[3 * this.#first + 2] !== Outcome.open) this.closed -= 1;
    this.#first = (this.#first + 1) % this.limit;
    this.count -= 1;
    if (this.#again > 0) this.#again -= 1;
    if (this.last >= 0) this.last -= 1;
  }

  /** Where an entry's cells begin. */
  #slot(index: number): number {
    return 3 * ((this.#first + index) % this.limit);
  }
}
