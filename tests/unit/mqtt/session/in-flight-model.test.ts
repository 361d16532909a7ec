/** The messages in flight beside a plain list of them, in each step of random lives. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InFlight } from '../../../../firmware/mqtt/session/in-flight.ts';
import { SeededRandom } from '../../../../host-sim/virtual/random.ts';

interface Entry {
  readonly id: number;
  readonly source: number;
  readonly token: number;
  state: number;
  sentAt: number;
  isSent: boolean;
  isOvertaken: boolean;
  /** It is settled, and its place is kept. */
  isHole: boolean;
}

class Life {
  private readonly ring: InFlight;
  private readonly random: SeededRandom;
  private list: Entry[] = [];
  private now = 0;
  private nextId = 1;

  constructor(windowMax: number, seed: number) {
    this.ring = new InFlight(windowMax);
    this.random = new SeededRandom(seed);
    assert.equal(this.ring.capacity, windowMax);
  }

  step(): void {
    const { ring, random, list } = this;
    this.now += random.below(50);
    const step = random.below(100);
    if (step < 40 && list.length < ring.capacity) this.add();
    else if (step < 70) this.remove();
    else if (step < 85) this.send();
    else if (step < 88) this.unsend();
    else if (step < 93) {
      this.list = list.filter(({ isHole }) => !isHole);
      assert.equal(ring.compact(), this.list.length);
    } else if (step < 99) this.overtake();
    else {
      ring.clear();
      this.list = [];
    }
    this.compare();
  }

  private add(): void {
    const { ring, random, now } = this;
    const id = this.nextId;
    this.nextId = (this.nextId % 0xffff) + 1;
    const [source, state, token] = [random.below(256), 1 + random.below(2), random.next32()];
    ring.add(id + source * 2 ** 16 + state * 2 ** 24, token, now);
    const rest = { isSent: true, isOvertaken: false, isHole: false };
    this.list.push({ id, source, token, state, sentAt: now, ...rest });
  }

  private pick(): Entry | undefined {
    const open = this.list.filter(({ isHole }) => !isHole);
    return open.length === 0 ? undefined : this.random.pick(open);
  }

  private remove(): void {
    const entry = this.random.chance(0.4) ? this.list.find(({ isHole }) => !isHole) : this.pick();
    if (entry === undefined) return;
    this.ring.remove(this.ring.find(entry.id));
    entry.isHole = true;
    entry.isSent = false;
    if (this.list[0] !== entry) return;
    while (this.list[0]?.isHole) this.list.shift();
  }

  private send(): void {
    const entry = this.pick();
    if (entry === undefined) return;
    entry.state = 1 + this.random.below(3);
    entry.sentAt = this.now;
    entry.isSent = true;
    entry.isOvertaken = false;
    this.ring.send(this.ring.find(entry.id), entry.state, this.now);
  }

  private unsend(): void {
    this.ring.unsend();
    for (const entry of this.list) entry.isSent = entry.isOvertaken = false;
  }

  private overtake(): void {
    if (this.list.length === 0) return;
    this.ring.overtake();
    if (this.list[0].isSent) this.list[0].isOvertaken = true;
  }

  private compare(): void {
    const { ring, list } = this;
    const sent = list.filter(({ isSent }) => isSent);
    assert.equal(ring.span, list.length, 'span');
    assert.equal(ring.outstanding, sent.length, 'outstanding');
    assert.equal(ring.hasHoles, sent.length < list.length, 'holes');
    assert.equal(ring.oldest, Math.min(...sent.map(({ sentAt }) => sentAt)), 'oldest');
    const first = list.findIndex(({ isSent }) => isSent);
    assert.equal(ring.oldestSent, first < 0 ? -1 : ring.at(first), 'oldest sent');
    assert.equal(ring.find(this.nextId), -1);
    for (const [offset, entry] of list.entries()) {
      const index = ring.at(offset);
      assert.equal(ring.isDue(index), !entry.isHole && !entry.isSent, 'due');
      if (entry.isHole) {
        assert.deepEqual([ring.stateOf(index), ring.packetIdOf(index)], [0, 0]);
        assert.equal(ring.find(entry.id), -1);
        continue;
      }
      assert.equal(ring.find(entry.id), index);
      assert.deepEqual(
        [ring.packetIdOf(index), ring.sourceOf(index), ring.stateOf(index), ring.tokenOf(index)],
        [entry.id, entry.source, entry.state, entry.token],
      );
      assert.equal(ring.sentAtOf(index), entry.sentAt);
      assert.equal(ring.isOvertaken(index), entry.isOvertaken, 'overtaken');
    }
  }
}

for (const windowMax of [1, 2, 5, 8, 20]) {
  test(`what is in flight is what a list of it says, up to ${windowMax} messages`, () => {
    for (let seed = 1; seed <= 12; seed += 1) {
      const life = new Life(windowMax, 100 * windowMax + seed);
      for (let step = 0; step < 200; step += 1) life.step();
    }
  });
}
