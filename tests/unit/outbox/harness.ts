/** What the outbox tests share: seeded noise, partitions, records to append, and checks. */

import assert from 'node:assert/strict';
import { mountFlashOutbox } from '../../../firmware/outbox/flash-outbox.ts';
import { type Outbox, RecordKind, RecordQuality } from '../../../firmware/outbox/outbox.ts';
import type { Random } from '../../../firmware/ports.ts';
import { VirtualFlash } from '../../../host-sim/virtual/flash.ts';

/** The same numbers for the same seed, on every machine. */
export function seeded(seed: number): Random {
  let state = seed >>> 0;
  return {
    below(below: number): number {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      const mixed = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) >>> 0;
      return Math.floor(((mixed ^ (mixed >>> 13)) >>> 0) / (0x1_0000_0000 / below));
    },
  };
}

export const SMALL = Object.freeze({ blocks: 8, blockBytes: 512 });
export const OPTIONS = Object.freeze({ window: 8, payloadBytesMax: 64 });

export function newFlash(shape: { blocks: number; blockBytes?: number; writeAlignment?: number }) {
  return new VirtualFlash({ ...shape, random: seeded(1) });
}

export function mount(flash: VirtualFlash, window: number = OPTIONS.window): Outbox {
  return mountFlashOutbox(flash, { window, payloadBytesMax: OPTIONS.payloadBytesMax });
}

/** The payload that belongs to a number: 0 to 40 bytes that tell it apart. */
export function payloadOf(number: number): Uint8Array {
  const payload = new Uint8Array((number * 7) % 41);
  for (let i = 0; i < payload.length; i += 1) payload[i] = (number * 31 + i * 17) & 0xff;
  return payload;
}

/** Appends it: every other number is written into the outbox's draft, the others are copied. */
export function append(outbox: Outbox, number: number, kind: RecordKind = RecordKind.reading) {
  const payload = payloadOf(number);
  const { bytes, start } = number % 2 === 0 ? outbox.draft() : { bytes: payload, start: 0 };
  bytes.set(payload, start);
  const end = start + payload.length;
  const at = 1_700_000_000_000 + number;
  const quality = RecordQuality.sync;
  return outbox.append(kind, at, quality, number >> 4, number & 0xff, bytes, start, end);
}

/** Checks that the record is the one that `append` made of `number`. */
export function assertRecord(outbox: Outbox, number: number): void {
  const record = outbox.record;
  assert.deepEqual(record.bytes.slice(record.start, record.end), payloadOf(number));
  assert.equal(record.at, 1_700_000_000_000 + number);
  assert.equal(record.boot, number >> 4);
  assert.equal(record.selector, number & 0xff);
  assert.equal(record.quality, RecordQuality.sync);
}

/** The equation that holds at any time. */
export function assertBalanced(outbox: Outbox): void {
  const { accepted, delivered, refused, dropped, depth } = outbox;
  assert.equal(accepted, delivered + refused + dropped + depth, 'the books do not balance');
  assert.ok(Math.min(delivered, refused, dropped, depth) >= 0, 'a count is negative');
}

/** Sends everything, acknowledging as it goes. @returns the sequence numbers in order. */
export function drain(outbox: Outbox): number[] {
  const sent: number[] = [];
  outbox.rewind();
  while (outbox.next()) {
    sent.push(outbox.record.sequence);
    assert.ok(outbox.settle(outbox.record.sequence, true));
  }
  assert.equal(outbox.depth, 0);
  return sent;
}

/** What an outbox claims, and the records it would send, without changing the storage. */
export function describe(flash: VirtualFlash) {
  const copy = new VirtualFlash({ ...flashShape(flash), random: seeded(2) });
  copy.copyFrom(flash);
  const outbox = mount(copy);
  const { accepted, delivered, refused, dropped, depth, headSequence } = outbox;
  return { accepted, delivered, refused, dropped, depth, headSequence, sent: drain(outbox) };
}

export function flashShape(flash: VirtualFlash) {
  const { blocks, blockBytes, writeAlignment } = flash;
  return { blocks, blockBytes, writeAlignment };
}

/** CRC-32 from its definition, so that a test can forge headers without the code under test. */
export function referenceCrc(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}

/** Changes both copies of a block's header, if it has any, and makes their checksums right. */
export function forgeHeader(
  flash: VirtualFlash,
  block: number,
  change: (header: DataView) => void,
): void {
  for (const copy of [0, 96]) {
    const at = block * flash.blockBytes + copy;
    if (flash.bytes[at] === 0xff) continue;
    const header = new DataView(flash.bytes.buffer, flash.bytes.byteOffset + at, 96);
    change(header);
    header.setUint32(92, referenceCrc(flash.bytes.subarray(at, at + 92)), true);
  }
}
