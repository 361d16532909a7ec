/**
 * The power goes at every flash operation of a scenario, and at every byte of every write.
 *
 * The scenario runs once against a recorder, which keeps the storage as it was before each
 * operation and what had been promised by then. Each operation is then torn anew, byte by byte.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mountFlashOutbox } from '../../../firmware/outbox/flash-outbox.ts';
import { type Outbox, RecordKind } from '../../../firmware/outbox/outbox.ts';
import type { Flash } from '../../../firmware/ports.ts';
import { PowerCut, type VirtualFlash } from '../../../host-sim/virtual/flash.ts';
import {
  append,
  assertBalanced,
  assertRecord,
  describe,
  mount,
  newFlash,
  OPTIONS,
  SMALL,
  seeded,
} from './harness.ts';

/** What was promised before a flash operation, and the operation. */
interface Moment {
  readonly before: VirtualFlash;
  readonly accepted: number;
  readonly delivered: number;
  readonly refused: number;
  /** An append was under way, which may have been whole. */
  readonly appending: boolean;
  /** For a write: where, and what. Otherwise the block that was erased. */
  readonly offset: number;
  readonly bytes: Uint8Array | undefined;
  readonly block: number;
}

/** Kinds by sequence number, and the sequence numbers that were settled, in order. */
interface Books {
  readonly kinds: RecordKind[];
  readonly delivered: number[];
  readonly refused: number[];
  appending: boolean;
}

class Recorder implements Flash {
  readonly blockBytes: number;
  readonly blocks: number;
  readonly writeAlignment: number;
  readonly moments: Moment[] = [];
  readonly flash: VirtualFlash;
  readonly #books: Books;

  constructor(flash: VirtualFlash, books: Books) {
    this.flash = flash;
    this.#books = books;
    this.blockBytes = flash.blockBytes;
    this.blocks = flash.blocks;
    this.writeAlignment = flash.writeAlignment;
  }

  read(offset: number, into: Uint8Array, start: number, end: number): void {
    this.flash.read(offset, into, start, end);
  }

  write(offset: number, from: Uint8Array, start: number, end: number): void {
    this.#note(offset, from.slice(start, end), -1);
    this.flash.write(offset, from, start, end);
  }

  erase(block: number): void {
    this.#note(0, undefined, block);
    this.flash.erase(block);
  }

  #note(offset: number, bytes: Uint8Array | undefined, block: number): void {
    const before = newFlash(SMALL);
    before.copyFrom(this.flash);
    this.moments.push({
      before,
      accepted: this.#books.kinds.length - 1,
      delivered: this.#books.delivered.length,
      refused: this.#books.refused.length,
      appending: this.#books.appending,
      offset,
      bytes,
      block,
    });
  }
}

/** Appends, sends, settles out of order, draws lines and restarts, as a seed says. */
function play(recorder: Recorder, books: Books, operations: number): void {
  const random = seeded(42);
  let outbox: Outbox = mountFlashOutbox(recorder, OPTIONS);
  let inFlight: number[] = [];
  while (recorder.moments.length < operations) {
    const action = random.below(100);
    if (action < 50) {
      const kind = random.below(5) === 0 ? RecordKind.alarm : RecordKind.reading;
      books.appending = true;
      const sequence = append(outbox, outbox.headSequence, kind);
      books.appending = false;
      books.kinds[sequence] = kind;
    } else if (action < 70) {
      const taken = action < 60 ? outbox.nextLive() : outbox.nextBacklog();
      if (taken) inFlight.push(outbox.record.sequence);
    } else if (action < 92 && inFlight.length > 0) {
      const [sequence] = inFlight.splice(random.below(inFlight.length), 1);
      const accepted = random.below(8) !== 0;
      const settled = accepted ? books.delivered : books.refused;
      // The broker has said so before it is stored, at once for an alarm.
      settled.push(sequence);
      if (!outbox.settle(sequence, accepted)) settled.pop();
    } else if (action < 94) outbox.startLive();
    else if (action < 97) outbox.flush();
    else if (action === 99) {
      outbox = mountFlashOutbox(recorder, OPTIONS);
      inFlight = [];
    }
    assertBalanced(outbox);
  }
  assert.ok(outbox.dropped > 20 && outbox.delivered > 20, 'the scenario is too tame');
}

