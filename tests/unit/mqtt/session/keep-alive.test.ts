import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KeepAlive } from '../../../../firmware/mqtt/session/keep-alive.ts';
import { TransmitBuffer } from '../../../../firmware/mqtt/session/transmit-buffer.ts';
import { toHex } from '../../../support/mqtt-bytes.ts';
import { ACCEPTED, Solo } from '../../../support/mqtt-solo.ts';

function running(intervalS: number, pingTimeoutMs = 5_000): KeepAlive {
  const alive = new KeepAlive();
  alive.start(intervalS, pingTimeoutMs, 1_000);
  return alive;
}

test('a keep-alive of zero never pings and never ends anything', () => {
  const alive = running(0);
  const far = Number.MAX_SAFE_INTEGER;
  assert.deepEqual(
    [alive.deadline(), alive.pingDue(far), alive.expired(far)],
    [Number.POSITIVE_INFINITY, false, false],
  );
});

test('with nothing else to send PINGREQ goes out before the interval is over [3.1.1 MQTT-3.1.2-23] [5.0 MQTT-3.1.2-20]', () => {
  for (const version of [4, 5] as const) {
    const solo = new Solo({ keepAliveS: 10 }).online(version);
    assert.equal(solo.session.deadline(solo.now), 9_000);
    assert.deepEqual(solo.wake(8_999).written(), []);
    assert.deepEqual(solo.wake(9_000).written(), ['c000']);
    assert.deepEqual(solo.wake(9_001).written(), []);
  }
});

test('PINGREQ that is not answered in time ends the connection, counted from its writing [3.1.1 MQTT-3.12.4-1] [5.0 MQTT-3.12.4-1]', () => {
  for (const version of [4, 5] as const) {
    const solo = new Solo({ keepAliveS: 10, pingTimeoutMs: 2_000 }).online(version);
    solo.wake(9_500).wake(11_499);
    assert.deepEqual(solo.told, []);
    assert.equal(solo.wake(11_500).ending?.cause, 'keep-alive timeout');
    assert.equal(solo.session.finished, true);
  }
});

test('PINGRESP, or any other packet, starts the interval anew', () => {
  for (const answer of ['d0 00', '40 02 0009']) {
    const solo = new Solo({ keepAliveS: 10, pingTimeoutMs: 2_000 }).online(4).wake(9_000);
    solo.now = 10_000;
    solo.feed(answer).wake(17_999);
    assert.deepEqual([solo.told, solo.written()], [[], ['c000']]);
    assert.deepEqual(solo.wake(18_000).written(), ['c000']);
  }
});

test('the deadline of a PINGREQ runs from the end of its writing, behind whatever waited', () => {
  const alive = running(10);
  const transmitBuffer = new TransmitBuffer(128);
  transmitBuffer.end = 6;
  alive.ping(transmitBuffer);
  assert.equal(toHex(transmitBuffer.bytes.subarray(6, 8)), 'c000');
  assert.equal(alive.pingDue(20_000), false);
  alive.sent(7, 11_000);
  assert.equal(alive.expired(15_999), false);
  alive.sent(1, 12_000);
  assert.equal(alive.deadline(), 16_000);
  assert.deepEqual([alive.expired(15_999), alive.expired(16_000)], [false, true]);
});

test('silence of one and a half intervals ends the connection even if no PINGREQ can be written', () => {
  const alive = running(10, 60_000);
  const full = new TransmitBuffer(128);
  full.end = 127;
  alive.ping(full);
  assert.equal(full.end, 127);
  assert.deepEqual([alive.expired(15_999), alive.expired(16_000)], [false, true]);
});

test('a PINGREQ is due when nothing was heard, however much is sent meanwhile', () => {
  const alive = running(10);
  for (let now = 2_000; now < 10_000; now += 1_000) alive.lastSent = now;
  assert.deepEqual([alive.pingDue(9_999), alive.pingDue(10_000)], [false, true]);
});

test('no wait for PINGRESP is longer than half the interval', () => {
  const solo = new Solo({ keepAliveS: 4, pingTimeoutMs: 60_000 }).online(4).wake(3_600);
  assert.equal(solo.session.deadline(solo.now), 5_600);
});

test('a new connection begins with no ping under way', () => {
  const solo = new Solo({ keepAliveS: 10 }).online(4).wake(9_000);
  solo.now = 13_000;
  solo.drop().open(4);
  solo.feed(ACCEPTED[4]);
  assert.equal(solo.session.deadline(solo.now), 22_000);
  assert.deepEqual(solo.wake(21_999).written(), []);
});

