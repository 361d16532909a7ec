/** What lies in flash is what FORMAT.md draws, byte for byte, in both directions. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mountFlashOutbox } from '../../../firmware/outbox/flash-outbox.ts';
import { type Outbox, RecordKind } from '../../../firmware/outbox/outbox.ts';
import type { VirtualFlash } from '../../../host-sim/virtual/flash.ts';
import { newFlash } from './harness.ts';
import {
  type HeaderFields,
  headerImage,
  joined,
  type RecordFields,
  recordImage,
  stateImage,
} from './image.ts';

/** A partition of 8 blocks has 5 for readings and 3 for alarms. */
const BLOCK = 512;
const ALARMS_AT = 5 * BLOCK;
const EARLY = 0x0000_0123_4567;
const LATE = 0xfedc_ba98_7654;

const mounted = (flash: VirtualFlash) =>
  mountFlashOutbox(flash, { window: 8, payloadBytesMax: 64 });
const smallFlash = (writeAlignment = 1) =>
  newFlash({ blocks: 8, blockBytes: BLOCK, writeAlignment });

function reading(index: number, more: Partial<RecordFields> = {}): RecordFields {
  const payload = Uint8Array.of(0x80 + index, 2, 3, 4, 5).subarray(0, index + 1);
  const sequence = index + 1;
  return { type: 0, quality: 2, selector: 7, sequence, at: LATE, index, boot: 3, payload, ...more };
}

function state(index: number, sequence: number, payload: Uint8Array): RecordFields {
  return { type: 2, quality: 0, selector: 0, sequence, at: 0, index, boot: 0, payload };
}

function stored(outbox: Outbox, record: RecordFields): number {
  const { type, at, quality, boot, selector, payload } = record;
  const kind = type as RecordKind;
  return outbox.append(kind, at, quality as 2, boot, selector, payload, 0, payload.length);
}

function assertFlash(flash: VirtualFlash, at: number, expected: Uint8Array): void {
  const found = flash.bytes.subarray(at, at + expected.length);
  assert.deepEqual([...found], [...expected]);
  const rest = flash.bytes.subarray(at + expected.length, at - (at % BLOCK) + BLOCK);
  assert.ok(
    rest.every((byte) => byte === 0xff),
    'the rest of the block is not erased',
  );
}

/** What the outbox hands out, one record after the other. */
function handedOut(outbox: Outbox) {
  const found: unknown[] = [];
  while (outbox.next()) {
    const { kind, quality, selector, sequence, at, boot, bytes, start, end } = outbox.record;
    found.push([kind, quality, selector, sequence, at, boot, ...bytes.subarray(start, end)]);
    assert.equal(outbox.settle(sequence, true), true);
  }
  return found;
}

const expectedOf = ({ type, quality, selector, sequence, at, boot, payload }: RecordFields) => [
  ...[type, quality, selector, sequence, at, boot],
  ...payload,
];

for (const alignment of [4, 8, 16, 32]) {
  test(`records lie behind two copies of the block's header, aligned to ${alignment} bytes`, () => {
    const flash = smallFlash(alignment);
    const outbox = mounted(flash);
    const first = reading(0, { quality: 0, selector: 255, at: EARLY, boot: 0xffff_fffe });
    const second = reading(1, { quality: 1, selector: 0 });
    const alarm = reading(0, { type: RecordKind.alarm, sequence: 3, payload: new Uint8Array(0) });
    for (const [i, record] of [first, second, alarm].entries()) {
      assert.equal(stored(outbox, record), i + 1);
    }
    const start = { alignment, generation: 0, firstOrdinal: 1, tail: 1 };
    assertFlash(
      flash,
      0,
      joined(
        headerImage({ ...start, ring: 0, blocks: 5, nextSequence: 1 }),
        recordImage(first, alignment),
        recordImage(second, alignment),
      ),
    );
    assertFlash(
      flash,
      ALARMS_AT,
      joined(
        headerImage({ ...start, ring: 1, blocks: 3, nextSequence: 3 }),
        recordImage(alarm, alignment),
      ),
    );
  });
}

