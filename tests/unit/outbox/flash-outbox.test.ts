import assert from 'node:assert/strict';
import { test } from 'node:test';
import { alarmBlocks } from '../../../firmware/outbox/flash-outbox.ts';
import { RecordKind } from '../../../firmware/outbox/outbox.ts';
import {
  append,
  assertBalanced,
  assertRecord,
  drain,
  mount,
  newFlash,
  OPTIONS,
  payloadOf,
  SMALL,
} from './harness.ts';

test('everything unsettled comes back after a remount, and new numbers go on', () => {
  const flash = newFlash({ blocks: 8 });
  const before = mount(flash);
  for (let n = 1; n <= 30; n += 1) append(before, n, n % 5 === 0 ? RecordKind.alarm : undefined);
  const outbox = mount(flash);
  assert.equal(outbox.headSequence, 31);
  assert.deepEqual([outbox.accepted, outbox.depth, outbox.repairs], [30, 30, 0]);
  assert.equal(append(outbox, 31), 31);
  outbox.flush();
  const sent: number[] = [];
  while (outbox.next()) {
    assertRecord(outbox, outbox.record.sequence);
    sent.push(outbox.record.sequence);
    outbox.settle(outbox.record.sequence, true);
  }
  assert.equal(sent.length, 31);
});

test('settled records stay settled over a remount once they are flushed', () => {
  const flash = newFlash({ blocks: 8 });
  const before = mount(flash);
  for (let n = 1; n <= 9; n += 1) append(before, n);
  for (let i = 0; i < 5; i += 1) {
    before.next();
    before.settle(before.record.sequence, i !== 3);
  }
  before.flush();
  const outbox = mount(flash);
  assert.deepEqual([outbox.delivered, outbox.refused, outbox.depth], [4, 1, 4]);
  assert.deepEqual(drain(outbox), [6, 7, 8, 9]);
});

test('what was discarded stays so over a remount, however full the partition was', () => {
  for (let count = 1; count <= 120; count += 1) {
    const flash = newFlash({ blocks: 8 });
    const before = mount(flash);
    for (let n = 1; n <= count; n += 1) append(before, n, n % 4 === 0 ? RecordKind.alarm : 0);
    before.discard();
    const outbox = mount(flash);
    assert.deepEqual([outbox.depth, outbox.dropped], [0, count], `${count} records`);
    assert.equal(append(outbox, count + 1), count + 1);
    assert.deepEqual(drain(outbox), [count + 1]);
  }
});

test('acknowledgements that were not stored yet only make records go out twice', () => {
  const flash = newFlash({ blocks: 8 });
  const before = mount(flash);
  for (let n = 1; n <= 9; n += 1) append(before, n);
  before.next();
  before.settle(1, true);
  const outbox = mount(flash);
  assertBalanced(outbox);
  assert.equal(outbox.depth, 9);
  assert.equal(drain(outbox).length, 9);
});

test('acknowledgements are stored after sixteen of them, or a minute, or on a flush', () => {
  const flash = newFlash({ blocks: 8 });
  const outbox = mount(flash);
  for (let n = 1; n <= 40; n += 1) append(outbox, n);
  const settle = (count: number) => {
    for (let i = 0; i < count; i += 1) {
      outbox.next();
      outbox.settle(outbox.record.sequence, true);
    }
  };
  assert.equal(outbox.wake(0), Number.POSITIVE_INFINITY);
  settle(15);
  assert.equal(mount(flash).depth, 40);
  settle(1);
  assert.equal(mount(flash).depth, 24);
  settle(1);
  assert.equal(outbox.wake(1000), 66_000);
  outbox.wake(60_000);
  assert.equal(mount(flash).depth, 24);
  // A new one takes those along that have waited for almost as long.
  settle(1);
  outbox.wake(60_001);
  assert.equal(mount(flash).depth, 22);
  assert.equal(outbox.wake(60_001), Number.POSITIVE_INFINITY);
  settle(1);
  outbox.wake(70_000);
  outbox.wake(134_999);
  assert.equal(mount(flash).depth, 22);
  outbox.wake(135_000);
  assert.equal(mount(flash).depth, 21);
});

test('live readings that were settled ahead of the backlog stay settled over a remount', () => {
  const flash = newFlash({ blocks: 8 });
  const before = mount(flash);
  for (let n = 1; n <= 20; n += 1) append(before, n);
  before.startLive();
  for (let n = 21; n <= 25; n += 1) append(before, n);
  for (let i = 0; i < 3; i += 1) {
    before.nextLive();
    before.settle(before.record.sequence, true);
  }
  before.nextBacklog();
  before.settle(before.record.sequence, true);
  before.flush();
  const outbox = mount(flash);
  assert.equal(outbox.depth, 21);
  assert.equal(outbox.nextLive(), false, 'all of it is backlog');
  const left = Array.from({ length: 19 }, (_, i) => i + 2);
  assert.deepEqual(drain(outbox), [...left, 24, 25]);
});

