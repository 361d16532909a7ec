/** What a firmware finds that is older than the one before it, and headers that say absurd things. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { VirtualFlash } from '../../../host-sim/virtual/flash.ts';
import {
  append,
  assertBalanced,
  drain,
  forgeHeader,
  mount,
  newFlash,
  referenceCrc,
  SMALL,
} from './harness.ts';

const HEADER_BYTES = 96;
const ALARM_RING_AT = 5;

/** Makes every block of the partition from `first` on one of a newer format. */
function makeNewer(flash: VirtualFlash, first = 0): void {
  for (let block = first; block < flash.blocks; block += 1) {
    forgeHeader(flash, block, (header) => header.setUint16(4, 9, true));
  }
}

test('numbers are not given again when a downgraded board restarts before its first reading', () => {
  for (const count of [1, 4, 16, 40, 300]) {
    const flash = newFlash({ blocks: 8, blockBytes: 512 });
    const before = mount(flash);
    for (let n = 1; n <= count; n += 1) append(before, n);
    makeNewer(flash);
    for (let boot = 0; boot < 4; boot += 1) {
      const outbox = mount(flash);
      assert.ok(outbox.headSequence > count, `boot ${boot}: ${outbox.headSequence} after ${count}`);
    }
    const outbox = mount(flash);
    const sequence = append(outbox, outbox.headSequence);
    assert.ok(sequence > count);
    assert.equal(mount(flash).headSequence, sequence + 1);
  }
});

test('numbers stay used when the power goes while a downgraded board opens its first block', () => {
  const flash = newFlash({ blocks: 8, blockBytes: 512 });
  const before = mount(flash);
  for (let n = 1; n <= 4; n += 1) append(before, n);
  makeNewer(flash);
  const copy = newFlash({ blocks: 8, blockBytes: 512 });
  for (let operation = 1; operation <= 3; operation += 1) {
    for (const byte of [0, 1, 95, 96, 150, 191, 300]) {
      copy.copyFrom(flash);
      copy.cutAt(operation, byte);
      try {
        const outbox = mount(copy);
        append(outbox, outbox.headSequence);
      } catch {
        copy.powerUp();
      }
      assert.ok(mount(copy).headSequence > 4, `operation ${operation}, byte ${byte}`);
    }
  }
});

test('blocks of before an upgrade are read after the downgrade, and newer numbers stay used', () => {
  const flash = newFlash({ blocks: 8, blockBytes: 512 });
  const before = mount(flash);
  for (let n = 1; n <= 12; n += 1) append(before, n);
  const opened = flash.erases;
  while (flash.erases === opened) append(before, before.headSequence);
  const last = before.headSequence - 1;
  const newest = Math.floor(flash.bytes.lastIndexOf(0x4d, ALARM_RING_AT * 512 - 1) / 512);
  assert.ok(newest >= 1);
  makeNewer(flash, newest);
  for (let boot = 0; boot < 3; boot += 1) assert.ok(mount(flash).headSequence > last);
  const outbox = mount(flash);
  assert.ok(append(outbox, outbox.headSequence) > last);
  const sent = drain(outbox);
  assert.ok(sent.includes(1) && sent.includes(12));
  assertBalanced(outbox);
});

test('a header that one rotten bit could cost its block is not written after', () => {
  for (let torn = HEADER_BYTES; torn < 2 * HEADER_BYTES; torn += 1) {
    const flash = newFlash({ blocks: 8, blockBytes: 512 });
    const before = mount(flash);
    append(before, 1);
    // The next header is torn behind its first copy.
    let cut = false;
    while (!cut) {
      const trial = newFlash({ blocks: 8, blockBytes: 512 });
      trial.copyFrom(flash);
      const { erases } = trial;
      append(mount(trial), before.headSequence);
      cut = trial.erases > erases;
      if (!cut) append(before, before.headSequence);
    }
    const accepted = before.accepted;
    flash.cutAt(1, torn);
    assert.throws(() => append(before, before.headSequence));
    flash.powerUp();
    const after = mount(flash);
    assert.equal(after.accepted, accepted);
    for (let n = 0; n < 3; n += 1) append(after, after.headSequence);
    const { headSequence } = after;
    for (const bit of [5, HEADER_BYTES + 5]) {
      const rotten = newFlash({ blocks: 8, blockBytes: 512 });
      rotten.copyFrom(flash);
      for (let block = 0; block < ALARM_RING_AT; block += 1) {
        if (rotten.bytes[block * 512] === 0x4d) rotten.rot(block * 512 + bit, 4);
      }
      const outbox = mount(rotten);
      assert.equal(outbox.headSequence, headSequence, `torn at ${torn}, rot at ${bit}`);
      assert.equal(drain(outbox).length + outbox.dropped, accepted + 3);
    }
  }
});

