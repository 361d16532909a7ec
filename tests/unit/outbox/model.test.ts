/** The outbox beside a plain list of what became of each record: every call gives the same answer. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Outbox, RecordKind } from '../../../firmware/outbox/outbox.ts';
import { SeededRandom } from '../../../host-sim/virtual/random.ts';
import { openMemoryOutbox } from '../../support/memory-outbox.ts';
import { append, assertRecord, mount, newFlash } from './harness.ts';

const WINDOW = 4;

interface Entry {
  readonly sequence: number;
  readonly isAlarm: boolean;
  /** `out`: was handed out and is not settled. */
  fate: 'waits' | 'out' | 'aside' | 'delivered' | 'refused' | 'dropped';
  /** Not to be handed out again before a rewind. */
  isHanded: boolean;
}

type Lane = 'alarm' | 'backlog' | 'live';

/** What the interface promises, with a list. */
class Model {
  readonly entries: Entry[] = [];
  /** Readings below are the backlog. */
  line = 0;
  /** A line that waits until nothing of the live lane is in flight; 0 for none. */
  wanted = 0;
  last: Entry | undefined;
  /** The one set aside that is handed out, and the one that had its turn last. */
  asideOut: Entry | undefined;
  turn = 0;

  laneOf({ isAlarm, sequence }: Entry): Lane {
    if (isAlarm) return 'alarm';
    return sequence < this.line ? 'backlog' : 'live';
  }

  of(...fates: readonly Entry['fate'][]): Entry[] {
    return this.entries.filter(({ fate }) => fates.includes(fate));
  }

  in(lane: Lane, ...fates: readonly Entry['fate'][]): Entry[] {
    return this.of(...fates).filter((entry) => this.laneOf(entry) === lane);
  }

  take(lane: Lane): Entry | undefined {
    const isFull = this.in(lane, 'out').length >= WINDOW;
    const isHeld = lane === 'live' && this.wanted > 0;
    const next = this.in(lane, 'out', 'waits').find(
      ({ fate, isHanded }) => !isHanded && (fate === 'out' || !(isFull || isHeld)),
    );
    if (next === undefined) return undefined;
    next.fate = 'out';
    next.isHanded = true;
    this.last = next;
    return next;
  }

  putBack(): void {
    if (this.last !== undefined) this.last.isHanded = false;
    this.last = undefined;
  }

  rewind(): void {
    for (const entry of this.entries) entry.isHanded = false;
    this.last = this.asideOut = undefined;
  }

  end(entry: Entry, fate: Entry['fate']): void {
    entry.fate = fate;
    if (this.last === entry) this.last = undefined;
    if (this.asideOut === entry) this.asideOut = undefined;
    this.draw();
  }

  startLive(): void {
    this.wanted = this.entries.length + 1;
    this.draw();
  }

  private draw(): void {
    if (this.wanted === 0 || this.in('live', 'out').length > 0) return;
    this.line = this.wanted;
    this.wanted = 0;
  }

  takeAside(): Entry | undefined {
    const all = this.of('aside');
    if (this.asideOut !== undefined || all.length === 0) return undefined;
    const next = all.find(({ sequence }) => sequence > this.turn) ?? all[0];
    this.turn = next.sequence;
    this.asideOut = next;
    this.last = undefined;
    return next;
  }
}

/** One life of an outbox and its model. */
class Life {
  readonly model = new Model();
  readonly outbox: Outbox;
  private readonly random: SeededRandom;
  private readonly asidesMax: number;

  /** @param asidesMax so many are set aside at most; more than three are never */
  constructor(outbox: Outbox, seed: number, asidesMax = 4) {
    this.outbox = outbox;
    this.asidesMax = asidesMax;
    this.random = new SeededRandom(seed);
  }

