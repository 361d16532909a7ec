/** The outbox's live records as MQTT messages, one by one. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { packetIdOf } from '../../../../firmware/link/sources/outbox.ts';
import { RecordKind, RecordQuality } from '../../../../firmware/outbox/outbox.ts';
import { ALARM, payloadOf, SourceBench, TELEMETRY } from './source-bench.ts';

test('an alarm is one retained QoS 1 message on its own topic, a reading one on the topic of all', () => {
  const { outbox, live } = new SourceBench();
  const payload = Buffer.from('..hot..');
  outbox.append(RecordKind.reading, 0, RecordQuality.none, 1, 0, payload, 2, 5);
  outbox.append(RecordKind.alarm, 0, RecordQuality.none, 1, 0, payload, 2, 5);
  assert.equal(live.next(), true);
  const { message } = live;
  assert.equal(message.topic, ALARM);
  assert.deepEqual([message.qos, message.retain, message.repeats], [1, true, false]);
  assert.equal(message.token, 2, 'the alarm goes first');
  assert.equal(payloadOf(live), 'hot');
  assert.equal(live.next(), true);
  assert.deepEqual([message.qos, message.retain, message.repeats], [1, false, true]);
  assert.equal(message.topic, TELEMETRY);
  live.settled(1, 0);
  live.settled(2, 0);
  assert.equal(outbox.delivered, 2);
});

test('the packet identifier follows from the sequence number and stays below 0x8000', () => {
  assert.deepEqual(
    [1, 2, 0x7fff, 0x8000, 0xfffe, 0xffff].map(packetIdOf),
    [1, 2, 0x7fff, 1, 0x7fff, 1],
  );
  for (const sequence of [2 ** 31, 2 ** 32 - 1]) {
    const id = packetIdOf(sequence);
    assert.ok(id >= 1 && id <= 0x7fff);
  }
});

test('records are handed out in order up to the window, and go on when one is settled', () => {
  const { live, append, log } = bound(new SourceBench(2));
  append('a', 'b', 'c');
  const tokens = [];
  while (live.next()) tokens.push(live.message.token);
  assert.deepEqual(tokens, [1, 2]);
  live.settled(1, 0);
  assert.equal(live.next(), true);
  assert.equal(live.message.token, 3);
  assert.deepEqual(log, ['settled 1 0']);
});

test('a record that was put back is the next to come', () => {
  const { live, append } = bound(new SourceBench());
  append('a', 'b');
  live.next();
  live.putBack();
  live.next();
  assert.equal(live.message.token, 1);
  assert.equal(payloadOf(live), 'a');
});

test('a record in flight can be loaded again, and after it is settled no more', () => {
  const { live, append } = bound(new SourceBench());
  append('a', 'b');
  live.next();
  live.next();
  assert.equal(live.reload(1), true);
  assert.equal(payloadOf(live), 'a');
  assert.equal(live.message.packetId, 1);
  live.settled(1, 0);
  assert.equal(live.reload(1), false);
});

test('a refusal settles the record as refused and is told with its reason', () => {
  const { live, append, outbox, log } = bound(new SourceBench());
  append('a');
  live.next();
  live.settled(1, 0x97);
  assert.deepEqual([outbox.refused, outbox.delivered, outbox.depth], [1, 0, 0]);
  assert.deepEqual(log, ['settled 1 151']);
});

test('a second acknowledgement of a record is told to nobody', () => {
  const { live, append, log } = bound(new SourceBench());
  append('a');
  live.next();
  live.settled(1, 0);
  live.settled(1, 0);
  assert.equal(log.length, 1);
});

test('after a rewind everything unsettled is handed out anew', () => {
  const { live, append } = bound(new SourceBench());
  append('a', 'b', 'c');
  while (live.next());
  live.settled(2, 0);
  live.rewind();
  const tokens = [];
  while (live.next()) tokens.push(live.message.token);
  assert.deepEqual(tokens, [1, 3]);
});

test('a record is told as sent, and as sent again', () => {
  const { live, append, log } = bound(new SourceBench());
  append('a');
  live.next();
  live.published(false);
  live.reload(1);
  live.published(true);
  assert.deepEqual(log, ['sent 1', 'sent 1 again']);
});

/** A bench whose methods can be taken apart. */
function bound(bench: SourceBench) {
  const append = (...texts: string[]) => bench.append(...texts);
  return { live: bench.live, outbox: bench.outbox, log: bench.log, append };
}
