import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mountFlashOutbox } from '../../../firmware/outbox/flash-outbox.ts';
import { RecordKind, RecordQuality } from '../../../firmware/outbox/outbox.ts';
import {
  append,
  assertBalanced,
  describe,
  drain,
  forgeHeader,
  mount,
  newFlash,
  referenceCrc,
  SMALL,
  seeded,
} from './harness.ts';

test('a block that holds an older generation than it should costs its own records only', () => {
  const flash = newFlash({ blocks: 8, blockBytes: 512 });
  const before = mount(flash);
  for (let n = 1; n <= 20; n += 1) append(before, n);
  const old = flash.bytes.slice(512, 1024);
  while (flash.erasesOf[3] === 1) append(before, before.headSequence);
  const { depth } = before;
  flash.bytes.set(old, 512);
  const outbox = mount(flash);
  const sent = drain(outbox);
  assert.ok(sent.length > 0 && sent.length < depth);
  assert.ok(depth - sent.length <= 9, `${depth - sent.length} records are lost with one block`);
  assertBalanced(outbox);
});

test('records that are too large for a later firmware are dropped and counted', () => {
  const flash = newFlash({ blocks: 8 });
  const before = mountFlashOutbox(flash, { window: 8, payloadBytesMax: 600 });
  const large = new Uint8Array(500);
  for (let i = 0; i < 3; i += 1) before.append(RecordKind.reading, 0, 0, 1, 0, large, 0, 500);
  const outbox = mount(flash);
  assert.deepEqual([outbox.accepted, outbox.headSequence], [3, 4]);
  assert.equal(append(outbox, 4), 4);
  assert.deepEqual(drain(outbox), [4]);
  assert.equal(outbox.dropped, 3);
});

test('a partition that was divided or aligned otherwise mounts as empty', () => {
  const flash = newFlash({ blocks: 8 });
  append(mount(flash), 1);
  const other = newFlash({ blocks: 8, writeAlignment: 16 });
  other.bytes.set(flash.bytes);
  assert.equal(mount(other).accepted, 0);
  const larger = newFlash({ blocks: 16 });
  larger.bytes.set(flash.bytes);
  assert.equal(mount(larger).accepted, 0);
});

test('noise, zeros and foreign text mount as empty, with a repair counted for each ring', () => {
  const noise = seeded(77);
  const fills: ((offset: number) => number)[] = [
    () => noise.below(256),
    () => 0,
    (offset) => 'another program '.charCodeAt(offset % 16),
    () => 0x4d,
  ];
  for (const fill of fills) {
    const flash = newFlash(SMALL);
    flash.fill(fill);
    const outbox = mount(flash);
    assert.deepEqual([outbox.accepted, outbox.depth, outbox.headSequence], [0, 0, 1]);
    assert.ok(outbox.repairs >= 2);
    for (let n = 1; n <= 100; n += 1) assert.equal(append(outbox, n), n);
    assertBalanced(outbox);
    const again = mount(flash);
    assert.equal(again.headSequence, 101);
    assert.equal(again.dropped, outbox.dropped);
    assert.equal(drain(again).at(-1), 100);
  }
});

test('an erased partition mounts as empty without a repair and without an erase', () => {
  const flash = newFlash(SMALL);
  assert.equal(mount(flash).repairs, 0);
  assert.equal(flash.operations, 0);
});

test('a partition of another version mounts as empty, and its sequence numbers stay used', () => {
  const flash = newFlash({ blocks: 8 });
  const before = mount(flash);
  for (let n = 1; n <= 300; n += 1) append(before, n);
  for (let block = 0; block < 8; block += 1) {
    forgeHeader(flash, block, (header) => header.setUint16(4, 9, true));
  }
  const outbox = mount(flash);
  assert.equal(outbox.accepted, 0);
  assert.ok(outbox.headSequence > 300, `${outbox.headSequence}`);
  assert.ok(outbox.repairs >= 1);
});

test('a record whose payload has rotted is dropped, counted, and the next ones are read', () => {
  const flash = newFlash({ blocks: 8 });
  const before = mount(flash);
  for (let n = 1; n <= 50; n += 1) append(before, n);
  const at = findPayload(flash.bytes, 20);
  flash.rot(at, 0x10);
  const outbox = mount(flash);
  const sent = drain(outbox);
  assert.deepEqual([sent.length, outbox.dropped, outbox.delivered], [49, 1, 49]);
  assert.ok(!sent.includes(20));
  assertBalanced(outbox);
});

test('a rotten record keeps its number although only acknowledgements were stored after it', () => {
  const flash = newFlash({ blocks: 8 });
  const before = mount(flash);
  append(before, 1);
  // What was written last is not read from the flash.
  append(before, 2, RecordKind.alarm);
  flash.rot(192 + 10, 0x40);
  assert.equal(before.next(), true);
  before.settle(2, true);
  assert.equal(before.next(), false);
  before.flush();
  const outbox = mount(flash);
  assert.deepEqual([outbox.accepted, outbox.dropped, outbox.headSequence], [2, 1, 3]);
  assertBalanced(outbox);
});

test('readings that say WORD again and again, and have rotted, cost no reading that comes after them', () => {
  const flash = newFlash(SMALL);
  const before = mount(flash);
  const payload = new Uint8Array(64);
  for (let i = 0; i < payload.length; i += 1) payload[i] = 'WORD'.charCodeAt(i % 4);
  for (let n = 1; n <= 3; n += 1) {
    before.append(RecordKind.reading, n, RecordQuality.none, 1, 0, payload, 0, payload.length);
    flash.rot(192 + (n - 1) * 96, 0x01);
  }
  const later = mount(flash);
  const numbers = Array.from({ length: 12 }, () => append(later, later.headSequence));
  const outbox = mount(flash);
  assert.deepEqual([outbox.accepted, outbox.headSequence], [later.accepted, later.headSequence]);
  assert.deepEqual(drain(outbox), numbers);
  assertBalanced(outbox);
});

