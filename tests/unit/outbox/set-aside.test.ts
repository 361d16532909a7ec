/** A record set aside stays in the log and the books, lets the others by, and is tried again. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Outbox } from '../../../firmware/outbox/outbox.ts';
import { VirtualFlash } from '../../../host-sim/virtual/flash.ts';
import { openMemoryOutbox } from '../../support/memory-outbox.ts';
import { append, assertBalanced, assertRecord, drain, mount, newFlash, seeded } from './harness.ts';

const makers: readonly [string, () => Outbox][] = [
  ['in memory', () => openMemoryOutbox({ bytes: 64 * 1024, window: 8 })],
  ['on flash', () => mount(newFlash({ blocks: 16 }))],
];

/** Hands out and acknowledges whatever a lane has. */
function settleAll(outbox: Outbox, lane: 'nextLive' | 'nextBacklog'): number[] {
  const seen: number[] = [];
  while (outbox[lane]()) {
    seen.push(outbox.record.sequence);
    assert.ok(outbox.settle(outbox.record.sequence, true));
    assertBalanced(outbox);
  }
  return seen;
}

for (const [name, open] of makers) {
  test(`${name}: a live reading that is set aside lets any number of others by, and is delivered last`, () => {
    const outbox = open();
    for (let n = 1; n <= 300; n += 1) append(outbox, n);
    assert.ok(outbox.nextLive());
    assert.ok(outbox.nextLive());
    assert.equal(outbox.setAside(2), false, 'not the oldest');
    assert.ok(outbox.setAside(1));
    assert.equal(outbox.setAside(1), false, 'once');
    assert.equal(outbox.load(1), false);
    assert.equal(outbox.settle(1, true), false);
    assertBalanced(outbox);
    outbox.rewind();
    assert.deepEqual(
      settleAll(outbox, 'nextLive'),
      Array.from({ length: 299 }, (_, i) => i + 2),
    );
    assert.deepEqual([outbox.depth, outbox.aside, outbox.inFlight], [1, 1, 0]);
    assert.ok(outbox.loadOldest());
    assert.equal(outbox.record.sequence, 1);
    assert.ok(outbox.nextAside());
    assertRecord(outbox, 1);
    assert.equal(outbox.nextAside(), false, 'one at a time');
    assert.equal(outbox.inFlight, 1);
    assert.ok(outbox.load(1));
    assert.ok(outbox.settle(1, true));
    assert.deepEqual([outbox.depth, outbox.aside, outbox.delivered], [0, 0, 300]);
    assertBalanced(outbox);
  });

  test(`${name}: three may be set aside, in both lanes; they take turns, and a refusal is counted`, () => {
    const outbox = open();
    for (let n = 1; n <= 20; n += 1) append(outbox, n);
    outbox.startLive();
    for (let n = 21; n <= 40; n += 1) append(outbox, n);
    assert.ok(outbox.nextLive());
    assert.ok(outbox.setAside(21));
    assert.ok(outbox.nextBacklog());
    assert.ok(outbox.setAside(1));
    assert.ok(outbox.nextBacklog());
    outbox.settle(2, true);
    assert.ok(outbox.nextBacklog());
    assert.ok(outbox.setAside(3));
    assert.ok(outbox.nextBacklog());
    assert.equal(outbox.setAside(4), false, 'a fourth');
    assert.ok(outbox.load(4), 'nothing has changed for it');
    outbox.rewind();
    assert.equal(settleAll(outbox, 'nextBacklog').length, 17);
    assert.equal(settleAll(outbox, 'nextLive').length, 19);
    const turns: number[] = [];
    for (let i = 0; i < 4; i += 1) {
      assert.ok(outbox.nextAside());
      turns.push(outbox.record.sequence);
      outbox.rewind();
    }
    assert.deepEqual(turns, [1, 3, 21, 1]);
    const listed: number[] = [];
    for (let i = 0; outbox.loadAside(i); i += 1) listed.push(outbox.record.sequence);
    assert.deepEqual(listed, [1, 3, 21]);
    assert.ok(outbox.nextAside());
    assert.ok(outbox.settle(3, false));
    assert.deepEqual([outbox.refused, outbox.depth, outbox.aside], [1, 2, 2]);
    assertBalanced(outbox);
  });

  test(`${name}: one that is set aside goes with the oldest where room is wanted, counted as dropped`, () => {
    const outbox = open();
    append(outbox, 1);
    assert.ok(outbox.nextLive());
    assert.ok(outbox.setAside(1));
    assert.ok(outbox.nextAside());
    for (let n = 2; outbox.dropped === 0; n += 1) {
      append(outbox, n);
      settleAll(outbox, 'nextLive');
      assert.ok(n < 5000);
    }
    assert.deepEqual([outbox.dropped, outbox.depth, outbox.aside, outbox.inFlight], [1, 0, 0, 0]);
    assert.equal(outbox.settle(1, true), false);
    assert.equal(outbox.nextAside(), false);
    assertBalanced(outbox);
  });
}

test('after a reboot what was set aside is the oldest again, and what was delivered meanwhile is not sent twice', () => {
  const random = seeded(5);
  for (let round = 0; round < 60; round += 1) {
    const flash = newFlash({ blocks: 16 });
    const before = mount(flash);
    const left = new Set<number>();
    let n = 0;
    for (let step = 0; step < 40; step += 1) {
      const what = random.below(6);
      if (what < 2) for (let i = random.below(30); i >= 0; i -= 1) append(before, ++n);
      else if (what === 2) before.startLive();
      else {
        const lane = what === 3 ? 'nextBacklog' : 'nextLive';
        for (let i = random.below(20); i >= 0 && before[lane](); i -= 1) {
          const { sequence } = before.record;
          if (random.below(12) === 0 && before.setAside(sequence)) left.add(sequence);
          else before.settle(sequence, true);
        }
      }
      assertBalanced(before);
    }
    before.flush();
    const { depth, delivered } = before;
    const copy = new VirtualFlash({ blocks: 16, random: seeded(2) });
    copy.copyFrom(flash);
    const after = mount(copy);
    assertBalanced(after);
    assert.deepEqual([after.depth, after.delivered], [depth, delivered], `round ${round}`);
    const sent = drain(after);
    assert.equal(sent.length, depth);
    for (const sequence of left) assert.ok(sent.includes(sequence), `${sequence} of ${sent}`);
  }
});

test('a reboot with three set aside leaves room to set them aside again', () => {
  const flash = newFlash({ blocks: 16 });
  const before = mount(flash);
  for (let n = 1; n <= 60; n += 1) append(before, n);
  while (before.nextLive()) {
    const { sequence } = before.record;
    if (sequence % 20 === 5) assert.ok(before.setAside(sequence));
    else before.settle(sequence, true);
  }
  before.flush();
  const after = mount(flash);
  for (const sequence of [5, 25, 45]) {
    assert.ok(after.nextBacklog());
    assert.equal(after.record.sequence, sequence);
    assert.ok(after.setAside(sequence), `${sequence}`);
    assertBalanced(after);
  }
  assert.equal(after.nextBacklog(), false);
  assert.deepEqual([after.depth, after.aside], [3, 3]);
});
