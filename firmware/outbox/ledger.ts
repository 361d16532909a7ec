/**
 * The books of one log: which of its records are finished (delivered, refused or dropped).
 *
 * Records are counted by their ordinal in the log: 1, 2, 3 … without holes. The ledger holds no
 * record and touches no storage; its memory is fixed.
 *
 *        finished          backlog, with finished        live       not handed
 *                          ranges of earlier lines     finished      out yet
 *   1 ─────────────── tail ────[from..to)────────── mark ───── liveTail ───── head
 *
 * Invariants: tail <= mark <= liveTail <= head; ranges ascend, do not touch and lie in
 * (tail, mark); without a backlog tail = mark = liveTail. A `startLive` for which no range is left
 * keeps the old line: order within the lane is then oldest first, and nothing is sent twice.
 *
 * A record set aside is passed over by both lanes as if it were finished, and is not: it counts in
 * the depth, a stored state leaves it out of the finished ranges (it takes room for one there), and
 * its storage is kept until the log needs it.
 */

import {
  ASIDE_AT,
  ASIDE_MAX,
  CELLS,
  COUNT_AT,
  indexOfTurn,
  insertAside,
  nextTurn,
  removeAside,
  TURN_AT,
} from './asides.ts';
import { type LedgerState, RANGES_MAX, storeRun } from './ledger-state.ts';
import { Outcome, Window } from './window.ts';

export class Ledger {
  /** The ordinal that the next record gets. */
  head = 1;
  /** All records below are finished. */
  tail = 1;
  dropped = 0;
  refused = 0;
  /** Endings that no stored state tells of yet. */
  unsaved = 0;
  /** A new line is not stored yet: until it is, `maybeSent` would not know what went out above. */
  lineUnsaved = false;
  readonly old: Window;
  readonly live: Window;
  // One buffer for both `bounds` and `sent`: on XS it costs more than their content.
  private readonly bounds = new Uint32Array(CELLS + RANGES_MAX + 1).subarray(0, CELLS);
  private ranges = 0;
  private mark = 1;
  private liveTail = 1;
  private oldCursor = 1;
  private liveCursor = 1;
  /** Where `startLive` wants the line; 0 for nothing wanted. */
  private wanted = 0;
  /** What the stored state may claim: only endings behind the tails, not those inside windows. */
  private foldedDropped = 0;
  private foldedRefused = 0;
  /** What an earlier boot may have sent lies below `sentHead`, close above one of these. */
  private readonly sent = new Uint32Array(this.bounds.buffer, 4 * CELLS);
  private sentSpan = 0;
  private sentHead = 1;

  /** @param window records that may be in flight per lane. */
  constructor(window: number) {
    this.old = new Window(window);
    this.live = new Window(window);
  }

  /** Records neither delivered nor refused nor dropped. */
  get depth(): number {
    let finished = this.liveTail - this.mark + this.old.closed + this.live.closed;
    for (let i = 0; i < this.ranges; i += 1) {
      finished += this.bounds[2 * i + 1] - this.bounds[2 * i];
    }
    return this.head - this.tail - finished + this.aside;
  }

  /** Records that are set aside. */
  get aside(): number {
    return this.bounds[COUNT_AT];
  }

  /** The ordinal of the one that was taken last. */
  get asideTurn(): number {
    return this.bounds[TURN_AT];
  }

  /** Everything below is finished and may lose its storage. */
  get keptFrom(): number {
    return this.aside === 0 ? this.tail : Math.min(this.tail, this.bounds[ASIDE_AT]);
  }

  get delivered(): number {
    return this.head - 1 - this.dropped - this.refused - this.depth;
  }

  get inFlight(): number {
    return this.old.open + this.live.open;
  }

  /** Draws the line between backlog and live at `head`, as soon as the live window is empty. */
  startLive(): void {
    this.wanted = this.head;
    this.drawLine();
  }

  /** The next record of a lane to hand out; it counts as in flight. @returns ordinal, or 0. */
  take(window: Window): number {
    const again = window.retake();
    if (again !== 0) return again;
    if (window.isFull) return 0;
    const ordinal = window === this.live ? this.takeLive() : this.takeOld();
    if (ordinal !== 0) window.push(ordinal);
    return ordinal;
  }

  /**
   * Whether a lane that gives nothing now has more, for when its window has room or the line is
   * drawn.
   */
  holdsBack(window: Window): boolean {
    return this.wanted !== 0 || window.isFull;
  }

  /** The oldest record that is not finished, or 0. */
  oldest(): number {
    const { aside, depth } = this;
    const first = aside === 0 ? this.head : this.bounds[ASIDE_AT];
    if (depth === aside) return depth === 0 ? 0 : first;
    return Math.min(first, this.oldestOf(this.tail < this.mark ? this.old : this.live));
  }

