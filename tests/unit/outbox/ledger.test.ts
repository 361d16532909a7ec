/** The books of a log, beside a list in which each record has its own entry. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Ledger } from '../../../firmware/outbox/ledger.ts';
import {
  copyLedgerState,
  emptyLedgerState,
  isPlausible,
  type LedgerState,
} from '../../../firmware/outbox/ledger-state.ts';
import { Outcome, type Window } from '../../../firmware/outbox/window.ts';
import { SeededRandom } from '../../../host-sim/virtual/random.ts';

type Fate = 'waits' | 'out' | 'aside' | 'delivered' | 'refused' | 'dropped';
/** Not finished. */
const OPEN: readonly Fate[] = ['waits', 'out', 'aside'];
const OUTCOMES = [
  ['delivered', Outcome.delivered],
  ['refused', Outcome.refused],
  ['dropped', Outcome.dropped],
] as const;

function stored(tail: number, ranges: readonly (readonly [number, number])[], lost = [0, 0]) {
  const state = { ...emptyLedgerState(), tail, dropped: lost[0], refused: lost[1] };
  state.bounds.set(ranges.flat());
  state.ranges = ranges.length;
  return state;
}

/** Records 1 to `head - 1` of which a stored state says that they are finished. */
function finishedIn({ tail, ranges, bounds }: LedgerState, head: number): Set<number> {
  const finished = new Set<number>();
  for (let at = 1; at < head; at += 1) {
    let isIn = at < tail;
    for (let i = 0; i < ranges; i += 1) isIn ||= at >= bounds[2 * i] && at < bounds[2 * i + 1];
    if (isIn) finished.add(at);
  }
  return finished;
}

/** A ledger and the list, held against each other after each step. */
class Books {
  ledger: Ledger;
  fates: Fate[] = [];
  /** What is finished, and how, of records whose fate the list no longer has. */
  lost = { dropped: 0, refused: 0 };
  readonly state = emptyLedgerState();
  readonly random: SeededRandom;
  private readonly window: number;

  constructor(seed: number, window: number) {
    this.random = new SeededRandom(seed);
    this.window = window;
    this.ledger = new Ledger(window);
    this.ledger.save(this.state);
  }

  step(): void {
    const step = this.random.below(100);
    const { ledger } = this;
    if (step < 35) {
      ledger.head += 1;
      this.fates.push('waits');
    } else if (step < 60) this.take(this.random.chance(0.5) ? ledger.live : ledger.old);
    else if (step < 84) this.close(this.random.chance(0.5) ? ledger.live : ledger.old);
    else if (step < 86) this.setAside(this.random.chance(0.5) ? ledger.live : ledger.old);
    else if (step < 88) this.takeAside();
    else if (step < 91) this.ledger.startLive();
    else if (step < 93) this.evict();
    else if (step < 97) this.save();
    else if (step < 98) this.restart();
    else this.rewind();
    this.compare();
  }

  private take(lane: Window): void {
    const { ledger, fates } = this;
    const wasOut = new Set(this.open(lane));
    const ordinal = ledger.take(lane);
    if (ordinal === 0) return;
    const fate = fates[ordinal - 1];
    assert.ok(fate === 'waits' || wasOut.has(ordinal), `${ordinal} is ${fate}`);
    assert.equal(ledger.isBacklog(ordinal), lane === ledger.old);
    if (fate === 'waits' && lane === ledger.old) {
      assert.equal(ordinal, fates.indexOf('waits') + 1, 'the backlog goes oldest first');
    }
    if (fate === 'waits' && this.random.chance(0.05)) {
      ledger.lose(lane);
      fates[ordinal - 1] = 'dropped';
    } else fates[ordinal - 1] = 'out';
  }

  private open(lane: Window): number[] {
    const open: number[] = [];
    for (let i = 0; i < lane.count; i += 1) if (lane.isOpen(i)) open.push(lane.ordinal(i));
    return open;
  }

