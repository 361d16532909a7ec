/** What an outbox on flash takes at its limits, what it says of its room, and when it stores. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { alarmBlocks, mountFlashOutbox } from '../../../firmware/outbox/flash-outbox.ts';
import { RecordKind } from '../../../firmware/outbox/outbox.ts';
import type { VirtualFlash } from '../../../host-sim/virtual/flash.ts';
import { append, forgeHeader, mount, newFlash, SMALL } from './harness.ts';

test('options out of range are refused by name, and those at their limits are taken', () => {
  const flash = newFlash({ blocks: 8 });
  const good = { window: 8, payloadBytesMax: 64 };
  const shaped = (shape: Partial<VirtualFlash>) =>
    Object.assign(Object.create(flash) as VirtualFlash, shape);
  const refused: readonly [Partial<typeof good>, Partial<VirtualFlash>, RegExp][] = [
    [{ window: 0 }, {}, /outbox\.window/],
    [{ window: 129 }, {}, /outbox\.window/],
    [{ payloadBytesMax: 0 }, {}, /outbox\.payloadBytesMax/],
    // A record of 993 bytes takes 1,028: more than a quarter of 4,096.
    [{ payloadBytesMax: 993 }, {}, /outbox\.payloadBytesMax/],
    [{}, { blocks: 5 }, /flash\.blocks/],
    [{}, { blockBytes: 480 }, /flash\.blockBytes/],
    [{}, { blockBytes: 65_568 }, /flash\.blockBytes/],
    [{}, { blockBytes: 4100 }, /flash\.blockBytes/],
    [{}, { writeAlignment: 64 }, /flash\.writeAlignment/],
    [{}, { writeAlignment: 3 }, /flash\.writeAlignment/],
  ];
  for (const [options, shape, error] of refused) {
    assert.throws(() => mountFlashOutbox(shaped(shape), { ...good, ...options }), error);
  }
  for (const options of [
    { window: 1 },
    { window: 128 },
    { payloadBytesMax: 1 },
    { payloadBytesMax: 992 },
  ]) {
    assert.equal(mountFlashOutbox(flash, { ...good, ...options }).accepted, 0);
  }
  for (const shape of [{ blocks: 6 }, { blockBytes: 512 }, { blockBytes: 0x1_0000 }]) {
    assert.equal(mount(newFlash({ blocks: 8, ...shape })).accepted, 0);
  }
  for (const writeAlignment of [1, 2, 4, 8, 16, 32]) {
    assert.equal(mount(newFlash({ blocks: 8, writeAlignment })).accepted, 0);
  }
});

test('an eighth of the blocks are for alarms, rounded down, and three at least', () => {
  const counts = [6, 8, 24, 31, 32, 39, 40, 64, 79, 80];
  assert.deepEqual(counts.map(alarmBlocks), [3, 3, 3, 3, 4, 4, 5, 8, 9, 10]);
});

test('the capacity is all blocks but a spare of each kind', () => {
  assert.equal(mount(newFlash({ blocks: 8 })).bytesCapacity, 6 * 4096);
  assert.equal(mount(newFlash(SMALL)).bytesCapacity, 6 * 512);
  assert.equal(mount(newFlash({ blocks: 64 })).bytesCapacity, 62 * 4096);
});

test('what is used reaches from the block of the oldest unsettled record to where writing goes on', () => {
  const outbox = mount(newFlash(SMALL));
  const payload = new Uint8Array(64);
  const add = (kind: RecordKind) => outbox.append(kind, 1, 2, 1, 0, payload, 0, 64);
  assert.equal(outbox.bytesUsed, 0);
  // Each takes 96 bytes: three to a block, behind 192.
  for (const used of [288, 384, 480, 512 + 288, 512 + 384, 512 + 480, 1024 + 288]) {
    add(RecordKind.reading);
    assert.equal(outbox.bytesUsed, used);
  }
  add(RecordKind.alarm);
  assert.equal(outbox.bytesUsed, 1024 + 288 + 288);
  assert.ok(outbox.nextLive());
  outbox.settle(8, true);
  assert.equal(outbox.bytesUsed, 1024 + 288);
  const settle = (count: number) => {
    for (let i = 0; i < count; i += 1) {
      outbox.next();
      outbox.settle(outbox.record.sequence, true);
    }
  };
  settle(2);
  assert.equal(outbox.bytesUsed, 1024 + 288);
  settle(1);
  // The state was stored as the tail left its block: 44 bytes.
  assert.equal(outbox.bytesUsed, 512 + 288 + 44);
  settle(3);
  assert.equal(outbox.bytesUsed, 288 + 44 + 44);
  settle(1);
  assert.equal(outbox.bytesUsed, 0);
});

test('acknowledgements that find no place yet are tried again after as long a wait', () => {
  const flash = newFlash(SMALL);
  const outbox = mount(flash);
  const payload = new Uint8Array(64);
  // The log is full, and its youngest block as well: storing a state would cost the oldest records.
  while (outbox.dropped === 0) outbox.append(RecordKind.reading, 1, 2, 1, 0, payload, 0, 64);
  for (let i = 0; i < 2; i += 1) outbox.append(RecordKind.reading, 1, 2, 1, 0, payload, 0, 64);
  outbox.startLive();
  outbox.append(RecordKind.reading, 1, 2, 1, 0, payload, 0, 64);
  for (let i = 0; i < 2; i += 1) outbox.append(RecordKind.reading, 1, 2, 1, 0, payload, 0, 64);
  assert.ok(outbox.nextLive());
  assert.ok(outbox.settle(outbox.record.sequence, true));
  const { writes } = flash;
  const due = outbox.wake(1000);
  assert.equal(due, 66_000);
  assert.equal(outbox.wake(65_999), 66_000);
  assert.equal(outbox.wake(66_000), 131_000);
  assert.equal(flash.writes, writes);
  assert.equal(outbox.wake(130_999), 131_000);
});

test('a new acknowledgement takes the waiting ones along from ten seconds before their time, not earlier', () => {
  const flash = newFlash({ blocks: 8 });
  const outbox = mount(flash);
  for (let n = 1; n <= 9; n += 1) append(outbox, n);
  const settle = () => {
    outbox.next();
    outbox.settle(outbox.record.sequence, true);
  };
  settle();
  assert.equal(outbox.wake(0), 65_000);
  settle();
  assert.equal(outbox.wake(54_999), 65_000);
  assert.equal(outbox.wake(60_000), 65_000, 'nothing new');
  assert.equal(mount(flash).depth, 9);
  settle();
  assert.equal(outbox.wake(60_000), Number.POSITIVE_INFINITY);
  assert.equal(mount(flash).depth, 6);
  settle();
  outbox.flush();
  assert.equal(outbox.wake(70_000), Number.POSITIVE_INFINITY);
  assert.equal(mount(flash).depth, 5);
  settle();
  assert.equal(outbox.wake(80_000), 145_000);
});

test('payloads of the length that fits are taken, and longer ones are counted and not accepted', () => {
  const outbox = mount(newFlash(SMALL));
  assert.equal(outbox.payloadBytesMax, 64);
  const payload = new Uint8Array(80);
  assert.equal(outbox.append(RecordKind.reading, 1, 2, 1, 0, payload, 8, 72), 1);
  assert.equal(outbox.append(RecordKind.reading, 1, 2, 1, 0, payload, 8, 73), 0);
  assert.equal(outbox.append(RecordKind.alarm, 1, 2, 1, 0, payload, 0, 80), 0);
  assert.deepEqual([outbox.accepted, outbox.oversized, outbox.headSequence], [1, 2, 2]);
});

test('a time that no record can hold is stored as the nearest that it can', () => {
  const outbox = mount(newFlash(SMALL));
  const latest = 2 ** 48 - 1;
  const times: readonly [number, number][] = [
    [-1, 0],
    [Number.NaN, 0],
    [0.5, 0],
    [1.9, 1],
    [latest - 0.5, latest - 1],
    [latest, latest],
    [latest + 1, latest],
    [Number.POSITIVE_INFINITY, latest],
  ];
  for (const [at, stored] of times) {
    outbox.append(RecordKind.reading, at, 2, 1, 0, new Uint8Array(0), 0, 0);
    assert.ok(outbox.nextLive());
    assert.equal(outbox.record.at, stored, `${at}`);
    assert.ok(outbox.settle(outbox.record.sequence, true));
  }
});

test('numbers end with the last that 32 bits hold', () => {
  const flash = newFlash(SMALL);
  append(mount(flash), 1);
  forgeHeader(flash, 0, (header) => header.setUint32(16, 0xffff_ffff, true));
  const outbox = mount(flash);
  assert.equal(outbox.headSequence, 0xffff_ffff);
  const payload = new Uint8Array(4);
  assert.equal(outbox.append(RecordKind.reading, 1, 2, 1, 0, payload, 0, 4), 0xffff_ffff);
  assert.equal(outbox.append(RecordKind.reading, 1, 2, 1, 0, payload, 0, 4), 0);
  assert.deepEqual([outbox.oversized, outbox.depth], [1, 2]);
});