/** Does the moment's operation again, with the power going after `byte` bytes of it. */
function tear(moment: Moment, byte: number, flash: VirtualFlash): void {
  flash.copyFrom(moment.before);
  flash.cutAt(1, byte);
  assert.throws(() => {
    if (moment.bytes === undefined) flash.erase(moment.block);
    else flash.write(moment.offset, moment.bytes, 0, moment.bytes.length);
  }, PowerCut);
  flash.powerUp();
}

/** Checks that what is mounted keeps every promise. */
function assertKept(outbox: Outbox, moment: Moment, books: Books, kindOf: RecordKind[]): void {
  assertBalanced(outbox);
  const extra = outbox.accepted - moment.accepted;
  assert.ok(extra === 0 || (extra === 1 && moment.appending), `${extra} more than accepted`);
  assert.ok(outbox.delivered <= moment.delivered && outbox.refused <= moment.refused);
  const gone = new Set(books.delivered.slice(0, moment.delivered));
  for (const sequence of books.refused.slice(0, moment.refused)) gone.add(sequence);
  const { dropped, depth } = outbox;
  const oldest = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  const last = [0, 0];
  let sent = 0;
  while (outbox.next()) {
    const { sequence, kind } = outbox.record;
    assertRecord(outbox, sequence);
    assert.equal(kind, kindOf[sequence]);
    assert.ok(sequence > last[kind], 'out of order');
    oldest[kind] = Math.min(oldest[kind], sequence);
    last[kind] = sequence;
    gone.add(sequence);
    sent += 1;
    outbox.settle(sequence, true);
  }
  assert.deepEqual([sent, outbox.dropped, outbox.depth], [depth, dropped, 0]);
  let missing = 0;
  for (let sequence = 1; sequence <= moment.accepted; sequence += 1) {
    if (gone.has(sequence)) continue;
    missing += 1;
    assert.ok(sequence < oldest[kindOf[sequence]], `${sequence} is lost out of turn`);
  }
  assert.ok(missing <= dropped, `${missing} are lost but ${dropped} are counted`);
}

test('a power cut at any operation and any byte loses nothing uncounted', () => {
  const books: Books = {
    kinds: [RecordKind.reading],
    delivered: [],
    refused: [],
    appending: false,
  };
  const recorder = new Recorder(newFlash(SMALL), books);
  play(recorder, books, 300);
  const kindOf = [...books.kinds, RecordKind.reading];
  const flash = newFlash(SMALL);
  let cuts = 0;
  for (const moment of recorder.moments) {
    const length = moment.bytes?.length ?? SMALL.blockBytes;
    const step = moment.bytes === undefined ? 37 : 1;
    for (let byte = 0; byte < length; byte += step) {
      tear(moment, byte, flash);
      assertKept(mount(flash), moment, books, kindOf);
      cuts += 1;
    }
  }
  assert.ok(cuts > 10_000, `${cuts} cuts`);
});

test('mounting twice gives the same, and a mount that is cut short changes nothing', () => {
  const books: Books = {
    kinds: [RecordKind.reading],
    delivered: [],
    refused: [],
    appending: false,
  };
  const recorder = new Recorder(newFlash(SMALL), books);
  play(recorder, books, 300);
  const flash = newFlash(SMALL);
  const copy = newFlash(SMALL);
  let cutMounts = 0;
  for (const moment of recorder.moments) {
    const length = moment.bytes?.length ?? SMALL.blockBytes;
    for (const byte of [0, 1, length >> 2, length >> 1, length - 5, length - 1]) {
      tear(moment, byte, flash);
      const expected = describe(flash);
      for (const cut of [0, 3, 200, SMALL.blockBytes - 1]) {
        copy.copyFrom(flash);
        copy.cutAt(1, cut);
        try {
          mount(copy);
        } catch (error) {
          assert.ok(error instanceof PowerCut);
          cutMounts += 1;
        }
        copy.powerUp();
        assert.deepEqual(describe(copy), expected);
      }
      mount(flash);
      const { operations } = flash;
      mount(flash);
      assert.equal(flash.operations, operations, 'the second mount wrote');
      assert.deepEqual(describe(flash), expected);
    }
  }
  assert.ok(cutMounts > 100, `${cutMounts} mounts cut`);
});