  step(): void {
    const { outbox, model, random } = this;
    const step = random.below(100);
    if (step < 25 && model.entries.length < 100) this.append(random.chance(0.25));
    else if (step < 35) this.next('next', 'alarm', 'backlog', 'live');
    else if (step < 48) this.next('nextLive', 'alarm', 'live');
    else if (step < 58) this.next('nextBacklog', 'backlog');
    else if (step < 75) this.settle();
    else if (step < 79) {
      outbox.putBack();
      model.putBack();
    } else if (step < 82) {
      outbox.rewind();
      model.rewind();
    } else if (step < 85 && model.in('backlog', 'out', 'waits').length === 0) {
      outbox.startLive();
      model.startLive();
    } else if (step < 89) this.setAside();
    else if (step < 92) this.nextAside();
    else if (step < 98) this.load();
    else outbox.flush();
    this.compare();
  }

  private append(isAlarm: boolean): void {
    const { entries } = this.model;
    const sequence = entries.length + 1;
    const kind = isAlarm ? RecordKind.alarm : RecordKind.reading;
    assert.equal(append(this.outbox, sequence, kind), sequence);
    entries.push({ sequence, isAlarm, fate: 'waits', isHanded: false });
  }

  next(call: 'next' | 'nextLive' | 'nextBacklog', ...lanes: readonly Lane[]): void {
    const { outbox, model } = this;
    let expected: Entry | undefined;
    for (const lane of lanes) expected ??= model.take(lane);
    assert.equal(outbox[call](), expected !== undefined, call);
    if (expected !== undefined) this.assertLoaded(expected, model.laneOf(expected) === 'backlog');
  }

  private settle(): void {
    const { outbox, model, random } = this;
    const open = model.of('out').concat(model.asideOut ?? []);
    const isAccepted = random.chance(0.8);
    if (open.length > 0 && random.chance(0.9)) {
      const entry = random.pick(open);
      assert.equal(outbox.settle(entry.sequence, isAccepted), true, `${entry.sequence}`);
      model.end(entry, isAccepted ? 'delivered' : 'refused');
      return;
    }
    const others = model.entries.filter((entry) => !open.includes(entry));
    if (others.length > 0) assert.equal(outbox.settle(random.pick(others).sequence, true), false);
  }

  private setAside(): void {
    const { outbox, model, random } = this;
    const open = model.of('out');
    if (open.length === 0 || model.of('aside').length >= this.asidesMax) return;
    const entry = random.pick(open);
    const isFront = model.in(model.laneOf(entry), 'out')[0] === entry;
    // An alarm is given up: all that is behind it would wait for it.
    const isTaken = isFront && (entry.isAlarm || model.of('aside').length < 3);
    assert.equal(outbox.setAside(entry.sequence), isTaken, `${entry.sequence}`);
    if (isTaken) model.end(entry, entry.isAlarm ? 'dropped' : 'aside');
  }

  private nextAside(): void {
    const expected = this.model.takeAside();
    assert.equal(this.outbox.nextAside(), expected !== undefined);
    if (expected !== undefined) this.assertLoaded(expected, true);
  }

  private load(): void {
    const { outbox, model, random } = this;
    const aside = model.of('aside');
    for (let i = 0; i < 4; i += 1) {
      assert.equal(outbox.loadAside(i), i < aside.length);
      if (i < aside.length) this.assertLoaded(aside[i], true);
    }
    const oldest = model.of('waits', 'out', 'aside')[0];
    assert.equal(outbox.loadOldest(), oldest !== undefined);
    if (oldest !== undefined && oldest.fate !== 'aside') {
      this.assertLoaded(oldest, model.laneOf(oldest) === 'backlog');
    }
    if (model.entries.length === 0) return;
    const entry = random.pick(model.entries);
    const isOut = entry.fate === 'out' || entry === model.asideOut;
    assert.equal(outbox.load(entry.sequence), isOut, `${entry.sequence}`);
    if (isOut) this.assertLoaded(entry, entry.fate !== 'out' || model.laneOf(entry) === 'backlog');
  }

  assertLoaded({ sequence, isAlarm }: Entry, isBacklog: boolean, maybeSent = false): void {
    const { record } = this.outbox;
    assert.deepEqual([record.sequence, record.backlog], [sequence, isBacklog]);
    assert.equal(record.kind, isAlarm ? RecordKind.alarm : RecordKind.reading);
    assert.equal(record.maybeSent, maybeSent);
    assertRecord(this.outbox, sequence);
  }

