import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Authenticator } from '../../../../firmware/mqtt/session/options.ts';
import { hex, packetOf, textHex, toHex, utf8 } from '../../../support/mqtt-bytes.ts';
import { ListSource } from '../../../support/mqtt-list-source.ts';
import { ACCEPTED, Solo } from '../../../support/mqtt-solo.ts';

/** Long enough for the fast path. */
const TOPIC = 'home/garden/roof';

/** Bytes arrive, and nobody has looked at them yet. */
function arrive({ session }: Solo, bytesHex: string, now = 0): void {
  const bytes = hex(bytesHex);
  session.receiveBuffer.bytes.set(bytes, session.receiveBuffer.end);
  session.received(bytes.length, now);
}

test('a session begins idle, and asks for the earlier one with its first CONNECT', () => {
  const solo = new Solo();
  assert.equal(solo.session.state, 'idle');
  // Version 5, and no Clean Start in the flags behind it (section 3.1.2.4).
  assert.equal(solo.open(5).slice(16, 20), '0500');
  assert.equal(solo.session.version, 5);
});

test('a goodbye is finished once it is written, and closed after two seconds at the latest', () => {
  for (const [version, packet] of [
    [4, 'e000'],
    [5, 'e000'],
  ] as const) {
    const { session } = new Solo().online(version);
    assert.equal(session.finished, false);
    session.disconnect(0, 100);
    assert.equal(session.finished, false);
    const { bytes, start, end } = session.transmitBuffer;
    assert.equal(toHex(bytes.subarray(start, end)), packet);
    assert.equal(session.deadline(100), 2_100);
    session.wake(2_099);
    assert.equal(session.state, 'closing');
    const event = session.nextEvent(2_099);
    assert.deepEqual([event?.type, event?.cause, event?.detail], ['ended', 'goodbye', '']);
    session.wake(2_100);
    assert.equal(session.state, 'closed');
    assert.equal(session.finished, true);
  }
  const written = new Solo().online(5).session;
  written.disconnect(0, 0);
  written.sent(written.transmitBuffer.end, 0);
  assert.equal(written.finished, true);
  assert.equal(written.state, 'closing');
});

test('a connection that fails says so in 5.0 and has two seconds for it, and none before CONNACK', () => {
  const { session } = new Solo({ keepAliveS: 10 }).online(5);
  session.wake(15_000);
  assert.equal(session.deadline(15_000), 17_000);
  const event = session.nextEvent(15_000);
  assert.deepEqual([event?.cause, event?.detail], ['keep-alive timeout', '']);
  session.wake(16_999);
  assert.equal(session.state, 'closing');
  session.wake(17_000);
  assert.equal(session.state, 'closed');
  const waiting = new Solo({ connectTimeoutMs: 5_000 });
  waiting.open(5);
  assert.equal(waiting.session.deadline(0), 5_000);
  waiting.session.wake(5_000);
  assert.equal(waiting.session.state, 'closed');
  assert.equal(waiting.session.transmitBuffer.end, 0);
  const late = waiting.session.nextEvent(5_000);
  assert.deepEqual([late?.cause, late?.detail], ['no CONNACK', '']);
});

test('an unanswered message ends the connection without a detail', () => {
  const source = new ListSource({ topic: 't', qos: 1 });
  const solo = new Solo({ ackTimeoutMs: 5_000, keepAliveS: 0 }, source).online(4);
  assert.equal(solo.wake(5_000).ending?.detail, '');
});

test('a new connection knows nothing of the one before: neither bytes nor its end', () => {
  for (const hasClosed of [false, true]) {
    const solo = new Solo({ keepAliveS: 10 }).online(4);
    const { session } = solo;
    arrive(solo, '30 05 00');
    assert.equal(session.nextEvent(0), undefined);
    session.wake(15_000);
    assert.equal(session.state, 'closed');
    if (hasClosed) session.closed();
    session.open(4, 20_000);
    const { start, end, bytes } = session.transmitBuffer;
    assert.deepEqual([start, bytes[0]], [0, 0x10]);
    assert.equal(session.nextEvent(20_000), undefined);
    session.sent(5, 20_000);
    assert.deepEqual([session.transmitBuffer.start, session.transmitBuffer.end], [5, end]);
    session.sent(end - 5, 20_000);
    assert.deepEqual([session.transmitBuffer.start, session.transmitBuffer.end], [0, 0]);
    arrive(solo, ACCEPTED[4], 20_000);
    assert.equal(session.nextEvent(20_000)?.type, 'connected');
    session.closed();
    assert.equal(session.state, 'closed');
    assert.equal(session.finished, true);
  }
});

test('a packet is decoded while the longest answer finds room, and not beyond', () => {
  for (const [used, type] of [
    [123, 'message'],
    [124, undefined],
  ] as const) {
    const solo = new Solo({ transmitBytes: 128 }).online(4);
    const { session } = solo;
    session.transmitBuffer.end = used;
    arrive(solo, '32 06 0001 61 0007 41');
    assert.equal(session.readable, type !== undefined);
    assert.equal(session.nextEvent(0)?.type, type);
  }
});