  private close(lane: Window): void {
    const open = this.open(lane);
    if (open.length === 0) return;
    const ordinal = open[this.random.below(open.length)];
    const [fate, outcome] = OUTCOMES[this.random.below(3)];
    const index = Array.from({ length: lane.count }, (_, i) => i).find(
      (i) => lane.ordinal(i) === ordinal && lane.isOpen(i),
    )!;
    this.ledger.close(lane, index, outcome);
    this.fates[ordinal - 1] = fate;
  }

  private setAside(lane: Window): void {
    if (lane.count === 0) return;
    const ordinal = lane.ordinal(0);
    const before = this.ledger.aside;
    const isTaken = this.ledger.setAside(lane);
    assert.equal(this.ledger.aside, isTaken ? before + 1 : before);
    if (isTaken) this.fates[ordinal - 1] = 'aside';
  }

  private takeAside(): void {
    const ordinal = this.ledger.takeAside();
    assert.equal(ordinal === 0, !this.fates.includes('aside'));
    if (ordinal === 0) return;
    assert.equal(this.fates[ordinal - 1], 'aside');
    if (this.random.chance(0.5)) return;
    const [fate, outcome] = OUTCOMES[this.random.below(3)];
    this.ledger.closeAside(outcome);
    this.fates[ordinal - 1] = fate;
  }

  private evict(): void {
    const { ledger, fates } = this;
    const below = ledger.tail - 1 + this.random.below(8);
    if (below > ledger.head) return;
    ledger.evictBelow(below);
    for (let at = 1; at < below; at += 1) {
      if (OPEN.includes(fates[at - 1])) fates[at - 1] = 'dropped';
    }
  }

  private rewind(): void {
    this.ledger.old.rewind();
    this.ledger.live.rewind();
  }

  private save(): void {
    this.ledger.save(this.state);
    assert.ok(isPlausible(this.state, this.ledger.head));
    const told = finishedIn(this.state, this.ledger.head);
    for (const [i, fate] of this.fates.entries()) {
      const isFinished = !OPEN.includes(fate);
      if (told.has(i + 1)) assert.ok(isFinished, `${i + 1} is not finished`);
      else if (isFinished) assert.ok(this.isInWindow(i + 1), `${i + 1} is not told`);
    }
    assert.ok(this.state.ranges <= 4);
    this.ledger.saved();
    assert.equal(this.ledger.unsaved, 0);
    assert.equal(this.ledger.lineUnsaved, false);
  }

  /** What is finished inside a window is not told yet. */
  private isInWindow(ordinal: number): boolean {
    return [this.ledger.old, this.ledger.live].some(
      (lane) =>
        lane.count > 0 && ordinal > lane.ordinal(0) && ordinal <= lane.lastOf(lane.count - 1),
    );
  }

  /** What was stored last counts, and all that it does not call finished waits again. */
  private restart(): void {
    const state = emptyLedgerState();
    copyLedgerState(this.state, state);
    const head = this.ledger.head;
    this.ledger = new Ledger(this.window);
    // A log with one lane never has ranges.
    this.ledger.restore(state, head, state.ranges === 0 && this.random.chance(0.3), 128);
    const finished = finishedIn(state, head);
    this.fates = this.fates.map((_, i) => (finished.has(i + 1) ? 'delivered' : 'waits'));
    this.lost = { dropped: state.dropped, refused: state.refused };
    this.ledger.save(this.state);
    assert.deepEqual(finishedIn(this.state, head), finished);
    assert.ok(state.tail === head || this.ledger.maybeSent(state.tail));
    assert.equal(this.ledger.maybeSent(head), false);
  }

  private compare(): void {
    const { ledger, fates, lost } = this;
    const count = (...wanted: Fate[]) => fates.filter((fate) => wanted.includes(fate)).length;
    assert.equal(ledger.dropped, lost.dropped + count('dropped'), 'dropped');
    assert.equal(ledger.refused, lost.refused + count('refused'), 'refused');
    assert.equal(ledger.inFlight, count('out'), 'in flight');
    assert.equal(ledger.depth, count(...OPEN), 'depth');
    assert.equal(ledger.aside, count('aside'), 'aside');
    const { dropped, refused } = ledger;
    assert.equal(ledger.delivered, fates.length - ledger.depth - dropped - refused, 'delivered');
    const oldest = fates.findIndex((fate) => OPEN.includes(fate)) + 1;
    assert.equal(ledger.oldest(), oldest, 'oldest');
    const first = fates.findIndex((fate) => fate === 'waits' || fate === 'out') + 1;
    assert.ok(ledger.tail <= (first || ledger.head), 'tail');
    assert.ok(ledger.keptFrom <= (oldest || ledger.head), 'what is kept');
  }
}