  compare(): void {
    const { outbox, model } = this;
    const { accepted, delivered, refused, dropped, depth, inFlight, aside } = outbox;
    const count = (...fates: readonly Entry['fate'][]) => model.of(...fates).length;
    assert.deepEqual(
      { accepted, delivered, refused, dropped, depth, inFlight, aside },
      {
        accepted: model.entries.length,
        delivered: count('delivered'),
        refused: count('refused'),
        dropped: count('dropped'),
        depth: count('waits', 'out', 'aside'),
        inFlight: count('out') + (model.asideOut === undefined ? 0 : 1),
        aside: count('aside'),
      },
    );
    assert.equal(outbox.headSequence, accepted + 1);
  }

  /** What a reboot knows of: endings with none before them in their lane that is in flight. */
  reboot(outbox: Outbox): Life {
    const life = new Life(outbox, 1);
    const isBehind = new Set<Lane>();
    for (const entry of this.model.entries) {
      const lane = this.model.laneOf(entry);
      const isEnded = !['waits', 'out', 'aside'].includes(entry.fate);
      if (entry.fate === 'waits' || entry.fate === 'out') isBehind.add(lane);
      const fate = isEnded && !isBehind.has(lane) ? entry.fate : 'waits';
      life.model.entries.push({ ...entry, fate, isHanded: false });
    }
    life.model.line = this.model.entries.length + 1;
    return life;
  }

  /** Alarms first, then the rest in its order; all of it may have gone out before the reboot. */
  drain(maybeSent: boolean): void {
    const { outbox, model } = this;
    const alarms = model.in('alarm', 'waits');
    for (const entry of [...alarms, ...model.in('backlog', 'waits')]) {
      assert.equal(outbox.next(), true);
      this.assertLoaded(entry, !entry.isAlarm, maybeSent);
      assert.equal(outbox.settle(entry.sequence, true), true);
      entry.fate = 'delivered';
    }
    assert.equal(outbox.next(), false);
    this.compare();
  }
}

// In parts, so that a fault is found without all of them.
for (const [first, last] of [
  [1, 3],
  [4, 12],
  [13, 28],
]) {
  test(`each call gives what a list of the records gives, in memory and on flash, in lives ${first} to ${last}`, () => {
    for (let seed = first; seed <= last; seed += 1) {
      const inMemory = openMemoryOutbox({ bytes: 64 * 1024, window: WINDOW });
      const onFlash = mount(newFlash({ blocks: 8 }), WINDOW);
      for (const outbox of [inMemory, onFlash]) {
        const life = new Life(outbox, seed);
        for (let step = 0; step < 200; step += 1) life.step();
      }
    }
  });

  test(`after a reboot that was announced, whatever had not ended in its turn goes out in order, in lives ${first} to ${last}`, () => {
    for (let seed = first; seed <= last; seed += 1) {
      const flash = newFlash({ blocks: 8 });
      // With a third set aside all four ranges are in use, and what lies above the last stays live.
      const life = new Life(mount(flash, WINDOW), seed, 2);
      for (let step = 0; step < 30 + 5 * seed; step += 1) life.step();
      life.outbox.flush();
      const after = life.reboot(mount(flash, WINDOW));
      after.compare();
      after.drain(true);
    }
  });
}

test('a discard drops all that is stored, whatever had been handed out or set aside', () => {
  for (let seed = 1; seed <= 30; seed += 1) {
    const flash = newFlash({ blocks: 8 });
    const life = new Life(mount(flash, WINDOW), seed);
    for (let step = 0; step < 60; step += 1) life.step();
    life.outbox.discard();
    const { model } = life;
    for (const entry of model.of('waits', 'out', 'aside')) entry.fate = 'dropped';
    model.last = model.asideOut = undefined;
    model.line = model.entries.length + 1;
    life.compare();
    life.outbox.putBack();
    assert.equal(life.outbox.loadOldest(), false);
    for (const entry of model.entries) assert.equal(life.outbox.load(entry.sequence), false);
    const again = life.reboot(mount(flash, WINDOW));
    again.compare();
    again.drain(true);
  }
});
