/** The outbox against books that are kept outside of it, under any order of calls and faults. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Outbox, RecordKind } from '../../firmware/outbox/outbox.ts';
import { PowerCut, type VirtualFlash } from '../../host-sim/virtual/flash.ts';
import { openMemoryOutbox } from '../support/memory-outbox.ts';
import {
  append,
  assertBalanced,
  assertRecord,
  drain,
  mount,
  newFlash,
  SMALL,
} from '../unit/outbox/harness.ts';

/** One call or fault; `pick` chooses among what it could be about. */
type Step = readonly [action: Action, pick: number];
type Action =
  | 'reading'
  | 'alarm'
  | 'next'
  | 'nextLive'
  | 'nextBacklog'
  | 'putBack'
  | 'load'
  | 'settle'
  | 'refuse'
  | 'rewind'
  | 'startLive'
  | 'flush'
  | 'remount'
  | 'cut'
  | 'rot';

const CALLS: readonly Action[] = [
  ...(['reading', 'reading', 'reading', 'alarm', 'next', 'nextLive', 'nextLive'] as const),
  ...(['nextBacklog', 'nextBacklog', 'putBack', 'load', 'settle', 'settle', 'settle'] as const),
  ...(['refuse', 'rewind', 'startLive', 'flush'] as const),
];

function steps(actions: readonly Action[], maxLength: number): fc.Arbitrary<Step[]> {
  const step = fc.tuple(fc.constantFrom(...actions), fc.nat(0xffff));
  return fc.array(step, { minLength: 20, maxLength, size: 'max' });
}

/** The books: what the outbox promised, seen from outside. */
class Books {
  readonly kinds: RecordKind[] = [RecordKind.reading];
  readonly settled = new Set<number>();
  readonly inFlight: number[] = [];
  /** Handed out in this boot since the last rewind. */
  readonly handed = new Set<number>();
  appending: RecordKind | undefined;
  last = 0;

  get accepted(): number {
    return this.kinds.length - 1;
  }

  forgetFlight(): void {
    this.inFlight.length = 0;
    this.handed.clear();
    this.last = 0;
  }
}

function add(outbox: Outbox, books: Books, kind: RecordKind): void {
  books.appending = kind;
  const sequence = append(outbox, outbox.headSequence, kind);
  books.appending = undefined;
  assert.equal(sequence, books.kinds.length, 'sequence numbers are contiguous');
  books.kinds.push(kind);
}

function take(outbox: Outbox, books: Books, call: 'next' | 'nextLive' | 'nextBacklog'): void {
  if (!outbox[call]()) return;
  const { sequence, kind, backlog } = outbox.record;
  assertRecord(outbox, sequence);
  assert.equal(kind, books.kinds[sequence]);
  assert.ok(!books.handed.has(sequence), `${sequence} was handed out twice`);
  if (call === 'nextLive') assert.equal(backlog, false);
  if (call === 'nextBacklog') assert.ok(backlog && kind === RecordKind.reading);
  books.handed.add(sequence);
  if (!books.inFlight.includes(sequence)) books.inFlight.push(sequence);
  books.last = sequence;
}

function end(outbox: Outbox, books: Books, pick: number, accepted: boolean): void {
  if (books.inFlight.length === 0) return;
  const [sequence] = books.inFlight.splice(pick % books.inFlight.length, 1);
  // Before the call: the power may go after the settlement was stored.
  const known = books.settled.has(sequence);
  books.settled.add(sequence);
  if (!outbox.settle(sequence, accepted) && !known) books.settled.delete(sequence);
  assert.equal(outbox.settle(sequence, accepted), false, 'settled twice');
}

function perform(outbox: Outbox, books: Books, [action, pick]: Step): void {
  if (action === 'reading') add(outbox, books, RecordKind.reading);
  else if (action === 'alarm') add(outbox, books, RecordKind.alarm);
  else if (action === 'settle') end(outbox, books, pick, true);
  else if (action === 'refuse') end(outbox, books, pick, false);
  else if (action === 'flush') outbox.flush();
  else if (action === 'startLive') outbox.startLive();
  else if (action === 'rewind') {
    outbox.rewind();
    books.handed.clear();
    books.last = 0;
  } else if (action === 'putBack') {
    outbox.putBack();
    books.handed.delete(books.last);
    books.last = 0;
  } else if (action === 'load' && books.inFlight.length > 0) {
    const sequence = books.inFlight[pick % books.inFlight.length];
    if (outbox.load(sequence)) assertRecord(outbox, sequence);
  } else if (action === 'next' || action === 'nextLive' || action === 'nextBacklog') {
    take(outbox, books, action);
  }
}

/** After a cut: an append that was under way is there whole, or not at all. */
function resume(flash: VirtualFlash, books: Books): Outbox {
  flash.powerUp();
  const outbox = mount(flash, 4);
  books.forgetFlight();
  const extra = outbox.accepted - books.accepted;
  assert.ok(extra === 0 || (extra === 1 && books.appending !== undefined));
  if (extra === 1 && books.appending !== undefined) books.kinds.push(books.appending);
  books.appending = undefined;
  assertBalanced(outbox);
  return outbox;
}

