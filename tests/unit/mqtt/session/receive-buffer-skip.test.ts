import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deliveries, hex, joined, packetOf, textHex, utf8 } from '../../../support/mqtt-bytes.ts';
import { ListSource } from '../../../support/mqtt-list-source.ts';
import { Solo } from '../../../support/mqtt-solo.ts';

const AFTER = hex('32 06 0001 7a 0102 21');
const AFTER_TOLD = {
  type: 'message',
  topic: 'z',
  payload: '21',
  qos: 1,
  retain: false,
  duplicate: false,
  properties: {},
};

/** A PUBLISH of 3.1.1 with a payload that no buffer of 64 bytes holds. */
function oversized(qos: number, topic: string, payloadBytes: number): Uint8Array {
  const id = qos === 0 ? '' : '1234';
  const head = hex(textHex(topic) + id);
  return packetOf(0x30 | (qos << 1), joined(head, new Uint8Array(payloadBytes).fill(0x39)));
}

/** The same in 5.0, without properties; 99 bytes with its header. */
function oversizedV5(qos: number): Uint8Array {
  const head = hex(`0003 612f62 ${qos === 0 ? '' : '1234'} 00`);
  return packetOf(0x30 | (qos << 1), joined(head, new Uint8Array(97 - head.length).fill(0x39)));
}

function skipped(topic: string) {
  return { type: 'skipped', topic };
}

function skipping(): Solo {
  return new Solo({ receiveBytes: 64 }).online(4);
}

for (const [qos, acknowledgement] of [
  [0, []],
  [1, ['40021234']],
  [2, ['50021234']],
] as const) {
  test(`in 3.1.1 a message over the buffer with QoS ${qos} is skipped, counted and acknowledged, however it is cut`, () => {
    const stream = joined(oversized(qos, 'a/b', 90), AFTER);
    for (const [way, pieces] of deliveries(stream)) {
      const solo = skipping().feed(...pieces);
      assert.deepEqual(solo.told, [skipped('a/b'), AFTER_TOLD], way);
      assert.equal(solo.session.skipped, 1, way);
      assert.deepEqual(solo.written(), [...acknowledgement, '40020102'], way);
    }
  });
}

test('a skipped message is acknowledged though its topic alone is longer than the buffer [3.1.1 MQTT-4.5.0-2]', () => {
  const stream = joined(oversized(1, 't'.repeat(300), 3), AFTER);
  for (const [way, pieces] of deliveries(stream)) {
    const solo = skipping().feed(...pieces);
    // As much of it as the buffer held, behind two bytes of length each.
    assert.deepEqual(solo.told, [skipped('t'.repeat(59)), AFTER_TOLD], way);
    assert.deepEqual(solo.written(), ['40021234', '40020102'], way);
  }
});

test('what a message over the buffer carries is not taken for packets, wherever it is cut', () => {
  const source = new ListSource({ topic: 'b', qos: 1, packetId: 1 });
  const inner = joined(hex('32 14 0010'), utf8('building/floor-3'), hex('0007 40020001'));
  const stream = packetOf(0x30, joined(hex('0001 61'), inner, inner, inner, inner, inner));
  for (const [way, pieces] of deliveries(stream)) {
    const solo = new Solo({ receiveBytes: 64 }, source).online(4).feed(...pieces);
    assert.deepEqual(solo.told, [skipped('a')], way);
    assert.deepEqual(source.ended, [], way);
    source.rewind();
  }
});

test('two messages over the buffer in a row are both skipped', () => {
  const big = oversized(1, 'a', 200);
  const solo = skipping().feed(joined(big, big, AFTER));
  assert.deepEqual(solo.told, [skipped('a'), skipped('a'), AFTER_TOLD]);
  assert.equal(solo.session.skipped, 2);
});

test('a skipped QoS 2 message that comes again is told once, and released as others are', () => {
  const big = oversized(2, 'a', 100);
  const solo = skipping().feed(big, big, '62 02 1234', big);
  assert.deepEqual(solo.told, [skipped('a'), skipped('a')]);
  assert.deepEqual(solo.written(), ['50021234', '50021234', '70021234', '50021234']);
});

test('a message over the buffer with the identifier 0 ends the connection [3.1.1 MQTT-2.3.1-4]', () => {
  const big = packetOf(0x32, joined(hex('0001 61 0000'), new Uint8Array(100)));
  const solo = skipping().feed(big, AFTER);
  assert.equal(solo.ending?.cause, 'protocol error');
  assert.deepEqual(solo.written(), []);
});

test('a message over the buffer before CONNACK is not skipped but ends the connection [3.1.1 MQTT-3.2.0-1]', () => {
  const solo = new Solo({ receiveBytes: 64 });
  solo.open(4);
  solo.feed(oversized(1, 'a', 100), AFTER);
  assert.deepEqual(
    solo.told.map((event) => [event.type, event.cause]),
    [['ended', 'protocol error']],
  );
  assert.deepEqual(solo.written(), []);
});

test('a new connection begins with framing of its own, in the middle of whatever was skipped', () => {
  const solo = skipping().feed(oversized(0, 'a', 500).subarray(0, 80));
  solo.drop().online(4).feed(AFTER);
  assert.deepEqual(solo.told, [AFTER_TOLD]);
});

for (const [qos, acknowledgement] of [
  [0, []],
  [1, ['40021234']],
  [2, ['50021234']],
] as const) {
  test(`in 5.0 a message over the buffer and within what the broker was told is skipped with QoS ${qos}, too`, () => {
    const after = hex('32 07 0001 7a 0102 00 21');
    for (const [way, pieces] of deliveries(joined(oversizedV5(qos), after))) {
      const solo = new Solo({ receiveBytes: 64, packetBytesMax: 99 });
      assert.match(solo.open(5), /2700000063/, way);
      solo.feed('20 03 00 00 00');
      solo.told.length = 0;
      solo.feed(...pieces);
      assert.deepEqual(solo.told, [skipped('a/b'), AFTER_TOLD], way);
      assert.deepEqual(solo.written(), [...acknowledgement, '40020102'], way);
    }
  });
}

test('in 5.0 what is larger than the broker was told, and no message, is refused [5.0 MQTT-3.1.2-24]', () => {
  for (const [most, packet] of [
    [98, oversizedV5(1)],
    [200, packetOf(0x90, new Uint8Array(80))],
  ] as const) {
    const solo = new Solo({ receiveBytes: 64, packetBytesMax: most }).online(5).feed(packet);
    assert.equal(solo.ending?.reason, 0x95);
    assert.deepEqual(solo.written(), ['e00195']);
  }
});

test('topic aliases are not accepted where messages may be skipped', () => {
  assert.throws(() => new Solo({ packetBytesMax: 2048, aliasesIn: 1 }), /aliasesIn/);
});