test('a state record tells the tail, what was refused, and the live readings that are finished', () => {
  const flash = smallFlash();
  const outbox = mounted(flash);
  const records = [0, 1, 2, 3].map((index) => reading(index));
  for (const record of records.slice(0, 3)) stored(outbox, record);
  outbox.nextBacklog();
  outbox.nextLive();
  outbox.settle(1, false);
  outbox.startLive();
  stored(outbox, records[3]);
  outbox.nextLive();
  outbox.settle(4, true);
  outbox.flush();
  assertFlash(
    flash,
    0,
    joined(
      headerImage({
        ...{ ring: 0, alignment: 4, blocks: 5, generation: 0 },
        ...{ nextSequence: 1, firstOrdinal: 1, tail: 1 },
      }),
      ...records.slice(0, 3).map((record) => recordImage(record, 4)),
      recordImage(state(3, 4, stateImage(2, 0, 1, [[4, 4]])), 4),
      recordImage(records[3], 4),
      recordImage(state(4, 5, stateImage(2, 0, 1, [[4, 5]])), 4),
    ),
  );
});

test('the header of the fifth block tells what opening it has cost, and where it begins', () => {
  const flash = smallFlash();
  const outbox = mounted(flash);
  // 96 bytes each: three to a block, and 32 bytes are left.
  const payload = new Uint8Array(64);
  for (let index = 0; index < 13; index += 1) stored(outbox, reading(index, { payload }));
  assertFlash(
    flash,
    4 * BLOCK,
    joined(
      headerImage({
        ...{ ring: 0, alignment: 4, blocks: 5, generation: 4 },
        ...{ nextSequence: 13, firstOrdinal: 13, tail: 4, dropped: 3 },
      }),
      recordImage(reading(0, { sequence: 13, payload }), 4),
    ),
  );
  assertFlash(flash, 0, new Uint8Array(0));
});

test('a log that was composed by hand is read as it was composed', () => {
  for (const alignment of [4, 16]) {
    const flash = smallFlash(alignment);
    const records = [
      reading(0, { sequence: 40, at: EARLY, boot: 0x8000_0001, selector: 255, quality: 0 }),
      reading(1, { sequence: 41, at: LATE, boot: 2, selector: 0, quality: 1 }),
      reading(2, { sequence: 43, payload: new Uint8Array(0) }),
      reading(3, { sequence: 44 }),
      reading(4, { sequence: 45 }),
    ];
    const alarm = reading(0, { type: RecordKind.alarm, sequence: 42 });
    const common = { alignment, firstOrdinal: 1, tail: 1 };
    flash.bytes.set(
      joined(
        headerImage({ ...common, ring: 0, blocks: 5, generation: 5, nextSequence: 40 }),
        ...records.slice(0, 4).map((record) => recordImage(record, alignment)),
        recordImage(state(4, 45, stateImage(2, 0, 1, [[3, 4]])), alignment),
        recordImage(records[4], alignment),
      ),
    );
    flash.bytes.set(
      joined(
        headerImage({ ...common, ring: 1, blocks: 3, generation: 0, nextSequence: 42 }),
        recordImage(alarm, alignment),
      ),
      ALARMS_AT,
    );
    const outbox = mounted(flash);
    assert.deepEqual([outbox.repairs, outbox.headSequence], [0, 46]);
    assert.deepEqual(
      [outbox.accepted, outbox.delivered, outbox.refused, outbox.dropped, outbox.depth],
      [6, 1, 1, 0, 4],
    );
    const expected = [alarm, records[1], records[3], records[4]].map(expectedOf);
    assert.deepEqual(handedOut(outbox), expected);
  }
});