/** Whatever was accepted was settled, is still there, or is counted as dropped. */
function assertNothingLost(outbox: Outbox, books: Books): void {
  const sent = new Set(drain(outbox));
  assertBalanced(outbox);
  let missing = 0;
  for (let sequence = 1; sequence <= books.accepted; sequence += 1) {
    if (!sent.has(sequence) && !books.settled.has(sequence)) missing += 1;
  }
  assert.ok(missing <= outbox.dropped, `${missing} are lost, ${outbox.dropped} are counted`);
}

test('no order of calls, restarts and power cuts loses a record uncounted', () => {
  const actions: Action[] = [...CALLS, 'remount', 'cut'];
  fc.assert(
    fc.property(steps(actions, 400), (sequence) => {
      const flash = newFlash(SMALL);
      const books = new Books();
      let outbox = mount(flash, 4);
      let cuts = 0;
      for (const step of sequence) {
        if (step[0] === 'cut') flash.cutAt(1 + (step[1] % 7), (step[1] >> 3) % 200);
        else if (step[0] === 'remount') {
          outbox = resume(flash, books);
        } else {
          try {
            perform(outbox, books, step);
          } catch (error) {
            if (!(error instanceof PowerCut)) throw error;
            cuts += 1;
            outbox = resume(flash, books);
          }
        }
        assertBalanced(outbox);
      }
      for (const ring of [flash.erasesOf.slice(0, 5), flash.erasesOf.slice(5)]) {
        assert.ok(Math.max(...ring) - Math.min(...ring) <= 1 + cuts, `uneven: ${ring}`);
      }
      assertNothingLost(resume(flash, books), books);
    }),
    { numRuns: 300, seed: 20260101 },
  );
});

test('without a fault every count is exact: what is dropped is what never came out', () => {
  fc.assert(
    fc.property(steps(CALLS, 400), fc.boolean(), (sequence, onFlash) => {
      const memory = { bytes: 2048, window: 4 };
      const outbox = onFlash ? mount(newFlash(SMALL), 4) : openMemoryOutbox(memory);
      const books = new Books();
      for (const step of sequence) {
        perform(outbox, books, step);
        assertBalanced(outbox);
        assert.equal(outbox.accepted, books.accepted);
        assert.equal(outbox.delivered + outbox.refused, books.settled.size);
      }
      const sent = drain(outbox);
      assert.equal(sent.length + books.settled.size + outbox.dropped, books.accepted);
      assert.equal(new Set([...sent, ...books.settled]).size, sent.length + books.settled.size);
    }),
    { numRuns: 300, seed: 20260102 },
  );
});

test('in memory and on flash the same calls give the same answers while there is room', () => {
  fc.assert(
    fc.property(steps(CALLS, 200), (sequence) => {
      const flash = mount(newFlash({ blocks: 16, blockBytes: 4096 }), 4);
      const memory = openMemoryOutbox({ bytes: 65_536, window: 4 });
      const flashBooks = new Books();
      const memoryBooks = new Books();
      for (const step of sequence) {
        perform(flash, flashBooks, step);
        perform(memory, memoryBooks, step);
        assert.deepEqual(flashBooks, memoryBooks);
        for (const count of ['accepted', 'delivered', 'refused', 'depth', 'inFlight'] as const) {
          assert.equal(flash[count], memory[count]);
        }
      }
      assert.deepEqual(drain(flash), drain(memory));
    }),
    { numRuns: 100, seed: 20260103 },
  );
});

test('rot, restarts and cuts at any time end in no error and keep the books balanced', () => {
  const actions: Action[] = [...CALLS, 'remount', 'cut', 'rot', 'rot'];
  fc.assert(
    fc.property(steps(actions, 300), (sequence) => {
      const flash = newFlash(SMALL);
      const books = new Books();
      let outbox = mount(flash, 4);
      for (const [action, pick] of sequence) {
        try {
          if (action === 'rot') flash.rot((pick * 31) % flash.bytes.length, 1 << (pick % 8));
          else if (action === 'cut') flash.cutAt(1 + (pick % 7), (pick >> 3) % 200);
          else if (action === 'remount') outbox = mount(flash, 4);
          else if (action === 'reading') append(outbox, pick);
          else if (action === 'alarm') append(outbox, pick, RecordKind.alarm);
          else if (action === 'settle') outbox.settle(outbox.record.sequence, true);
          else if (action === 'load') outbox.loadOldest();
          else perform(outbox, books, ['flush', pick]);
          if (action === 'next' || action === 'nextLive' || action === 'nextBacklog') {
            outbox[action]();
          }
        } catch (error) {
          if (!(error instanceof PowerCut)) throw error;
          flash.powerUp();
          outbox = mount(flash, 4);
        }
        assertBalanced(outbox);
      }
      flash.powerUp();
      drain(mount(flash, 4));
    }),
    { numRuns: 200, seed: 20260104 },
  );
});