test('absurd numbers under a right checksum are not believed, and cost no time', () => {
  const fields = [12, 16, 20, 24, 28, 32, 36, 40, 44, 48];
  const values = [0, 1, 2, 1000, 0x7fff_ffff, 0xffff_fff0, 0xffff_ffff];
  for (const at of fields) {
    for (const value of values) {
      const flash = newFlash(SMALL);
      const before = mount(flash);
      for (let n = 1; n <= 20; n += 1) append(before, n);
      for (let block = 0; block < ALARM_RING_AT; block += 1) {
        forgeHeader(flash, block, (header) => header.setUint32(at, value, true));
      }
      const reads = flash.reads;
      const outbox = mount(flash);
      assertBalanced(outbox);
      append(outbox, outbox.headSequence);
      drain(outbox);
      assertBalanced(outbox);
      assert.ok(flash.reads - reads < 5000, `${flash.reads - reads} reads for ${at}: ${value}`);
      assertBalanced(mount(flash));
    }
  }
});

test('absurd numbers in a state or a record with a right checksum are not believed', () => {
  const fields = [4, 14, 28, 32, 36, 40, 44];
  const values = [0, 1, 1000, 0x7fff_ffff, 0xffff_ffff];
  for (const at of fields) {
    for (const value of values) {
      const flash = newFlash(SMALL);
      const before = mount(flash);
      for (let n = 1; n <= 3; n += 1) append(before, n);
      before.next();
      before.settle(1, true);
      before.flush();
      forgeLastState(flash, at, value);
      const outbox = mount(flash);
      assertBalanced(outbox);
      append(outbox, outbox.headSequence);
      drain(outbox);
      assertBalanced(outbox);
    }
  }
});

test('a record of a kind or a time that a later firmware invented is skipped and counted', () => {
  for (const type of [0x23, 0x2f, 0x30, 0xf1]) {
    for (const place of [0, 2, 4]) {
      const flash = newFlash({ blocks: 8 });
      const before = mount(flash);
      for (let n = 1; n <= 5; n += 1) append(before, n);
      let at = 192;
      for (let i = 0; i < place; i += 1) at += recordBytesAt(flash, at);
      flash.bytes[at + 2] = type;
      sealHeader(flash, at);
      const outbox = mount(flash);
      assert.deepEqual([outbox.accepted, outbox.headSequence], [5, 6], `type ${type} at ${place}`);
      const sent = drain(outbox);
      assert.deepEqual([sent.length, outbox.dropped], [4, 1]);
      assert.equal(append(outbox, 6), 6);
    }
  }
});

test('a state record that is too short for a state is passed over, wherever it lies', () => {
  for (let count = 1; count <= 60; count += 1) {
    const flash = newFlash({ blocks: 8 });
    const before = mount(flash);
    for (let n = 1; n <= count; n += 1) append(before, n);
    let at = 192;
    while (flash.bytes[at + 2] !== 0xff) at += recordBytesAt(flash, at);
    const header = new DataView(flash.bytes.buffer, at);
    for (const [offset, value] of [
      [0, 2 << 16],
      [4, count + 1],
      [8, 0],
      [12, count << 16],
      [16, 0],
      [20, referenceCrc(new Uint8Array(0))],
      [28, 0x45544154],
    ]) {
      header.setUint32(offset, value, true);
    }
    sealHeader(flash, at);
    const outbox = mount(flash);
    assert.deepEqual([outbox.accepted, outbox.depth], [count, count]);
    assertBalanced(outbox);
  }
});

/** Changes a field of the last state record in block 0, and makes its checksums right. */
function forgeLastState(flash: VirtualFlash, field: number, value: number): void {
  let at = 192;
  while ((flash.bytes[at + 2] & 15) !== 2) at += recordBytesAt(flash, at);
  const view = new DataView(flash.bytes.buffer, at);
  const payload = view.getUint16(0, true);
  if (field === 14) view.setUint16(14, value & 0xffff, true);
  else if (field < 28 + payload) view.setUint32(field, value, true);
  const crc = referenceCrc(flash.bytes.subarray(at + 28, at + 28 + payload));
  view.setUint32(20, crc, true);
  sealHeader(flash, at);
}

function sealHeader(flash: VirtualFlash, at: number): void {
  const view = new DataView(flash.bytes.buffer, at);
  view.setUint32(24, referenceCrc(flash.bytes.subarray(at, at + 24)), true);
}

function recordBytesAt(flash: VirtualFlash, at: number): number {
  const payload = new DataView(flash.bytes.buffer, at).getUint16(0, true);
  return Math.ceil((28 + payload + 4) / 4) * 4;
}