test('a header tells four ranges, and as many are taken from a state', () => {
  const ranges = [
    [2, 3],
    [4, 5],
    [6, 7],
    [8, 9],
  ] as const;
  const sequences = Array.from({ length: 9 }, (_, i) => i + 1);
  const payload = new Uint8Array(0);
  const records = sequences.map((sequence) => reading(sequence - 1, { sequence, payload }));
  for (const isInHeader of [true, false]) {
    const flash = newFlash({ blocks: 8, blockBytes: 2 * BLOCK });
    const fields = { ring: 0, alignment: 4, blocks: 5 };
    flash.bytes.set(
      joined(
        headerImage({ ...fields, generation: 0, nextSequence: 1, firstOrdinal: 1, tail: 1 }),
        ...records.map((record) => recordImage(record, 4)),
        isInHeader ? payload : recordImage(state(9, 10, stateImage(1, 0, 0, ranges)), 4),
      ),
    );
    if (isInHeader) {
      const header = { ...fields, generation: 1, nextSequence: 10, firstOrdinal: 10, tail: 1 };
      flash.bytes.set(headerImage({ ...header, ranges }), 2 * BLOCK);
    }
    const outbox = mounted(flash);
    const sent = handedOut(outbox).map((record) => (record as number[])[3]);
    assert.deepEqual(sent, [1, 3, 5, 7, 9]);
    assert.deepEqual([outbox.delivered, outbox.depth], [9, 0]);
  }
});

test('a header is believed where its numbers can be, to their limits, and no further', () => {
  const last = 2 ** 31 - 1;
  // Blocks of 512 bytes hold ten records at most.
  const good = { generation: 3, nextSequence: 40, firstOrdinal: 31, tail: 31 };
  const cases: readonly [isGood: boolean, change: Partial<HeaderFields>][] = [
    [true, {}],
    [true, { firstOrdinal: 1, tail: 1 }],
    [true, { nextSequence: 31 }],
    [true, { generation: last }],
    [true, { dropped: 10, refused: 20 }],
    [true, { tail: 1 }],
    [true, { tail: 5, ranges: [[6, 31]] }],
    [true, { generation: 0, nextSequence: 9, firstOrdinal: 1, tail: 1 }],
    [false, { generation: last + 1 }],
    [false, { generation: 2 }],
    [false, { firstOrdinal: 32, tail: 32 }],
    [false, { firstOrdinal: 0, tail: 0 }],
    [false, { nextSequence: 30 }],
    [false, { tail: 32 }],
    [false, { tail: 0 }],
    [false, { dropped: 10, refused: 21 }],
    [false, { tail: 5, ranges: [[4, 6]] }],
    [false, { tail: 5, ranges: [[7, 6]] }],
    [false, { tail: 5, ranges: [[6, 32]] }],
    [false, { ring: 1 }],
    [false, { blocks: 4 }],
    [false, { alignment: 8 }],
  ];
  for (const [isGood, change] of cases) {
    const fields = { ring: 0, alignment: 4, blocks: 5, ...good, ...change };
    const flash = smallFlash();
    flash.bytes.set(headerImage(fields), (fields.generation % 5) * BLOCK);
    const outbox = mounted(flash);
    const expected = isGood ? [fields.firstOrdinal - 1, fields.nextSequence, 0] : [0, 1, 1];
    const { accepted, headSequence, repairs } = outbox;
    assert.deepEqual([accepted, headSequence, repairs], expected, JSON.stringify(change));
  }
});

test('a header in the block of another generation is none', () => {
  const header = { ring: 0, alignment: 4, blocks: 5, generation: 3, firstOrdinal: 1, tail: 1 };
  for (let block = 0; block < 5; block += 1) {
    const flash = smallFlash();
    flash.bytes.set(headerImage({ ...header, nextSequence: 40 }), block * BLOCK);
    assert.equal(mounted(flash).headSequence, block === 3 ? 40 : 1, `${block}`);
  }
});

