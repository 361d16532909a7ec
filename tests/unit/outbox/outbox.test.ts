import assert from 'node:assert/strict';
import { describe as group, test } from 'node:test';
import { type Outbox, RECORD_TIME_MAX, RecordKind } from '../../../firmware/outbox/outbox.ts';
import { openMemoryOutbox } from '../../support/memory-outbox.ts';
import { append, assertBalanced, assertRecord, drain, mount, newFlash } from './harness.ts';

const makers: readonly [string, (window?: number) => Outbox][] = [
  ['in memory', (window = 8) => openMemoryOutbox({ bytes: 8192, window })],
  ['on flash', (window = 8) => mount(newFlash({ blocks: 8 }), window)],
];

/** Hands out through one of the calls until it refuses. */
function take(outbox: Outbox, call: 'next' | 'nextLive' | 'nextBacklog'): number[] {
  const sequences: number[] = [];
  while (outbox[call]()) sequences.push(outbox.record.sequence);
  return sequences;
}

function settleAll(outbox: Outbox, sequences: number[]): void {
  for (const sequence of sequences) assert.ok(outbox.settle(sequence, true));
}

for (const [name, open] of makers) {
  group(`the outbox ${name}`, () => {
    test('a record comes back as it was appended', () => {
      const outbox = open(128);
      for (let n = 1; n <= 60; n += 1) assert.equal(append(outbox, n), n);
      for (let n = 1; n <= 60; n += 1) {
        assert.ok(outbox.next());
        assert.equal(outbox.record.sequence, n);
        assert.equal(outbox.record.kind, RecordKind.reading);
        assert.equal(outbox.record.maybeSent, false);
        assertRecord(outbox, n);
      }
      assert.equal(outbox.next(), false);
    });

    test('no more records than the window are handed out before one is settled', () => {
      const outbox = open(3);
      for (let n = 1; n <= 9; n += 1) append(outbox, n);
      assert.deepEqual(take(outbox, 'next'), [1, 2, 3]);
      assert.equal(outbox.inFlight, 3);
      assert.ok(outbox.settle(2, true));
      assert.deepEqual(take(outbox, 'next'), [4], 'one for one, whichever it was');
      assert.ok(outbox.settle(1, true));
      assert.deepEqual(take(outbox, 'next'), [5]);
      assertBalanced(outbox);
    });

    test('a record that is never settled holds one place, not the window', () => {
      const outbox = open(3);
      for (let n = 1; n <= 60; n += 1) append(outbox, n);
      const seen: number[] = [];
      for (let some = take(outbox, 'next'); some.length > 0; some = take(outbox, 'next')) {
        seen.push(...some);
        assert.ok(outbox.inFlight <= 3);
        // The younger one first, and some of them refused.
        for (const n of some.reverse()) if (n > 1) assert.ok(outbox.settle(n, n % 5 !== 0));
        assertBalanced(outbox);
      }
      assert.equal(seen.length, 60);
      assert.deepEqual([outbox.delivered, outbox.refused, outbox.depth], [47, 12, 1]);
      outbox.rewind();
      assert.deepEqual(take(outbox, 'next'), [1]);
      assert.ok(outbox.settle(1, true));
      assertBalanced(outbox);
      assert.deepEqual([outbox.delivered, outbox.refused, outbox.depth], [48, 12, 0]);
    });

    test('what is discarded is dropped and counted, handed out or not, and numbers go on', () => {
      const outbox = open(3);
      for (let n = 1; n <= 9; n += 1) append(outbox, n, n === 5 ? RecordKind.alarm : undefined);
      take(outbox, 'next');
      assert.ok(outbox.settle(2, true));
      outbox.discard();
      assert.deepEqual([outbox.delivered, outbox.dropped, outbox.depth], [1, 8, 0]);
      assert.equal(outbox.settle(1, true), false);
      assert.deepEqual(take(outbox, 'next'), []);
      outbox.discard();
      assert.equal(append(outbox, 10), 10);
      assert.deepEqual(drain(outbox), [10]);
      assertBalanced(outbox);
    });

    test('settles in any order count once each, and the tail waits for the oldest', () => {
      const outbox = open(8);
      for (let n = 1; n <= 4; n += 1) append(outbox, n);
      take(outbox, 'next');
      assert.ok(outbox.settle(4, true));
      assert.ok(outbox.settle(2, false));
      assert.equal(outbox.settle(2, true), false);
      assert.equal(outbox.settle(99, true), false);
      assert.deepEqual([outbox.delivered, outbox.refused, outbox.depth], [1, 1, 2]);
      assertBalanced(outbox);
      settleAll(outbox, [1, 3]);
      assert.deepEqual([outbox.delivered, outbox.refused, outbox.depth], [3, 1, 0]);
      assertBalanced(outbox);
    });

    test('a record that was not handed out cannot be settled', () => {
      const outbox = open();
      append(outbox, 1);
      assert.equal(outbox.settle(1, true), false);
      assert.equal(outbox.load(1), false);
      assert.equal(outbox.depth, 1);
    });

    test('a record that was put back is the next to be handed out', () => {
      const outbox = open();
      for (let n = 1; n <= 3; n += 1) append(outbox, n);
      outbox.next();
      outbox.next();
      outbox.putBack();
      assert.deepEqual(take(outbox, 'next'), [2, 3]);
    });

    test('a record is put back although an older one was settled meanwhile', () => {
      const outbox = open();
      for (let n = 1; n <= 4; n += 1) append(outbox, n);
      for (let n = 1; n <= 3; n += 1) outbox.next();
      outbox.settle(1, true);
      outbox.putBack();
      assert.deepEqual(take(outbox, 'next'), [3, 4]);
    });

    test('putting back twice takes only the last record back', () => {
      const outbox = open();
      for (let n = 1; n <= 3; n += 1) append(outbox, n);
      take(outbox, 'next');
      outbox.putBack();
      outbox.putBack();
      assert.deepEqual(take(outbox, 'next'), [3]);
    });

    test('after a rewind the unsettled go out anew in order, and the settled do not', () => {
      const outbox = open();
      for (let n = 1; n <= 6; n += 1) append(outbox, n);
      take(outbox, 'next');
      settleAll(outbox, [1, 3, 4]);
      outbox.rewind();
      append(outbox, 7);
      assert.deepEqual(take(outbox, 'next'), [2, 5, 6, 7]);
      assertBalanced(outbox);
    });

    test('a record in flight can be loaded again until it is settled', () => {
      const outbox = open();
      for (let n = 1; n <= 3; n += 1) append(outbox, n);
      take(outbox, 'next');
      assert.ok(outbox.load(2));
      assertRecord(outbox, 2);
      outbox.settle(2, true);
      assert.equal(outbox.load(2), false);
    });

    test('a payload that is too large is refused by 0, counted, and takes no sequence', () => {
      const outbox = open();
      const large = new Uint8Array(outbox.payloadBytesMax + 1);
      assert.equal(outbox.append(RecordKind.reading, 0, 0, 1, 0, large, 0, large.length), 0);
      assert.equal(outbox.oversized, 1);
      assert.equal(outbox.accepted, 0);
      assert.equal(append(outbox, 1), 1);
      const fits = new Uint8Array(outbox.payloadBytesMax);
      assert.equal(outbox.append(RecordKind.reading, 0, 0, 1, 0, fits, 0, fits.length), 2);
    });

    test('times that no record can hold are clamped, not refused', () => {
      const outbox = open();
      const times = [Number.NaN, -5, 1.75, 2 ** 60, RECORD_TIME_MAX];
      for (const at of times)
        outbox.append(RecordKind.reading, at, 0, 1, 0, new Uint8Array(0), 0, 0);
      const stored: number[] = [];
      while (outbox.next()) stored.push(outbox.record.at);
      assert.deepEqual(stored, [0, 0, 1, RECORD_TIME_MAX, RECORD_TIME_MAX]);
    });

    test('alarms go ahead of readings, each kind oldest first, in one sequence', () => {
      const outbox = open();
      append(outbox, 1);
      append(outbox, 2, RecordKind.alarm);
      append(outbox, 3);
      append(outbox, 4, RecordKind.alarm);
      assert.deepEqual(take(outbox, 'next'), [2, 4, 1, 3]);
      assert.ok(outbox.load(4));
      assert.equal(outbox.record.kind, RecordKind.alarm);
    });

    test('after startLive new readings go first, and older ones are the backlog', () => {
      const outbox = open();
      for (let n = 1; n <= 4; n += 1) append(outbox, n);
      outbox.startLive();
      append(outbox, 5);
      append(outbox, 6);
      assert.ok(outbox.nextLive());
      assert.equal(outbox.record.sequence, 5);
      assert.equal(outbox.record.backlog, false);
      assert.ok(outbox.nextBacklog());
      assert.equal(outbox.record.sequence, 1);
      assert.equal(outbox.record.backlog, true);
      assert.deepEqual(take(outbox, 'nextLive'), [6]);
      assert.deepEqual(take(outbox, 'nextBacklog'), [2, 3, 4]);
      settleAll(outbox, [6, 5, 3, 1]);
      assertBalanced(outbox);
      assert.equal(outbox.depth, 2);
      settleAll(outbox, [2, 4]);
      assert.equal(outbox.depth, 0);
      append(outbox, 7);
      assert.deepEqual(take(outbox, 'nextBacklog'), []);
      assert.deepEqual(take(outbox, 'nextLive'), [7]);
    });

    test('a line that is drawn while live readings are in flight waits for them', () => {
      const outbox = open();
      append(outbox, 1);
      append(outbox, 2);
      assert.ok(outbox.nextLive());
      outbox.startLive();
      append(outbox, 3);
      assert.deepEqual(take(outbox, 'nextLive'), []);
      outbox.settle(1, true);
      assert.deepEqual(take(outbox, 'nextLive'), [3]);
      assert.deepEqual(take(outbox, 'nextBacklog'), [2]);
    });

    test('outages upon outages send every reading once, though no more lines fit', () => {
      const outbox = open(4);
      const sent: number[] = [];
      for (let outage = 0; outage < 12; outage += 1) {
        for (let i = 0; i < 3; i += 1) append(outbox, outbox.headSequence);
        outbox.startLive();
        append(outbox, outbox.headSequence);
        assert.ok(outbox.nextLive());
        sent.push(outbox.record.sequence);
        settleAll(outbox, [outbox.record.sequence]);
        if (outage % 3 === 0 && outbox.nextBacklog()) {
          sent.push(outbox.record.sequence);
          settleAll(outbox, [outbox.record.sequence]);
        }
        assertBalanced(outbox);
      }
      sent.push(...drain(outbox));
      assert.equal(new Set(sent).size, sent.length, 'sent twice');
      assert.equal(sent.length, 48);
      assert.equal(outbox.delivered, 48);
    });

    test('the oldest unsettled record can be looked at without handing it out', () => {
      const outbox = open();
      assert.equal(outbox.loadOldest(), false);
      append(outbox, 1);
      append(outbox, 2, RecordKind.alarm);
      assert.ok(outbox.loadOldest());
      assert.equal(outbox.record.sequence, 1);
      assert.equal(outbox.inFlight, 0);
      take(outbox, 'next');
      outbox.settle(1, true);
      assert.ok(outbox.loadOldest());
      assert.equal(outbox.record.sequence, 2);
    });

    test('when it is full the oldest go, counted, and those in flight are forgotten', () => {
      const outbox = open(8);
      append(outbox, outbox.headSequence);
      append(outbox, outbox.headSequence);
      take(outbox, 'next');
      while (outbox.dropped < 2) append(outbox, outbox.headSequence);
      assertBalanced(outbox);
      assert.equal(outbox.settle(1, true), false);
      assert.equal(outbox.load(1), false);
      const sent = drain(outbox);
      const n = outbox.accepted;
      assert.equal(sent.length, n - outbox.dropped);
      assert.equal(sent[0], outbox.dropped + 1, 'the gap is at the oldest');
      assert.equal(outbox.dropped + outbox.delivered, n);
    });

    test('a flood of readings drops no alarm, and a flood of alarms no reading', () => {
      const outbox = open();
      append(outbox, 1, RecordKind.alarm);
      while (outbox.dropped === 0) append(outbox, outbox.headSequence);
      assert.ok(outbox.next());
      assert.equal(outbox.record.sequence, 1);
      outbox.settle(1, true);
      const before = outbox.dropped;
      for (let i = 0; i < 500; i += 1) append(outbox, outbox.headSequence, RecordKind.alarm);
      const alarmsLost = outbox.dropped - before;
      assert.ok(alarmsLost > 0);
      const sent = drain(outbox);
      const n = outbox.accepted;
      assert.equal(sent.length, n - 1 - outbox.dropped);
      assert.equal(sent.filter((sequence) => sequence > n - 500).length, 500 - alarmsLost);
    });
  });
}