test('outages and announced restarts in turn send every reading once', () => {
  const flash = newFlash({ blocks: 8 });
  const sent: number[] = [];
  for (let boot = 0; boot < 6; boot += 1) {
    const outbox = mount(flash);
    for (let outage = 0; outage < 3; outage += 1) {
      for (let i = 0; i < 3; i += 1) append(outbox, outbox.headSequence);
      outbox.startLive();
      append(outbox, outbox.headSequence);
      assert.ok(outbox.nextLive());
      sent.push(outbox.record.sequence);
      outbox.settle(outbox.record.sequence, true);
    }
    outbox.flush();
  }
  const last = mount(flash);
  assertBalanced(last);
  sent.push(...drain(last));
  assert.equal(new Set(sent).size, sent.length, 'sent twice');
  assert.equal(sent.length, 6 * 12);
});

test('records that an earlier boot may have sent are marked in both lanes, later ones not', () => {
  const flash = newFlash({ blocks: 16 });
  const before = mount(flash);
  for (let n = 1; n <= 200; n += 1) append(before, n);
  before.startLive();
  for (let n = 201; n <= 400; n += 1) append(before, n);
  while (before.nextLive());
  while (before.nextBacklog());
  const after = newFlash({ blocks: 16 });
  after.copyFrom(flash);
  const marked = new Set<number>();
  const outbox = mount(after);
  append(outbox, 401);
  while (outbox.nextBacklog()) {
    if (outbox.record.maybeSent) marked.add(outbox.record.sequence);
    outbox.settle(outbox.record.sequence, true);
  }
  for (const sent of [1, 128, 201, 328]) assert.ok(marked.has(sent), `${sent} was sent`);
  assert.equal(marked.size, 2 * (128 + 16));
  assert.ok(outbox.nextLive());
  assert.equal(outbox.record.sequence, 401);
  assert.equal(outbox.record.maybeSent, false);
});

test('records behind one that is never settled are handed out up to a bound', () => {
  const outbox = mount(newFlash({ blocks: 16 }));
  for (let n = 1; n <= 200; n += 1) append(outbox, n);
  const seen: number[] = [];
  while (outbox.next()) {
    seen.push(outbox.record.sequence);
    if (outbox.record.sequence > 1) outbox.settle(outbox.record.sequence, true);
  }
  assert.equal(seen.length, 128);
  assert.ok(outbox.settle(1, true));
  assert.ok(outbox.next());
  assert.equal(outbox.record.sequence, 129);
  assert.equal(outbox.delivered, 128);
});

test('a line drawn late, once nothing live is in flight, is known to the next boot', () => {
  const flash = newFlash({ blocks: 8 });
  const before = mount(flash);
  append(before, 1);
  assert.ok(before.nextLive());
  for (let n = 2; n <= 200; n += 1) append(before, n);
  before.startLive();
  append(before, 201);
  before.settle(1, true);
  assert.ok(before.nextLive());
  assert.equal(before.record.sequence, 201);
  const outbox = mount(flash);
  const marked: number[] = [];
  while (outbox.nextBacklog()) {
    if (outbox.record.maybeSent) marked.push(outbox.record.sequence);
    outbox.settle(outbox.record.sequence, true);
  }
  assert.ok(marked.includes(201));
  assert.ok(!marked.includes(200));
});

test('every block is erased equally often, to within one, round after round', () => {
  const flash = newFlash({ blocks: 16, blockBytes: 512 });
  let outbox = mount(flash);
  for (let n = 1; n <= 5000; n += 1) {
    append(outbox, n, n % 3 === 0 ? RecordKind.alarm : undefined);
    if (n % 2 === 0 && outbox.next()) outbox.settle(outbox.record.sequence, true);
    if (n % 501 === 0) outbox = mount(flash);
  }
  const alarms = 16 - alarmBlocks(16);
  for (const ring of [flash.erasesOf.slice(0, alarms), flash.erasesOf.slice(alarms)]) {
    assert.ok(Math.max(...ring) - Math.min(...ring) <= 1, `uneven: ${ring}`);
    assert.ok(Math.min(...ring) > 20);
  }
});