test('of two copies of a header one is enough to be read, and too few to be written behind', () => {
  const header = { ring: 0, alignment: 4, blocks: 5, generation: 0, firstOrdinal: 1, tail: 1 };
  for (const [at, isRead] of [
    [0, true],
    [6, true],
    [40, true],
    [92, true],
    [96, true],
    [191, true],
  ] as const) {
    const flash = smallFlash();
    const image = headerImage({ ...header, nextSequence: 1 });
    flash.bytes.set(joined(image, recordImage(reading(0), 4)));
    flash.bytes[at] ^= 1;
    const outbox = mounted(flash);
    assert.deepEqual([outbox.accepted, outbox.repairs], [isRead ? 1 : 0, 1], `${at}`);
    stored(outbox, reading(1));
    assert.equal(flash.bytes[BLOCK], 0x4d, 'the next block is opened');
    assert.deepEqual(
      handedOut(mounted(flash)).map((record) => (record as number[])[3]),
      [1, 2],
    );
  }
});

test('blocks of one log hold the records between them, and no more than so many can', () => {
  const common = { ring: 0, alignment: 4, blocks: 5, tail: 1 };
  const payload = new Uint8Array(0);
  for (const [first, isRead] of [
    [1, true],
    [2, true],
    [10, true],
    [11, true],
    [12, false],
    [0, false],
  ] as const) {
    const flash = smallFlash();
    // Generation 1 holds the first records that are not dropped, and 2 begins with ordinal 12.
    flash.bytes.set(
      joined(
        headerImage({ ...common, generation: 1, nextSequence: 100, firstOrdinal: first || 13 }),
        recordImage(reading(0, { sequence: 100, payload }), 4),
      ),
      BLOCK,
    );
    flash.bytes.set(
      headerImage({ ...common, generation: 2, nextSequence: 101, firstOrdinal: 12 }),
      2 * BLOCK,
    );
    const outbox = mounted(flash);
    const isWithin = isRead && first >= 2 && first < 12;
    assert.equal(handedOut(outbox).length, isWithin ? 1 : 0, `${first}`);
    assert.equal(outbox.accepted, 11);
  }
});

test('a block is filled to its last byte before the next is opened', () => {
  const flash = smallFlash();
  const outbox = mounted(flash);
  // 320 bytes are left behind the header: ten records of 32.
  const payload = new Uint8Array(0);
  const records = Array.from({ length: 11 }, (_, index) => reading(index, { payload }));
  for (const record of records.slice(0, 10)) stored(outbox, record);
  assert.equal(flash.bytes[BLOCK], 0xff);
  stored(outbox, records[10]);
  const fields = { ring: 0, alignment: 4, blocks: 5, generation: 0, nextSequence: 1 };
  assertFlash(
    flash,
    0,
    joined(
      headerImage({ ...fields, firstOrdinal: 1, tail: 1 }),
      ...records.slice(0, 10).map((record) => recordImage(record, 4)),
    ),
  );
  assert.deepEqual(handedOut(mounted(flash)), records.map(expectedOf));
});

test('a record without a number, and one whose number was never given, are dropped', () => {
  for (const sequence of [0, 43, 100]) {
    const flash = smallFlash();
    const fields = { ring: 0, alignment: 4, blocks: 5, firstOrdinal: 1, tail: 1 };
    flash.bytes.set(
      joined(
        headerImage({ ...fields, generation: 0, nextSequence: 1 }),
        recordImage(reading(0, { sequence: 40 }), 4),
        recordImage(reading(1, { sequence }), 4),
        recordImage(reading(2, { sequence: 41 }), 4),
      ),
    );
    flash.bytes.set(
      headerImage({ ...fields, generation: 1, nextSequence: 43, firstOrdinal: 4 }),
      BLOCK,
    );
    const outbox = mounted(flash);
    const sent = handedOut(outbox).map((record) => (record as number[])[3]);
    assert.deepEqual([sent, outbox.dropped], [[40, 41], 1], `${sequence}`);
  }
});