test('the number of a rotten alarm is not given again, though readings ended before it', () => {
  const flash = newFlash({ blocks: 8 });
  const before = mount(flash);
  append(before, 1, RecordKind.alarm);
  for (let n = 2; n <= 9; n += 1) append(before, n);
  const end = flash.bytes.subarray(5 * 4096).indexOf(0xff, 192 + 32);
  append(before, 10, RecordKind.alarm);
  flash.rot(5 * 4096 + end + 4, 0x01);
  const outbox = mount(flash);
  assert.deepEqual([outbox.accepted, outbox.headSequence], [10, 11]);
});

test('a number that only a rotten header had is not given again after acknowledgements are stored', () => {
  const flash = newFlash({ blocks: 8 });
  const before = mount(flash);
  append(before, 1, RecordKind.alarm);
  for (let n = 2; n <= 4; n += 1) append(before, n);
  flash.rot(findPayload(flash.bytes, 4) - 20, 0x01);
  const outbox = mount(flash);
  assert.equal(outbox.headSequence, 5);
  assert.deepEqual(drain(outbox), [1, 2, 3]);
  outbox.flush();
  const again = mount(flash);
  assert.deepEqual([again.headSequence, again.depth, again.delivered], [5, 0, 3]);
});

test('a record with a right checksum and a number that was never given is dropped, not sent', () => {
  const flash = newFlash({ blocks: 8 });
  const before = mount(flash);
  while (flash.erasesOf[3] === 0) append(before, before.headSequence);
  const { headSequence, depth } = before;
  const at = findPayload(flash.bytes, 1) - 28;
  const header = new DataView(flash.bytes.buffer, flash.bytes.byteOffset + at, 28);
  header.setUint32(4, headSequence + 5, true);
  header.setUint32(24, referenceCrc(flash.bytes.subarray(at, at + 24)), true);
  const outbox = mount(flash);
  assert.equal(outbox.headSequence, headSequence);
  const sent = drain(outbox);
  assert.deepEqual([sent[0], sent.length, outbox.dropped], [2, depth - 1, 1]);
});

test('a record with a right checksum and a place that cannot be costs no number after it', () => {
  const flash = newFlash({ blocks: 8 });
  const before = mount(flash);
  for (let n = 1; n <= 3; n += 1) append(before, n);
  const at = findPayload(flash.bytes, 3) - 28;
  const header = new DataView(flash.bytes.buffer, flash.bytes.byteOffset + at, 28);
  header.setUint16(14, 9, true);
  header.setUint32(24, referenceCrc(flash.bytes.subarray(at, at + 24)), true);
  const outbox = mount(flash);
  while (flash.erasesOf[2] === 0) append(outbox, outbox.headSequence);
  const again = mount(flash);
  assert.deepEqual([again.headSequence, again.accepted], [outbox.headSequence, outbox.accepted]);
  assertBalanced(again);
});

test('a flipped bit anywhere loses no more than one record, and the books still balance', () => {
  const flash = newFlash(SMALL);
  const before = mount(flash);
  for (let n = 1; n <= 26; n += 1) append(before, n, n % 4 === 0 ? RecordKind.alarm : undefined);
  const { depth, accepted, dropped } = before;
  for (let at = 0; at < flash.bytes.length; at += 1) {
    flash.rot(at, 1 << (at % 8));
    const found = describe(flash);
    flash.rot(at, 1 << (at % 8));
    assert.equal(found.accepted, accepted, `bit of byte ${at}`);
    assert.ok(found.dropped + found.depth === dropped + depth, `bit of byte ${at}`);
    assert.ok(found.sent.length >= depth - 1, `bit of byte ${at}: ${found.sent}`);
    assert.ok(found.headSequence === 27 || found.headSequence === 28, `bit of byte ${at}`);
  }
});

test('a block of noise in the middle costs its records, each counted, and nothing else', () => {
  const flash = newFlash({ blocks: 8 });
  const before = mount(flash);
  for (let n = 1; n <= 200; n += 1) append(before, n);
  const noise = seeded(5);
  for (let at = 4096; at < 8192; at += 1) flash.bytes[at] = noise.below(256);
  const outbox = mount(flash);
  assert.equal(outbox.depth, 200);
  const sent = drain(outbox);
  assert.equal(sent.length + outbox.dropped, 200);
  assert.ok(sent.length > 100);
  assert.equal(sent.at(-1), 200);
  assertBalanced(outbox);
});

test('a lost record is found lost while the log is in use, too', () => {
  const flash = newFlash({ blocks: 8 });
  const outbox = mount(flash);
  for (let n = 1; n <= 40; n += 1) append(outbox, n);
  outbox.next();
  outbox.next();
  for (let i = 0; i < 4096; i += 1) flash.bytes[i] ^= i % 97 === 0 ? 1 : 0;
  const sent = drain(outbox);
  assert.equal(sent.length + outbox.dropped, 40);
  assert.ok(outbox.dropped > 10);
  assert.equal(append(outbox, 41), 41);
  assert.deepEqual(drain(outbox), [41]);
});

/** Where the payload of a reading with this sequence number begins. */
function findPayload(bytes: Uint8Array, sequence: number): number {
  for (let at = 192; at < bytes.length; at += 4) {
    const view = new DataView(bytes.buffer, at, 28);
    const number = view.getUint32(4, true);
    if (number !== sequence) continue;
    if (view.getUint32(24, true) === referenceCrc(bytes.subarray(at, at + 24))) return at + 28;
  }
  throw new Error(`no record ${sequence}`);
}