test('what was just appended is handed out without a read of the flash, and what is older is read', () => {
  const flash = newFlash({ blocks: 8 });
  const outbox = mount(flash);
  const reads = () => {
    const before = flash.reads;
    assert.equal(outbox.next(), true);
    assertRecord(outbox, outbox.record.sequence);
    return flash.reads - before;
  };
  append(outbox, 1);
  assert.equal(reads(), 0);
  append(outbox, 2);
  append(outbox, 3, RecordKind.alarm);
  assert.equal(reads(), 0, 'the alarm was written last');
  assert.equal(reads(), 1, 'the reading before it was not');
  assert.equal(outbox.settle(1, true), true);
  append(outbox, 4);
  outbox.flush();
  assert.equal(reads(), 1, 'the acknowledgement was written since');
  assert.equal(outbox.load(4), true);
  assertRecord(outbox, 4);
});

test('a draft takes the place of what was just appended, which is then read from the flash', () => {
  const flash = newFlash(SMALL);
  const outbox = mount(flash);
  append(outbox, 1);
  const { bytes, start } = outbox.draft();
  bytes.fill(0xaa, start, start + 64);
  assert.ok(outbox.nextLive());
  assertRecord(outbox, 1);
});

test('a draft is stored as it was written, also where a block is opened for it', () => {
  const flash = newFlash(SMALL);
  const outbox = mount(flash);
  for (let number = 1; number <= 60; number += 1) {
    const payload = payloadOf(number);
    const { bytes, start } = outbox.draft();
    bytes.set(payload, start);
    const end = start + payload.length;
    const at = 1_700_000_000_000 + number;
    outbox.append(RecordKind.reading, at, 2, number >> 4, number & 0xff, bytes, start, end);
    assert.ok(outbox.nextLive());
    assertRecord(outbox, number);
    assert.ok(outbox.settle(number, true));
  }
  assert.ok(flash.erases > 5);
});

test('a draft that is too long is refused, and costs no record before it', () => {
  const outbox = mount(newFlash(SMALL));
  append(outbox, 1);
  const { bytes, start } = outbox.draft();
  const end = start + OPTIONS.payloadBytesMax + 1;
  for (let i = start; i < end; i += 1) bytes[i] = 0xaa;
  assert.equal(outbox.append(RecordKind.reading, 0, 0, 1, 0, bytes, start, end), 0);
  assert.equal(outbox.oversized, 1);
  assert.ok(outbox.nextLive());
  assertRecord(outbox, 1);
});

test('a mount of a full 256 KiB partition needs less than 100 ms of flash reads', () => {
  const flash = newFlash({ blocks: 64 });
  const before = mount(flash);
  for (let n = 1; n <= 6000; n += 1) append(before, n, n % 9 === 0 ? RecordKind.alarm : undefined);
  const { reads, readBytes } = flash;
  const outbox = mount(flash);
  assert.ok(outbox.dropped > 0, 'it is full');
  const calls = flash.reads - reads;
  const bytes = flash.readBytes - readBytes;
  // 20 MB/s on the bus and 50 µs for each call, as FORMAT.md assumes.
  const ms = calls * 0.05 + bytes / 20_000;
  assert.ok(ms < 20, `${calls} calls, ${bytes} bytes: ${ms} ms`);
});

test('an append is one flash write, and a block change one more with one erase', () => {
  const flash = newFlash({ blocks: 8 });
  const outbox = mount(flash);
  for (let n = 1; n <= 2000; n += 1) {
    const { writes, erases, reads } = flash;
    append(outbox, n);
    assert.equal(flash.reads, reads);
    assert.equal(flash.writes - writes, 1 + flash.erases - erases);
    assert.ok(flash.erases - erases <= 1);
  }
});

test('storing acknowledgements never costs a record its place in a full log', () => {
  const flash = newFlash({ blocks: 8, blockBytes: 512 });
  const outbox = mount(flash);
  while (outbox.dropped === 0) append(outbox, outbox.headSequence);
  outbox.startLive();
  for (let i = 0; i < 3; i += 1) append(outbox, outbox.headSequence);
  const { dropped } = outbox;
  for (let i = 0; i < 3; i += 1) {
    outbox.nextLive();
    outbox.settle(outbox.record.sequence, true);
    outbox.flush();
  }
  for (let i = 0; i < 50; i += 1) outbox.flush();
  assert.equal(outbox.dropped, dropped);
  assertBalanced(outbox);
});

test('it works where the flash is written sixteen bytes at a time', () => {
  const flash = newFlash({ blocks: 8, blockBytes: 1024, writeAlignment: 16 });
  const before = mount(flash);
  for (let n = 1; n <= 300; n += 1) append(before, n, n % 4 === 0 ? RecordKind.alarm : undefined);
  const outbox = mount(flash);
  assert.deepEqual([outbox.depth, outbox.dropped], [before.depth, before.dropped]);
  while (outbox.next()) {
    assertRecord(outbox, outbox.record.sequence);
    outbox.settle(outbox.record.sequence, true);
  }
  assertBalanced(outbox);
});