  /**
   * Sets the record at the front of a window aside, which is open.
   * @returns false when no stored state would have room for it: nothing has changed
   */
  setAside(window: Window): boolean {
    const ordinal = window.ordinal(0);
    const next = ordinal + 1;
    // A range that begins behind it is swallowed: after a reboot it is the one that it had made.
    const joined = this.ranges > 0 && window === this.old && this.bounds[0] === next ? 1 : 0;
    if (this.aside === ASIDE_MAX || !this.hasRoom(1 - joined)) return false;
    insertAside(this.bounds, ordinal);
    this.unsaved += 1;
    window.shift();
    if (window === this.old) this.tail = next;
    else this.liveTail = next;
    this.trimRanges();
    this.advance();
    return true;
  }

  /** The ordinal of a record set aside. @param index 0 to `aside` - 1, oldest first */
  asideAt(index: number): number {
    return this.bounds[ASIDE_AT + index];
  }

  /** The ordinal of the one set aside whose turn it is; 0 for none. They take turns. */
  takeAside(): number {
    return nextTurn(this.bounds);
  }

  /** Whether the one that was taken last still has its storage. */
  get isAsideKept(): boolean {
    return indexOfTurn(this.bounds) >= 0;
  }

  /** Ends the one that was taken last, which has its storage. */
  closeAside(outcome: Outcome): void {
    this.endAside(indexOfTurn(this.bounds), outcome);
  }

  /** Whether a record belongs to the backlog. */
  isBacklog(ordinal: number): boolean {
    return ordinal < this.mark;
  }

  /** The record last taken from this lane could not be read: it is dropped. */
  lose(window: Window): void {
    this.close(window, window.last, Outcome.dropped);
  }

  /** Ends a record in flight, by its index in a window. */
  close(window: Window, index: number, outcome: Outcome): void {
    window.close(index, outcome);
    if (outcome === Outcome.dropped) this.dropped += 1;
    if (outcome === Outcome.refused) this.refused += 1;
    this.advance();
  }

  /** Everything below `ordinal` is about to lose its storage: unfinished records are dropped. */
  evictBelow(ordinal: number): void {
    while (this.aside > 0 && this.asideAt(0) < ordinal) this.endAside(0, Outcome.dropped);
    if (ordinal <= this.tail) return;
    let lost = ordinal - this.tail - overlap(this.mark, this.liveTail, ordinal);
    for (let i = 0; i < this.ranges; i += 1) {
      lost -= overlap(this.bounds[2 * i], this.bounds[2 * i + 1], ordinal);
    }
    lost -= this.evictWindow(this.old, ordinal) + this.evictWindow(this.live, ordinal);
    this.dropped += lost;
    this.foldedDropped += lost;
    this.unsaved += 1;
    this.tail = ordinal;
    this.trimRanges();
    this.mark = Math.max(this.mark, this.tail);
    this.liveTail = Math.max(this.liveTail, this.mark);
    this.oldCursor = Math.max(this.oldCursor, this.tail);
    this.liveCursor = Math.max(this.liveCursor, this.liveTail);
    this.advance();
  }

  /** Fills `state` with what may be stored now; `saved` is to follow once it is. */
  save(state: LedgerState): void {
    state.dropped = this.foldedDropped;
    state.refused = this.foldedRefused;
    state.ranges = 0;
    this.store(state, 1, this.tail);
    for (let i = 0; i < this.ranges; i += 1) {
      this.store(state, this.bounds[2 * i], this.bounds[2 * i + 1]);
    }
    if (this.tail < this.mark) this.store(state, this.mark, this.liveTail);
  }

  saved(): void {
    this.unsaved = 0;
    this.lineUnsaved = false;
  }

  /**
   * Starts from a stored state: everything unfinished is backlog, or live where `oneLane`.
   * @param sentSpan how many records above a stored position an earlier boot may have sent.
   */
  restore(state: LedgerState, head: number, oneLane: boolean, sentSpan: number): void {
    this.head = head;
    this.tail = Math.min(state.tail, head);
    this.dropped = this.foldedDropped = state.dropped;
    this.refused = this.foldedRefused = state.refused;
    this.sent.fill(0);
    this.sent[0] = state.tail;
    for (let i = 0; i < state.ranges; i += 1) this.sent[i + 1] = state.bounds[2 * i + 1];
    this.sentSpan = sentSpan;
    this.sentHead = head;
    this.ranges = 0;
    for (let i = 0; i < state.ranges; i += 1) {
      this.addRange(state.bounds[2 * i], Math.min(state.bounds[2 * i + 1], head));
    }
    this.mark = this.liveTail = oneLane ? this.tail : head;
    if (this.ranges === RANGES_MAX) {
      this.ranges -= 1;
      this.mark = this.bounds[2 * this.ranges];
      this.liveTail = this.bounds[2 * this.ranges + 1];
    }
    this.oldCursor = this.tail;
    this.liveCursor = this.liveTail;
    this.advance();
  }

  /** Whether an earlier boot may have sent the record; true for more than were, never for fewer. */
  maybeSent(ordinal: number): boolean {
    if (ordinal >= this.sentHead) return false;
    for (let i = 0; i <= RANGES_MAX; i += 1) {
      const from = this.sent[i];
      if (from !== 0 && ordinal >= from && ordinal < from + this.sentSpan) return true;
    }
    return false;
  }

