/** The window beside a plain list of records, in each step of random lives. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Outcome, SPAN_MAX, Window } from '../../../firmware/outbox/window.ts';
import { SeededRandom } from '../../../host-sim/virtual/random.ts';

interface Item {
  readonly ordinal: number;
  readonly sequence: number;
  outcome: Outcome;
  isOut: boolean;
}

/** Runs of closed neighbours, and open records one by one: what the entries of a window are. */
function entriesOf(items: readonly Item[]): Item[][] {
  const entries: Item[][] = [];
  for (const item of items) {
    const before = entries.at(-1)?.at(-1);
    const isRun =
      before !== undefined &&
      before.outcome !== Outcome.open &&
      item.outcome !== Outcome.open &&
      before.ordinal + 1 === item.ordinal;
    if (isRun) entries.at(-1)?.push(item);
    else entries.push([item]);
  }
  return entries;
}

const countOf = (items: readonly Item[], outcome: Outcome) =>
  items.filter((item) => item.outcome === outcome).length;

class Life {
  private readonly window: Window;
  private readonly limit: number;
  private readonly random: SeededRandom;
  /** All records are of this lane, and the oldest stays for long. */
  private readonly isDense: boolean;
  private items: Item[] = [];
  private nextOrdinal = 1;
  private last: Item | undefined;
  /** How often the window was full for its span, for its open ones, and for want of entries. */
  readonly full = { span: 0, open: 0, entries: 0 };

  constructor(limit: number, seed: number, isDense: boolean) {
    this.isDense = isDense;
    this.limit = limit;
    this.window = new Window(limit);
    this.random = new SeededRandom(seed);
  }

  step(): void {
    const { random, window } = this;
    const step = random.below(100);
    if (step < 45) this.handOut();
    else if (step < 75) this.close();
    else if (step < 84) this.leave();
    else if (step < 90) {
      window.putBack();
      if (this.last !== undefined) this.last.isOut = false;
      this.forget();
    } else if (step < 93) {
      window.rewind();
      for (const item of this.items) item.isOut = false;
      this.forget();
    } else if (step < 96) this.trim();
    this.compare();
  }

  /** The last one is no longer known; all behind it go again, too. */
  private forget(): void {
    const first = this.items.findIndex(({ isOut, outcome }) => !isOut && outcome === Outcome.open);
    if (first >= 0) for (const item of this.items.slice(first)) item.isOut = false;
    this.last = undefined;
  }

  private handOut(): void {
    const { window, items } = this;
    const waiting = items.find(({ isOut, outcome }) => !isOut && outcome === Outcome.open);
    assert.equal(window.retake(), waiting?.ordinal ?? 0);
    if (waiting !== undefined) {
      waiting.isOut = true;
      this.last = waiting;
      return;
    }
    assert.equal(window.isFull, this.isFull());
    if (window.isFull) return;
    // Now and then some lie between that are none of this lane's.
    this.nextOrdinal +=
      !this.isDense && this.random.below(12) === 0 ? 1 + this.random.below(30) : 0;
    const ordinal = this.nextOrdinal++;
    const sequence = 1_000 + ordinal;
    window.push(ordinal);
    window.name(sequence);
    this.last = { ordinal, sequence, outcome: Outcome.open, isOut: true };
    items.push(this.last);
  }

  private isFull(): boolean {
    const { items, limit, full } = this;
    if (countOf(items, Outcome.open) >= limit) {
      full.open += 1;
      return true;
    }
    if (countOf(items, Outcome.open) === items.length) return false;
    // Room for four runs between the open ones.
    if (entriesOf(items).length >= limit + 4) {
      full.entries += 1;
      return true;
    }
    const isSpan = items[items.length - 1].ordinal - items[0].ordinal + 1 >= SPAN_MAX;
    if (isSpan) full.span += 1;
    return isSpan;
  }

  private close(): void {
    const { window, items, random } = this;
    const all = items.filter(({ outcome }) => outcome === Outcome.open);
    const open = this.isDense && random.below(200) > 0 ? all.slice(1) : all;
    const item = open[open.length - 1 - random.below(Math.max(1, Math.min(open.length, 3)))];
    if (item === undefined || random.below(8) === 0) return;
    const index = window.find(item.sequence);
    assert.equal(window.ordinal(index), item.ordinal);
    const outcomes = [Outcome.delivered, Outcome.refused, Outcome.dropped] as const;
    item.outcome = outcomes[random.below(3)];
    window.close(index, item.outcome);
  }

  private leave(): void {
    const [front] = entriesOf(this.items);
    if (this.isDense && this.random.below(40) > 0) return;
    if (front === undefined || (front[0].outcome === Outcome.open && this.random.below(3) > 0))
      return;
    this.window.shift();
    this.items = this.items.slice(front.length);
    if (this.last !== undefined && !this.items.includes(this.last)) this.last = undefined;
  }

  /** Takes records of the front run away; as many losses as can be are left. */
  private trim(): void {
    const [front] = entriesOf(this.items);
    if (front === undefined || front.length < 2 || front[0].outcome === Outcome.open) return;
    const gone = 1 + this.random.below(front.length - 1);
    this.window.trim(front[gone].ordinal);
    const left = front.slice(gone);
    const dropped = Math.min(countOf(front, Outcome.dropped), left.length);
    const refused = Math.min(countOf(front, Outcome.refused), left.length - dropped);
    for (const [i, item] of left.entries()) {
      if (i < dropped) item.outcome = Outcome.dropped;
      else item.outcome = i < dropped + refused ? Outcome.refused : Outcome.delivered;
    }
    this.items = this.items.slice(gone);
    if (this.last !== undefined && !this.items.includes(this.last)) this.last = undefined;
  }

  private compare(): void {
    const { window, items } = this;
    const entries = entriesOf(items);
    assert.equal(window.count, entries.length);
    assert.equal(window.open, countOf(items, Outcome.open));
    assert.equal(window.closed, items.length - window.open);
    for (const [index, entry] of entries.entries()) {
      const isOpen = entry[0].outcome === Outcome.open;
      assert.equal(window.isOpen(index), isOpen);
      assert.equal(window.ordinal(index), entry[0].ordinal);
      assert.equal(window.lastOf(index), entry[entry.length - 1].ordinal);
      for (const { sequence } of entry) assert.equal(window.find(sequence), isOpen ? index : -1);
    }
    const [front] = entries;
    if (front === undefined || front[0].outcome === Outcome.open) return;
    assert.equal(window.frontDropped, countOf(front, Outcome.dropped));
    assert.equal(window.frontRefused, countOf(front, Outcome.refused));
    assert.equal(window.hasLosses, countOf(front, Outcome.delivered) < front.length);
  }
}

for (const limit of [1, 2, 3, 8]) {
  test(`a window of ${limit} is a list of records, of which closed neighbours take one place`, () => {
    const full = { span: 0, open: 0, entries: 0 };
    for (let seed = 1; seed <= 3; seed++) {
      const life = new Life(limit, seed, seed % 2 === 0);
      for (let i = 0; i < 600; i++) life.step();
      for (const key of ['span', 'open', 'entries'] as const) full[key] += life.full[key];
    }
    assert.ok(full.open > 0);
    // With enough open ones the window gets as long as it may be.
    if (limit === 8) assert.ok(full.span > 0);
  });
}
