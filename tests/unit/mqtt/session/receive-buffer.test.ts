import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PeerError } from '../../../../firmware/base/errors.ts';
import { NOTHING, ReceiveBuffer } from '../../../../firmware/mqtt/session/receive-buffer.ts';
import { hex, joined, packetOf, toHex } from '../../../support/mqtt-bytes.ts';
import { pour } from '../../../support/mqtt-fields.ts';
import { Solo } from '../../../support/mqtt-solo.ts';

/** What a receive buffer says to bytes that are all there at once. */
function judged(bytes: string, v5: boolean): number | PeerError {
  const receiveBuffer = new ReceiveBuffer(64, 0);
  receiveBuffer.end += pour(receiveBuffer, hex(bytes), 0);
  try {
    return receiveBuffer.next(v5);
  } catch (error) {
    assert.ok(error instanceof PeerError);
    return error;
  }
}

test('a first byte that is wrong is refused before anything else has arrived [3.1.1 MQTT-2.2.2-2] [5.0 MQTT-3.14.1-1, 3.15.1-1]', () => {
  for (const byte of [
    '00',
    '10',
    '36',
    '38',
    '41',
    '60',
    '80',
    '91',
    'a2',
    'c0',
    'd1',
    'e0',
    'f0',
  ]) {
    assert.ok(judged(byte, false) instanceof PeerError, `3.1.1: ${byte}`);
  }
  for (const byte of [
    '00',
    '1f',
    '3e',
    '39',
    '4f',
    '64',
    '82',
    '9f',
    'b1',
    'c0',
    'd8',
    'e2',
    'f1',
  ]) {
    assert.ok(judged(byte, true) instanceof PeerError, `5.0: ${byte}`);
  }
});

test('every first byte that a server may send is waited for', () => {
  const both = ['20', '30', '31', '32', '33', '34', '35', '3a', '3b', '3c', '3d', '40', '50'];
  for (const byte of [...both, '62', '70', '90', 'b0', 'd0']) {
    assert.deepEqual([judged(byte, false), judged(byte, true)], [NOTHING, NOTHING], byte);
  }
  assert.deepEqual([judged('e0', true), judged('f0', true)], [NOTHING, NOTHING]);
});

test('of the 256 first bytes, 3.1.1 takes 18 and 5.0 takes 20', () => {
  for (const [v5, count] of [
    [false, 18],
    [true, 20],
  ] as const) {
    const taken = Array.from({ length: 256 }, (_, first) => toHex([first])).filter(
      (first) => judged(first, v5) === NOTHING,
    );
    assert.equal(taken.length, count);
  }
});

test('a remaining length is refused at its fourth byte when that announces a fifth', () => {
  for (const v5 of [false, true]) {
    assert.equal(judged('30 ff ff ff', v5), NOTHING);
    const error = judged('30 ff ff ff ff', v5);
    assert.ok(error instanceof PeerError);
    assert.equal(error.reason, 0x81);
  }
});

test('a packet over the announced maximum is refused as soon as its length is there [5.0 MQTT-3.1.2-24]', () => {
  const solo = new Solo({ receiveBytes: 64 }).online(5);
  solo.feed('30 3f');
  assert.equal(solo.told.length, 1);
  assert.equal(solo.ending?.reason, 0x95);
  assert.deepEqual(solo.written(), ['e00195']);
});

test('a packet of exactly the announced maximum is received', () => {
  const body = joined(hex('0001 61 00'), new Uint8Array(58).fill(0x78));
  const solo = new Solo({ receiveBytes: 64 }).online(5).feed(packetOf(0x30, body));
  assert.equal(solo.told.length, 1);
  assert.equal(solo.told[0].payload, '78'.repeat(58));
});