  /** Stores that [from, to) is finished, but for what was set aside; the first run begins at 1. */
  private store(state: LedgerState, from: number, to: number): void {
    let at = from;
    for (let i = 0; i < this.aside; i += 1) {
      const ordinal = this.asideAt(i);
      if (ordinal < at || ordinal >= to) continue;
      if (ordinal > at || at === 1) storeRun(state, at, ordinal);
      at = ordinal + 1;
    }
    // An empty one tells where a line was drawn.
    if (at < to || at === from) storeRun(state, at, to);
  }

  /** Whether a stored state has room for so many ranges more. */
  private hasRoom(more: number): boolean {
    const open = this.tail < this.mark ? 1 : 0;
    return this.ranges + open + this.aside + more <= RANGES_MAX;
  }

  private endAside(index: number, outcome: Outcome): void {
    removeAside(this.bounds, index);
    this.unsaved += 1;
    if (outcome === Outcome.dropped) {
      this.dropped += 1;
      this.foldedDropped += 1;
    }
    if (outcome === Outcome.refused) {
      this.refused += 1;
      this.foldedRefused += 1;
    }
  }

  /** The front of a window is always open; without one, the lane's first record waits. */
  private oldestOf(window: Window): number {
    if (window.count > 0) return window.ordinal(0);
    return window === this.old ? this.tail : this.liveTail;
  }

  private takeLive(): number {
    if (this.wanted !== 0 || this.liveCursor >= this.head) return 0;
    this.liveCursor += 1;
    return this.liveCursor - 1;
  }

  private takeOld(): number {
    this.oldCursor = Math.max(this.oldCursor, this.tail);
    for (let i = 0; i < this.ranges; i += 1) {
      if (this.oldCursor === this.bounds[2 * i]) this.oldCursor = this.bounds[2 * i + 1];
    }
    if (this.oldCursor >= this.mark) return 0;
    this.oldCursor += 1;
    return this.oldCursor - 1;
  }

  private drawLine(): void {
    if (this.live.count > 0) return;
    const line = this.wanted;
    this.wanted = 0;
    if (this.liveCursor >= line) return;
    const isOpen = this.tail < this.mark;
    const isNew = !isOpen || this.liveTail > this.mark;
    // The first record that is to be set aside finds room, however many lines there were.
    if (isNew && !this.hasRoom(this.aside === 0 ? 2 : 1)) return;
    if (isOpen && isNew) this.addRange(this.mark, this.liveTail);
    this.mark = this.liveTail = this.liveCursor = line;
    this.unsaved += 1;
    this.lineUnsaved = true;
  }

  /** Takes the run at the front of a window into the books. @returns its last ordinal */
  private foldFront(window: Window): number {
    const last = window.lastOf(0);
    if (window.hasLosses) {
      this.foldedDropped += window.frontDropped;
      this.foldedRefused += window.frontRefused;
    }
    const closed = window.closed;
    window.shift();
    this.unsaved += closed - window.closed;
    return last;
  }

  /** Moves both tails over what is closed, and joins them where the backlog has gone. */
  private advance(): void {
    while (this.old.count > 0 && !this.old.isOpen(0)) {
      this.tail = this.foldFront(this.old) + 1;
      this.trimRanges();
    }
    while (this.live.count > 0 && !this.live.isOpen(0)) {
      this.liveTail = this.foldFront(this.live) + 1;
    }
    this.trimRanges();
    if (this.tail >= this.mark) this.tail = this.mark = this.oldCursor = this.liveTail;
    if (this.wanted !== 0) this.drawLine();
  }

  /** Takes entries below `ordinal` out of a window. @returns how many were finished already. */
  private evictWindow(window: Window, ordinal: number): number {
    let finished = 0;
    while (window.count > 0 && window.ordinal(0) < ordinal) {
      if (window.isOpen(0)) {
        window.shift();
        continue;
      }
      const last = window.lastOf(0);
      finished += Math.min(last + 1, ordinal) - window.ordinal(0);
      if (last < ordinal) {
        this.foldFront(window);
        continue;
      }
      this.foldedDropped += window.frontDropped;
      this.foldedRefused += window.frontRefused;
      window.trim(ordinal);
      this.foldedDropped -= window.frontDropped;
      this.foldedRefused -= window.frontRefused;
    }
    return finished;
  }

  private addRange(from: number, to: number): void {
    if (to <= from || to <= this.tail) return;
    this.bounds[2 * this.ranges] = from;
    this.bounds[2 * this.ranges + 1] = to;
    this.ranges += 1;
  }

  /** Swallows the ranges that the tail has reached. */
  private trimRanges(): void {
    while (this.ranges > 0 && this.bounds[0] <= this.tail) {
      this.tail = Math.max(this.tail, this.bounds[1]);
      this.ranges -= 1;
      this.bounds.copyWithin(0, 2, ASIDE_AT);
    }
  }
}

/** How much of [from, to) lies below `limit`. */
function overlap(from: number, to: number, limit: number): number {
  return Math.max(0, Math.min(to, limit) - from);
}
