import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { emptyRecord, type Outbox, RecordKind } from '../../../firmware/outbox/outbox.ts';
import { MemoryLog } from '../../support/memory-log.ts';
import { openMemoryOutbox } from '../../support/memory-outbox.ts';
import { append, mount, newFlash, seeded } from './harness.ts';

setFlagsFromString('--expose-gc');
const collect: () => void = runInNewContext('gc');
const payload = new Uint8Array(32);

/** An outage, then sending, then an overflow: all that an outbox does, with few objects of ours. */
function work(outbox: Outbox, rounds: number): void {
  for (let i = 0; i < rounds; i += 1) {
    const kind = i % 9 === 0 ? RecordKind.alarm : RecordKind.reading;
    outbox.append(kind, 1_700_000_000_000 + i, 2, 1, 0, payload, 0, payload.length);
    if (i % 3 === 0 && outbox.nextLive()) outbox.settle(outbox.record.sequence, true);
    if (i % 7 === 0 && outbox.nextBacklog()) outbox.settle(outbox.record.sequence, true);
    if (i % 100 === 0) outbox.startLive();
  }
}

/** What is kept after 20,000 more rounds, in bytes. The least of three, for engines warm up. */
function growth(outbox: Outbox): { heap: number; buffers: number } {
  let heap = Number.POSITIVE_INFINITY;
  let buffers = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 3; i += 1) {
    collect();
    const before = process.memoryUsage();
    work(outbox, 20_000);
    collect();
    const after = process.memoryUsage();
    heap = Math.min(heap, after.heapUsed - before.heapUsed);
    buffers = Math.min(buffers, after.arrayBuffers - before.arrayBuffers);
  }
  return { heap, buffers };
}

test('memory does not grow with the backlog nor with the records that pass, on flash', () => {
  const outbox = mount(newFlash({ blocks: 64 }));
  work(outbox, 1000);
  const { heap, buffers } = growth(outbox);
  assert.ok(outbox.depth > 2000, `${outbox.depth} records are waiting`);
  assert.ok(buffers <= 0, `${buffers} bytes of buffers more`);
  assert.ok(heap < 100_000, `${heap} bytes more on the heap`);
});

test('memory does not grow with the records that pass, in memory', () => {
  const outbox = openMemoryOutbox({ bytes: 16_384, window: 8 });
  work(outbox, 1000);
  const { heap, buffers } = growth(outbox);
  assert.ok(buffers <= 0, `${buffers} bytes of buffers more`);
  assert.ok(heap < 100_000, `${heap} bytes more on the heap`);
});

test('payloads of any length share the ring, and the newest come out as they went in', () => {
  const random = seeded(11);
  const outbox = openMemoryOutbox({ bytes: 4096, window: 8 });
  const payloads: Uint8Array[] = [new Uint8Array(0)];
  for (let n = 1; n <= 3000; n += 1) {
    const long = random.below(3) === 0;
    const payload = new Uint8Array(random.below(long ? 400 : 9)).fill(n & 0xff);
    payloads.push(payload);
    assert.equal(outbox.append(RecordKind.reading, 0, 0, 1, 0, payload, 0, payload.length), n);
    assert.ok(outbox.bytesUsed <= outbox.bytesCapacity);
    if (n % 2 === 0 && random.below(3) === 0) outbox.rewind();
    if (random.below(2) === 0 && outbox.next()) {
      const { bytes, start, end, sequence } = outbox.record;
      assert.deepEqual(bytes.slice(start, end), payloads[sequence]);
      outbox.settle(sequence, true);
    }
  }
  const { depth } = outbox;
  let left = 0;
  outbox.rewind();
  for (; outbox.next(); left += 1) {
    const { bytes, start, end, sequence } = outbox.record;
    assert.deepEqual(bytes.slice(start, end), payloads[sequence]);
    outbox.settle(sequence, true);
  }
  assert.equal(left, depth);
  assert.ok(outbox.dropped > 0);
  assert.equal(outbox.bytesUsed, 0);
});

test('an empty payload at the very end of the free bytes overwrites nothing', () => {
  const log = new MemoryLog(32, 8, 4);
  const one = new MemoryLog(32, 8, 4);
  one.append(1, RecordKind.reading, 0, 0, 1, 0, new Uint8Array(0), 0, 0);
  assert.equal(one.bytesUsed, 1);
  const record = emptyRecord();
  let sequence = 0;
  const add = (bytes: number) => {
    sequence += 1;
    const filled = new Uint8Array(bytes).fill(sequence);
    log.append(sequence, RecordKind.reading, 0, 0, 1, 0, filled, 0, bytes);
  };
  for (const bytes of [16, 16, 16, 0, 8]) add(bytes);
  for (let ordinal = log.ledger.tail; ordinal < log.ledger.head; ordinal += 1) {
    assert.ok(log.read(ordinal, record));
    const stored = record.bytes.slice(record.start, record.end);
    assert.ok(
      stored.every((byte) => byte === ordinal),
      `record ${ordinal} holds ${stored}`,
    );
  }
});

test('options of the outbox in memory that are out of range are refused by name', () => {
  assert.throws(() => openMemoryOutbox({ bytes: 100, window: 8 }), /outbox\.bytes/);
  assert.throws(() => openMemoryOutbox({ bytes: 4096, window: 500 }), /outbox\.window/);
});

test('two outboxes over two partitions know nothing of each other', () => {
  const one = mount(newFlash({ blocks: 8 }));
  const other = mount(newFlash({ blocks: 8 }));
  append(one, 1);
  append(one, 2);
  append(other, 1);
  assert.deepEqual([one.depth, other.depth], [2, 1]);
  assert.ok(one.next());
  assert.equal(other.settle(1, true), false);
});