// In parts, so that a fault is found without all of them.
for (const window of [1, 3, 8]) {
  for (const [first, last] of [
    [1, 3],
    [4, 12],
    [13, 30],
    [31, 60],
  ]) {
    test(`the books agree with a list of records in each step of random lives ${first} to ${last}, window ${window}`, () => {
      for (let seed = first; seed <= last; seed += 1) {
        const books = new Books(seed * 100 + window, window);
        for (let step = 0; step < 250; step += 1) books.step();
      }
    });
  }
}

test('an empty state is the one that a new ledger stores', () => {
  const state = stored(9, [[10, 12]], [3, 4]);
  new Ledger(4).save(state);
  const { tail, dropped, refused, ranges } = emptyLedgerState();
  assert.deepEqual([tail, dropped, refused, ranges], [1, 0, 0, 0]);
  const { bounds, ...rest } = state;
  assert.deepEqual(rest, { tail, dropped, refused, ranges });
  assert.equal(bounds.length, 8);
});

test('a stored state is believed where its positions ascend to the head, and no further', () => {
  assert.ok(isPlausible(stored(1, []), 1));
  assert.ok(isPlausible(stored(5, []), 5));
  assert.ok(!isPlausible(stored(6, []), 5));
  assert.ok(!isPlausible(stored(0, []), 5));
  assert.ok(isPlausible(stored(2, [[3, 5]]), 5));
  assert.ok(!isPlausible(stored(2, [[3, 6]]), 5));
  assert.ok(isPlausible(stored(2, [[2, 2]]), 5));
  assert.ok(!isPlausible(stored(2, [[1, 3]]), 5));
  assert.ok(!isPlausible(stored(2, [[4, 3]]), 5));
  const two = (from: number, to: number) =>
    stored(2, [
      [3, 5],
      [from, to],
    ]);
  assert.ok(isPlausible(two(5, 7), 9));
  assert.ok(isPlausible(two(8, 9), 9));
  assert.ok(!isPlausible(two(4, 7), 9));
  assert.ok(!isPlausible(two(8, 7), 9));
  assert.ok(!isPlausible(two(8, 10), 9));
});

test('no more can be lost than is finished', () => {
  const ranges = [
    [7, 9],
    [12, 13],
  ] as const;
  // Four below the tail, two and one in the ranges.
  for (const [dropped, refused] of [
    [7, 0],
    [0, 7],
    [3, 4],
    [0, 0],
  ]) {
    assert.ok(isPlausible(stored(5, ranges, [dropped, refused]), 20), `${dropped} ${refused}`);
    assert.ok(!isPlausible(stored(5, ranges, [dropped + 8, refused]), 20));
  }
  assert.ok(!isPlausible(stored(5, ranges, [4, 4]), 20));
});

test('an earlier boot may have sent what lies close above a stored position, below its head', () => {
  const ledger = new Ledger(4);
  ledger.restore(
    stored(100, [
      [300, 310],
      [500, 520],
    ]),
    600,
    false,
    10,
  );
  const sent = Array.from({ length: 700 }, (_, at) => at).filter((at) => ledger.maybeSent(at));
  const from = (start: number) => Array.from({ length: 10 }, (_, i) => start + i);
  assert.deepEqual(sent, [...from(100), ...from(310), ...from(520)]);
  ledger.restore(stored(595, []), 600, false, 10);
  assert.deepEqual(
    Array.from({ length: 700 }, (_, at) => at).filter((at) => ledger.maybeSent(at)),
    from(595).slice(0, 5),
  );
});