test('a message is told with its flags, however usual it is beside them', () => {
  for (const first of [0x32, 0x33, 0x3a, 0x3b]) {
    const body = hex(`${textHex(TOPIC)} 0007 41`);
    const { told } = new Solo().online(4).feed(packetOf(first, body));
    const [retain, duplicate] = [(first & 1) !== 0, (first & 8) !== 0];
    assert.deepEqual(told, [
      { type: 'message', topic: TOPIC, payload: '41', qos: 1, retain, duplicate, properties: {} },
    ]);
  }
});

test('what may be sent waits for CONNACK, and what finds no room is told', () => {
  const source = new ListSource();
  const solo = new Solo({ transmitBytes: 128, windowMax: 2 }, source);
  const { session } = solo;
  for (let i = 0; i < 3; i++) source.add({ topic: 't', payload: utf8('x'.repeat(60)), qos: 1 });
  session.open(4, 0);
  assert.equal(session.fill(0), true);
  assert.deepEqual(source.sent, []);
  session.sent(session.transmitBuffer.end, 0);
  arrive(solo, ACCEPTED[4]);
  session.nextEvent(0);
  assert.equal(session.fill(0), false);
  assert.equal(session.isFull, false);
  session.sent(session.transmitBuffer.end, 0);
  assert.equal(session.fill(0), true);
  assert.equal(session.isFull, true);
  assert.deepEqual(source.sent, ['1', '2']);
});

test('it is calm until what is sent from now on may be late', () => {
  const { session } = new Solo({ keepAliveS: 60, ackTimeoutMs: 20_000 }).online(4);
  assert.equal(session.deadline(1_000), 54_000);
  assert.equal(session.calmUntil, 21_000);
  assert.equal(session.deadline(50_000), 54_000);
  assert.equal(session.calmUntil, 54_000);
});

test('offline nothing is asked for', () => {
  const { session } = new Solo();
  session.open(4, 0);
  assert.equal(session.subscribe([{ filter: 'a', qos: 0 }], 0), 0);
  assert.equal(session.unsubscribe(['a'], 0), 0);
});

test('who is given no name by the broker has none', () => {
  const { session } = new Solo({ clientId: '' }).online(5);
  assert.equal(session.clientId, '');
  const named = new Solo({ clientId: '' }).online(5, '20 07 00 00 04 12 0001 62').session;
  assert.equal(named.clientId, 'b');
});

test('a session that ends with its connection is not taken up, and one of a second is', () => {
  for (const [seconds, type] of [
    ['00', 'ended'],
    ['01', 'connected'],
  ]) {
    const solo = new Solo().online(5, `20 08 00 00 05 11 000000${seconds}`).drop();
    solo.open(5);
    assert.equal(solo.feed('20 03 01 00 00').told[0].type, type);
  }
});

/** A method whose answer to a challenge takes some looks. */
function slowMethod(looks: number): Authenticator & { asked: number } {
  return {
    asked: 0,
    method: 'm',
    start: () => hex('01'),
    challenge() {
      this.asked += 1;
      return this.asked > looks ? hex('02') : undefined;
    },
    finish: () => true,
  };
}

test('a challenge whose answer takes long is taken again at once, until the handshake is late', () => {
  const authenticator = slowMethod(2);
  const solo = new Solo({ authenticator, connectTimeoutMs: 5_000 });
  const { session } = solo;
  session.open(5, 100);
  session.sent(session.transmitBuffer.end, 100);
  assert.equal(session.reauthenticate(), false, 'not before CONNACK');
  assert.equal(session.transmitBuffer.end, 0);
  // AUTH: continue, method m, data 07.
  arrive(solo, 'f0 0a 18 08 15 0001 6d 16 0001 07', 100);
  for (const asked of [1, 2]) {
    assert.equal(session.nextEvent(100), undefined);
    assert.equal(authenticator.asked, asked);
    assert.ok(session.deadline(100) <= 100);
    session.wake(5_099);
    assert.equal(session.state, 'connecting');
  }
  assert.equal(session.nextEvent(100), undefined);
  assert.equal(session.deadline(100), 5_100);
  const { bytes, end } = session.transmitBuffer;
  assert.equal(toHex(bytes.subarray(0, end)), 'f00a18081500016d16000102');
  arrive(solo, '20 07 00 00 04 15 0001 6d', 200);
  assert.equal(session.nextEvent(200)?.type, 'connected');
  assert.equal(session.calmUntil, 0);
  // Nothing of the handshake's time is left.
  session.sent(end, 200);
  arrive(solo, 'd0 00', 300);
  assert.equal(session.nextEvent(300), undefined);
  assert.equal(session.calmUntil, 0);
});
