/** What a walk over the log costs in reads of the flash, whoever else writes and reads meanwhile. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Outbox, RecordKind } from '../../../firmware/outbox/outbox.ts';
import type { VirtualFlash } from '../../../host-sim/virtual/flash.ts';
import { mount, newFlash } from './harness.ts';

/** Of a record with four bytes of payload, and what one read of the flash brings. */
const RECORD_BYTES = 36;
const READ_BYTES = 256;
const PAYLOAD = Uint8Array.of(1, 2, 3, 4);

function append(outbox: Outbox, count: number, kind: RecordKind = RecordKind.reading): void {
  for (let i = 0; i < count; i += 1) {
    assert.ok(outbox.append(kind, 1, 2, 1, 0, PAYLOAD, 0, PAYLOAD.length) > 0);
  }
}

/** Takes so many of a lane and acknowledges them. */
function settle(outbox: Outbox, lane: 'nextLive' | 'nextBacklog', count: number): void {
  for (let i = 0; i < count; i += 1) {
    assert.ok(outbox[lane]());
    assert.ok(outbox.settle(outbox.record.sequence, true));
  }
}

const readsOf = (flash: VirtualFlash, work: () => void) => {
  const before = flash.reads;
  work();
  return flash.reads - before;
};

/** Reads that bring so many records in their order: seven lie in each, and a block begins anew. */
const most = (records: number) => Math.ceil(records / Math.floor(READ_BYTES / RECORD_BYTES)) + 4;

test('a walk reads each place once', () => {
  const flash = newFlash({ blocks: 16 });
  const outbox = mount(flash);
  append(outbox, 300);
  const reads = readsOf(flash, () => settle(outbox, 'nextLive', 300));
  assert.ok(reads <= most(300), `${reads} reads, ${most(300)} expected`);
});

test('a walk that others write between reads no more', () => {
  const flash = newFlash({ blocks: 16 });
  const outbox = mount(flash);
  append(outbox, 300);
  const reads = readsOf(flash, () => {
    for (let i = 0; i < 150; i += 1) {
      settle(outbox, 'nextLive', 2);
      append(outbox, 1);
    }
  });
  assert.ok(reads <= most(300), `${reads} reads, ${most(300)} expected`);
});

test('two lanes that are walked in turns do not begin at their blocks anew', () => {
  const flash = newFlash({ blocks: 16 });
  const outbox = mount(flash);
  append(outbox, 200);
  outbox.startLive();
  append(outbox, 200);
  const reads = readsOf(flash, () => {
    for (let i = 0; i < 20; i += 1) {
      settle(outbox, 'nextBacklog', 7);
      settle(outbox, 'nextLive', 7);
    }
  });
  // Each turn finds its seven records in two reads; the live lane's first walks into its block.
  assert.ok(reads <= 20 * 4 + 20, `${reads} reads`);
});

test('what is appended and sent at once is not read, and the backlog beside it is walked as ever', () => {
  const flash = newFlash({ blocks: 16 });
  const outbox = mount(flash);
  append(outbox, 200);
  outbox.startLive();
  const reads = readsOf(flash, () => {
    for (let i = 0; i < 100; i += 1) {
      append(outbox, 1);
      settle(outbox, 'nextLive', 1);
      settle(outbox, 'nextBacklog', 1);
    }
  });
  assert.ok(reads <= most(100), `${reads} reads, ${most(100)} expected`);
});

test('a record that was sent as it was appended is where the next one of its lane is looked for', () => {
  const flash = newFlash({ blocks: 16 });
  const outbox = mount(flash);
  for (let i = 0; i < 100; i += 1) {
    append(outbox, 1);
    settle(outbox, 'nextLive', 1);
  }
  append(outbox, 2);
  const reads = readsOf(flash, () => settle(outbox, 'nextLive', 1));
  assert.equal(reads, 1);
});
