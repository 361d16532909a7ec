/** The outbox's backlog as MQTT messages: batches, oldest first, one in flight. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Timer } from '../../../../firmware/base/deadlines.ts';
import { HISTORY, payloadOf, SourceBench } from './source-bench.ts';

test('a backlog goes out as arrays, oldest first, while live records go one by one', () => {
  const bench = new SourceBench(8).numbers(1, 3);
  bench.outbox.startLive();
  bench.numbers(4, 5);
  assert.equal(bench.live.next(), true);
  assert.equal(payloadOf(bench.live), '4');
  assert.equal(bench.history.next(0), true);
  const { message } = bench.history;
  assert.deepEqual([message.topic, message.qos, message.retain], [HISTORY, 1, false]);
  assert.equal(payloadOf(bench.history), '[1,2,3]');
  assert.equal(message.packetId, 1, 'of its first record');
});

test('one batch is in flight at a time, and the next waits for its pause', () => {
  const bench = new SourceBench(2).numbers(1, 4);
  bench.outbox.startLive();
  assert.equal(bench.history.next(1000), true);
  assert.equal(bench.history.next(5000), false, 'one at a time');
  assert.equal(bench.deadlines.at[Timer.history], Number.POSITIVE_INFINITY);
  bench.history.settled(1, 0);
  assert.equal(bench.history.next(1249), false);
  assert.equal(bench.deadlines.at[Timer.history], 1250);
  assert.equal(bench.history.next(1250), true);
  assert.equal(payloadOf(bench.history), '[3,4]');
});

test('a batch is as large as the payload may be, and holds one record at least', () => {
  const bench = new SourceBench(8).append('x'.repeat(20), 'y'.repeat(20), 'z'.repeat(20));
  bench.outbox.startLive();
  // Two records, brackets and comma; around them first byte, length, topic, identifier, properties.
  const packetBytes = 43 + 13 + HISTORY.length;
  bench.history.resume(packetBytes - 1, 0);
  assert.equal(bench.history.next(0), true);
  assert.equal(payloadOf(bench.history), `[${'x'.repeat(20)}]`);
  bench.history.settled(1, 0);
  bench.history.rewind();
  bench.append('u'.repeat(20));
  bench.outbox.startLive();
  bench.history.resume(packetBytes, 0);
  assert.equal(bench.history.next(0), true);
  assert.equal(payloadOf(bench.history), `[${'y'.repeat(20)},${'z'.repeat(20)}]`);
  bench.history.settled(2, 0);
  bench.history.resume(1, 0);
  assert.equal(bench.history.next(0), true);
  assert.equal(payloadOf(bench.history), `[${'u'.repeat(20)}]`);
});

test('the records of a batch are settled together, each told by its number', () => {
  const bench = new SourceBench(8).numbers(1, 3);
  bench.outbox.startLive();
  bench.history.next(0);
  bench.history.published(false);
  bench.history.settled(1, 0);
  assert.deepEqual(bench.log, [
    'sent 1 late',
    'sent 2 late',
    'sent 3 late',
    'settled 1 late 0',
    'settled 2 late 0',
    'settled 3 late 0',
  ]);
  assert.equal(bench.outbox.depth, 0);
});

test('a refused batch is counted as refused, record by record', () => {
  const bench = new SourceBench(8).numbers(1, 3);
  bench.outbox.startLive();
  bench.history.next(0);
  bench.history.settled(1, 0x99);
  assert.equal(bench.outbox.refused, 3);
});

test('a batch that was put back goes out as it was', () => {
  const bench = new SourceBench(8).numbers(1, 2);
  bench.outbox.startLive();
  bench.history.next(0);
  bench.history.putBack();
  assert.equal(bench.history.next(0), true);
  assert.equal(payloadOf(bench.history), '[1,2]');
});

test('a batch is loaded again for a redelivery, and after it is settled no more', () => {
  const bench = new SourceBench(8).numbers(1, 2);
  bench.outbox.startLive();
  bench.history.next(0);
  const { token } = bench.history.message;
  assert.equal(bench.history.reload(token), true);
  assert.equal(payloadOf(bench.history), '[1,2]');
  assert.equal(bench.history.reload(token + 1), false);
  bench.history.settled(token, 0);
  assert.equal(bench.history.reload(token), false);
});

test('after a rewind the batch is collected anew', () => {
  const bench = new SourceBench(8).numbers(1, 2);
  bench.outbox.startLive();
  bench.history.next(0);
  bench.history.rewind();
  assert.equal(bench.history.next(1000), true);
  assert.equal(payloadOf(bench.history), '[1,2]');
});

test('a backlog that appears only when the last live record is settled is found then', () => {
  const bench = new SourceBench(2).numbers(1, 4);
  bench.live.next();
  bench.live.next();
  bench.outbox.startLive();
  assert.equal(bench.history.next(0), false, 'records in flight hold the line back');
  assert.equal(bench.deadlines.at[Timer.history], Number.POSITIVE_INFINITY);
  bench.live.settled(1, 0);
  bench.live.settled(2, 0);
  assert.equal(bench.history.next(0), true);
  assert.equal(payloadOf(bench.history), '[3,4]');
});

test('a batch whose records were all dropped for want of room is not sent at all', () => {
  const bench = new SourceBench(4, 1024).numbers(1, 3);
  bench.outbox.startLive();
  bench.history.next(0);
  bench.history.putBack();
  bench.numbers(4, 60);
  assert.ok(bench.outbox.dropped >= 3);
  assert.equal(bench.history.next(0), false);
  bench.outbox.startLive();
  assert.equal(bench.history.next(1000), true);
  const numbers = JSON.parse(payloadOf(bench.history)) as number[];
  assert.equal(numbers[0], bench.outbox.dropped + 1);
});

test('a batch of which a part was dropped goes out with the rest', () => {
  const bench = new SourceBench(4, 1024).numbers(1, 4);
  bench.outbox.startLive();
  bench.history.next(0);
  let next = 5;
  while (bench.outbox.dropped < 2) bench.numbers(next, next++);
  assert.equal(bench.history.reload(1), true);
  assert.equal(payloadOf(bench.history), '[3,4]');
  bench.history.settled(1, 0);
  assert.equal(bench.outbox.delivered, 2);
});
