import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FlashMisuse, PowerCut, VirtualFlash } from '../../../host-sim/virtual/flash.ts';
import { newFlash, seeded } from './harness.ts';

const data = Uint8Array.from({ length: 64 }, (_, i) => i + 1);
const small = () => newFlash({ blocks: 2, blockBytes: 256 });

test('a unit can be written once per erase, and an erase makes its block 0xFF again', () => {
  const flash = small();
  flash.write(8, data, 0, 8);
  assert.throws(() => flash.write(12, data, 0, 8), FlashMisuse);
  assert.throws(() => flash.write(8, data.fill(0xff, 60), 60, 64), FlashMisuse);
  flash.erase(0);
  assert.ok(flash.bytes.every((byte) => byte === 0xff));
  flash.write(12, data, 0, 8);
  assert.deepEqual([flash.writes, flash.writtenBytes, flash.erases], [2, 16, 1]);
  assert.deepEqual([...flash.erasesOf], [1, 0]);
});

test('writes that are not aligned or reach outside are refused', () => {
  const flash = newFlash({ blocks: 2, blockBytes: 256, writeAlignment: 16 });
  assert.throws(() => flash.write(8, data, 0, 16), FlashMisuse);
  assert.throws(() => flash.write(16, data, 0, 8), FlashMisuse);
  assert.throws(() => flash.write(512, data, 0, 16), FlashMisuse);
  assert.throws(() => flash.read(500, new Uint8Array(16), 0, 16), FlashMisuse);
  assert.throws(() => flash.erase(2), FlashMisuse);
});

test('a torn write leaves the bytes before the tear, noise in one unit, and nothing after', () => {
  for (let byte = 0; byte < 32; byte += 1) {
    const flash = small();
    flash.write(0, data, 0, 8);
    flash.cutAt(2, byte);
    flash.write(16, data, 0, 8);
    assert.throws(() => flash.write(32, data, 0, 32), PowerCut);
    assert.throws(() => flash.read(0, new Uint8Array(4), 0, 4), PowerCut);
    flash.powerUp();
    assert.deepEqual(flash.bytes.slice(32, 32 + byte), data.slice(0, byte));
    const unitEnd = 32 + Math.floor(byte / 4) * 4 + 4;
    assert.ok(flash.bytes.slice(unitEnd).every((left) => left === 0xff));
  }
});

test('a torn erase leaves a block that must be erased again before it is written', () => {
  const flash = small();
  flash.write(0, new Uint8Array(256), 0, 256);
  flash.cutAt(1, 100);
  assert.throws(() => flash.erase(0), PowerCut);
  flash.powerUp();
  assert.ok(flash.bytes.slice(0, 100).every((byte) => byte === 0xff));
  assert.ok(flash.bytes.slice(100 + 64, 256).every((byte) => byte === 0));
  flash.write(96, data, 0, 4);
  assert.throws(() => flash.write(200, data, 0, 4), FlashMisuse);
  assert.equal(flash.erasesOf[0], 1);
});

test('the same seed makes the same noise', () => {
  const torn = () => {
    const flash = new VirtualFlash({ blocks: 1, blockBytes: 256, random: seeded(9) });
    flash.cutAt(1, 1);
    assert.throws(() => flash.write(0, data, 0, 8), PowerCut);
    return [...flash.bytes.slice(0, 4)];
  };
  assert.deepEqual(torn(), torn());
});