test('a broker that does not answer CONNECT in time is given up', () => {
  for (const version of [4, 5] as const) {
    const solo = new Solo({ connectTimeoutMs: 3_000 });
    solo.open(version);
    assert.equal(solo.session.deadline(solo.now), 3_000);
    assert.deepEqual(solo.wake(2_999).told, []);
    assert.equal(solo.wake(3_000).ending?.cause, 'no CONNACK');
    assert.deepEqual(solo.feed(ACCEPTED[version]).told.length, 1);
  }
});

test('nine tenths of the interval after the longer silence a PINGREQ is due, and at once and a half it is over', () => {
  const alive = running(10);
  assert.equal(alive.deadline(), 10_000);
  assert.deepEqual([alive.pingDue(9_999), alive.pingDue(10_000)], [false, true]);
  assert.deepEqual([alive.expired(15_999), alive.expired(16_000)], [false, true]);
  alive.lastSent = 5_000;
  assert.equal(alive.deadline(), 10_000, 'nothing was heard');
  alive.lastReceived = 7_000;
  assert.equal(alive.deadline(), 14_000, 'nothing was sent');
  assert.deepEqual([alive.pingDue(13_999), alive.pingDue(14_000)], [false, true]);
  assert.deepEqual([alive.expired(21_999), alive.expired(22_000)], [false, true]);
});

test('an answer is waited for as long as was said, or half the interval, or to the end of it all', () => {
  const written = (intervalS: number, timeoutMs: number, at: number) => {
    const alive = running(intervalS, timeoutMs);
    const transmitBuffer = new TransmitBuffer(64);
    alive.ping(transmitBuffer);
    assert.equal(alive.deadline(), 1_000 + intervalS * 1_500, 'it is still to be written');
    assert.equal(alive.pingDue(1_000_000), false);
    alive.sent(1, at - 1);
    assert.equal(alive.awaitsWriting, true);
    alive.sent(1, at);
    assert.equal(alive.awaitsWriting, false);
    assert.equal(alive.pingDue(1_000_000), false);
    return alive;
  };
  for (const [intervalS, timeoutMs, at, due] of [
    [10, 2_000, 10_000, 12_000],
    [10, 5_000, 10_000, 15_000],
    [10, 9_000, 10_000, 15_000],
    [4, 5_000, 4_600, 6_600],
    [10, 5_000, 14_000, 16_000],
  ]) {
    const alive = written(intervalS, timeoutMs, at);
    assert.equal(alive.deadline(), due);
    assert.deepEqual([alive.expired(due - 1), alive.expired(due)], [false, true]);
  }
});

test('a PINGREQ that finds no room is tried again after the next writing', () => {
  const alive = running(10);
  const transmitBuffer = new TransmitBuffer(64);
  transmitBuffer.end = 63;
  alive.ping(transmitBuffer);
  assert.deepEqual([transmitBuffer.end, alive.awaitsWriting], [63, true]);
  assert.equal(alive.pingDue(20_000), false);
  alive.sent(40, 20_000);
  assert.deepEqual([alive.awaitsWriting, alive.pingSentAt], [false, Number.POSITIVE_INFINITY]);
  assert.equal(alive.pingDue(20_000), true);
  transmitBuffer.start = 40;
  transmitBuffer.end = 62;
  alive.ping(transmitBuffer);
  assert.equal(transmitBuffer.end, 64);
  alive.sent(23, 21_000);
  assert.equal(alive.pingSentAt, Number.POSITIVE_INFINITY);
  alive.sent(1, 22_000);
  assert.equal(alive.pingSentAt, 22_000);
});

test('a connection that begins knows nothing of the one before', () => {
  const alive = running(10);
  const transmitBuffer = new TransmitBuffer(64);
  alive.ping(transmitBuffer);
  alive.sent(1, 9_000);
  alive.start(20, 5_000, 30_000);
  assert.deepEqual([alive.awaitsWriting, alive.deadline()], [false, 48_000]);
  alive.sent(5, 31_000);
  assert.equal(alive.pingSentAt, Number.POSITIVE_INFINITY);
  alive.ping(transmitBuffer);
  alive.sent(transmitBuffer.end, 32_000);
  alive.start(20, 5_000, 40_000);
  assert.equal(alive.deadline(), 58_000);
});
