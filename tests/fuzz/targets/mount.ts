/**
 * The outbox on any image of its flash: it mounts, with bounded reading; its books balance; what is
 * appended is there after the next mount; and no number is given twice. The first byte chooses the
 * alignment.
 */

import assert from 'node:assert/strict';
import { crc32 } from '../../../firmware/base/crc32.ts';
import { mountFlashOutbox } from '../../../firmware/outbox/flash-outbox.ts';
import { type Outbox, RecordKind } from '../../../firmware/outbox/outbox.ts';
import { VirtualFlash } from '../../../host-sim/virtual/flash.ts';
import type { Dice } from '../mutator.ts';
import type { Target } from '../target.ts';

const BLOCKS = 8;
const BLOCK_BYTES = 512;
const IMAGE_BYTES = BLOCKS * BLOCK_BYTES;
const ALIGNMENTS: readonly number[] = Object.freeze([1, 4, 8, 16, 32]);
const PAYLOAD_BYTES_MAX = 64;
const SEQUENCES = 0x1_0000_0000;
/** Times the flash that a mount may read, and each record after it. */
const READS_MAX = 40;
const APPENDS = 12;
const RECORDS_AT = 192;
const HEADER_BYTES = 96;

function flashOf(alignment: number): VirtualFlash {
  const random = { below: () => 0 };
  return new VirtualFlash({
    blocks: BLOCKS,
    blockBytes: BLOCK_BYTES,
    writeAlignment: alignment,
    random,
  });
}

function mount(flash: VirtualFlash): Outbox {
  const before = flash.readBytes;
  const outbox = mountFlashOutbox(flash, { window: 4, payloadBytesMax: PAYLOAD_BYTES_MAX });
  assert.ok(flash.readBytes - before <= READS_MAX * IMAGE_BYTES, 'mount reads without end');
  return outbox;
}

function assertBalanced({ accepted, delivered, refused, dropped, depth }: Outbox): void {
  const books = `${accepted} accepted, ${delivered}, ${refused}, ${dropped}, ${depth}`;
  assert.equal(accepted, delivered + refused + dropped + depth, books);
  assert.ok(Math.min(delivered, refused, dropped, depth) >= 0, books);
}

const payload = new Uint8Array(PAYLOAD_BYTES_MAX);

function append(outbox: Outbox, i: number): number {
  const kind = i % 5 === 4 ? RecordKind.alarm : RecordKind.reading;
  return outbox.append(kind, i, 0, 1, 0, payload, 0, (i * 13) % PAYLOAD_BYTES_MAX);
}

/** Takes everything out, settled where `settles`. @returns the numbers */
function taken(outbox: Outbox, settles: boolean): number[] {
  const numbers: number[] = [];
  outbox.rewind();
  while (outbox.next()) {
    numbers.push(outbox.record.sequence);
    assert.ok(numbers.length <= 1000, 'records without end');
    if (settles) assert.ok(outbox.settle(outbox.record.sequence, true));
    else if (numbers.length === 4) break;
  }
  return numbers;
}

function good(alignment: number, records: number): Uint8Array {
  const flash = flashOf(alignment);
  const outbox = mount(flash);
  for (let i = 0; i < records; i++) {
    append(outbox, i);
    if (i % 3 > 0 && outbox.next()) outbox.settle(outbox.record.sequence, i % 7 > 0);
    if (i === records >> 1) outbox.startLive();
  }
  outbox.flush();
  return Uint8Array.of(ALIGNMENTS.indexOf(alignment), ...flash.bytes);
}

function alignmentOf(input: Uint8Array): number {
  return ALIGNMENTS[(input[0] ?? 0) % ALIGNMENTS.length];
}

/** Puts the checksums of a header, or of a record, right. */
function seal(image: Uint8Array, alignment: number, dice: Dice): void {
  const view = new DataView(image.buffer, image.byteOffset, image.length);
  const block = dice.below(BLOCKS) * BLOCK_BYTES;
  for (const copy of [block, block + HEADER_BYTES]) {
    if (image[copy] === 0xff || copy + HEADER_BYTES > image.length || dice.below(3) === 0) continue;
    view.setUint32(copy + 92, crc32(image, copy, copy + 92), true);
  }
  for (let at = block + RECORDS_AT; at + 32 <= block + BLOCK_BYTES && at + 32 <= image.length; ) {
    const end = at + 28 + view.getUint16(at, true);
    if (end > block + BLOCK_BYTES || end > image.length) return;
    view.setUint32(at + 20, crc32(image, at + 28, end), true);
    view.setUint32(at + 24, crc32(image, at, at + 24), true);
    at = Math.ceil((end + 4) / alignment) * alignment;
  }
}

export const target: Target = {
  seeds: [
    good(4, 5),
    good(4, 40),
    good(1, 90),
    good(8, 60),
    good(16, 60),
    good(32, 33),
    Uint8Array.of(1),
  ],
  bytesMax: 1 + IMAGE_BYTES,
  stepsMax: 3_000_000,
  madeMax: 20_000,
  repair(input, dice) {
    if (input.length < BLOCK_BYTES) return;
    for (let left = 1 + dice.below(2); left > 0; left--) {
      seal(input.subarray(1), Math.max(4, alignmentOf(input)), dice);
    }
  },
  run(input) {
    const flash = flashOf(alignmentOf(input));
    flash.load(input.subarray(1));
    const first = mount(flash);
    assertBalanced(first);
    const { headSequence } = first;
    assert.ok(headSequence >= 1, `next is ${headSequence}`);
    // Used up: after 136 years of a reading a second.
    if (headSequence > SEQUENCES - BLOCK_BYTES) return;
    for (const number of taken(first, false)) assert.ok(number < headSequence, 'to be given again');
    const second = mount(flash);
    assertBalanced(second);
    // Where headers of both rings have rotted, one may be counted twice: a gap, and no harm.
    assert.ok(second.headSequence >= headSequence, 'the second mount gives numbers again');
    let last = second.headSequence - 1;
    for (let i = 0; i < APPENDS; i++) {
      const number = append(second, i);
      assert.equal(number, last + 1, 'numbers do not ascend');
      last = number;
    }
    assertBalanced(second);
    second.flush();
    const third = mount(flash);
    assertBalanced(third);
    assert.equal(third.headSequence, last + 1, 'a number would be given again');
    assert.equal(third.accepted, second.accepted);
    const numbers = taken(third, true);
    assertBalanced(third);
    assert.equal(third.depth, 0);
    assert.ok(
      numbers.every((number) => number <= last),
      'a number that was never given',
    );
    const appended = numbers.filter((number) => number >= second.headSequence);
    assert.equal(new Set(appended).size, appended.length, 'a number twice');
  },
};
