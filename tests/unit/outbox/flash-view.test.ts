import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crc32 } from '../../../firmware/base/crc32.ts';
import { FlashView } from '../../../firmware/outbox/flash-view.ts';
import { newFlash } from './harness.ts';

/** Bytes 64 to 127 of the first block are held. */
function holding() {
  const flash = newFlash({ blocks: 2, blockBytes: 256 });
  flash.load(new Uint8Array(512).fill(0x11));
  flash.erase(0);
  const view = new FlashView(flash, crc32, 64);
  view.load(64, 64, 256);
  view.out.bytes.fill(0x22);
  return { flash, view, reads: flash.reads };
}

/** What a view says of four bytes. */
function fourAt(view: FlashView, offset: number): number {
  return view.page.view.getUint32(view.load(offset, 4, 512));
}

test('what was written is read anew where it was held, and only there', () => {
  for (const [offset, isHeld] of [
    [0, false],
    [48, false],
    [56, true],
    [64, true],
    [112, true],
    [120, true],
    [128, false],
  ] as const) {
    const { flash, view, reads } = holding();
    view.write(offset, 16);
    assert.equal(view.outOffset, offset);
    for (const at of [64, 68, 72, 120, 124]) {
      const isWritten = at >= offset && at < offset + 16;
      assert.equal(fourAt(view, at), isWritten ? 0x22222222 : 0xffffffff, `${at} after ${offset}`);
    }
    assert.equal(flash.reads - reads, isHeld ? 1 : 0, `${offset}`);
  }
});

test('what was erased is read anew where it was held, and only there', () => {
  const { flash, view, reads } = holding();
  view.erase(1);
  fourAt(view, 64);
  assert.equal(flash.reads, reads);
  view.write(64, 16);
  assert.equal(fourAt(view, 64), 0x22222222);
  view.erase(0);
  assert.equal(fourAt(view, 64), 0xffffffff);
  const other = holding();
  other.view.load(256, 64, 512);
  const before = other.flash.reads;
  other.view.erase(0);
  assert.equal(fourAt(other.view, 256), 0x11111111);
  assert.equal(other.flash.reads, before);
  other.view.erase(1);
  assert.equal(fourAt(other.view, 256), 0xffffffff);
});

test('what could not be read or written lies nowhere', () => {
  const { flash, view, reads } = holding();
  view.write(0, 16);
  flash.cutAt(1, 0);
  assert.throws(() => view.write(16, 16));
  assert.ok(view.outOffset < 0);
  assert.throws(() => view.load(192, 16, 256));
  flash.powerUp();
  fourAt(view, 64);
  assert.equal(flash.reads, reads + 1);
});
