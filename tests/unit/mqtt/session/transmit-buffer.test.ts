import assert from 'node:assert/strict';
import { test } from 'node:test';
import { emptyMessage } from '../../../../firmware/mqtt/message-source.ts';
import {
  FAST_PATH_PUBLISH,
  KNOWN_ALIAS,
  NO_PROPERTIES,
  PUBACK_WORD,
  TransmitBuffer,
} from '../../../../firmware/mqtt/session/transmit-buffer.ts';
import { hex, textHex, toHex, utf8 } from '../../../support/mqtt-bytes.ts';
import { Solo } from '../../../support/mqtt-solo.ts';

const TOPIC = utf8('a/b');
const PACKET_ID = 0x1234;

/** A message of `bytes` times 0x55, as far as writing asks for one. */
function messageOf(bytes: number, properties: Uint8Array) {
  return {
    message: { ...emptyMessage(), topic: TOPIC, properties },
    next: () => true,
    putBack: () => {},
    reload: () => true,
    writePayload: (into: Uint8Array, at: number) => {
      if (at + bytes <= into.length) into.fill(0x55, at, at + bytes);
      return at + bytes;
    },
    published: () => {},
    settled: () => {},
    rewind: () => {},
  };
}

/** Section 3.3 by hand: what stands before the payload, for an alias and properties of 5.0. */
const FORMS: readonly [name: string, alias: number, properties: string, head: string][] = [
  ['3.1.1', NO_PROPERTIES, '', `${textHex('a/b')} 1234`],
  ['no properties', 0, '', `${textHex('a/b')} 1234 00`],
  ['a property', 0, '0101', `${textHex('a/b')} 1234 02 0101`],
  ['a known alias', KNOWN_ALIAS + 0x102, '', '0000 1234 03 23 0102'],
  ['a known alias and a property', KNOWN_ALIAS + 2, '0101', '0000 1234 05 23 0002 0101'],
];
/** Bytes of the body; where the length takes another byte, and where its second one changes. */
const LENGTHS = Object.freeze([20, 126, 127, 128, 129, 254, 255, 256, 16_383, 16_384]);
const SIZE_MAX = 16_386;

/** All of a packet before its payload: the length takes one byte below 128, and two up to 16,383. */
function frontOf(bodyBytes: number, head: Uint8Array): string {
  const high = bodyBytes >> 7;
  const length = high === 0 ? [bodyBytes] : [(bodyBytes % 128) | 0x80, high];
  return toHex([FAST_PATH_PUBLISH, ...length, ...head]);
}

test('what lies ready makes the packet of each message that differs in the first byte of its length, and of no other', () => {
  for (const [name, alias, own, headHex] of FORMS) {
    const properties = hex(own);
    const head = hex(headHex);
    const out = new TransmitBuffer(17_000);
    out.sizeMin = SIZE_MAX;
    for (const length of LENGTHS) {
      const source = messageOf(length - head.length, properties);
      // The first one finds out how wide the length is.
      out.publish(source, FAST_PATH_PUBLISH, PACKET_ID, alias);
      const end = out.publish(source, FAST_PATH_PUBLISH, PACKET_ID, alias);
      // Room is left for two bytes at most.
      assert.equal(out.topic === TOPIC, length < 0x4000, `${name}, ${length}`);
      if (length >= 0x4000) continue;
      const front = frontOf(length, head);
      assert.equal(toHex(out.bytes.subarray(0, out.payloadAt)), front, `${name}, ${length}`);
      assert.equal(end, out.payloadAt + length - head.length);
      assert.equal(out.properties, properties);
      assert.equal(toHex(out.bytes.subarray(out.packetIdAt, out.packetIdAt + 2)), '1234');
      for (const other of LENGTHS) {
        const otherEnd = out.payloadAt + other - head.length;
        const isAlike = length >> 7 === other >> 7;
        const isReady = otherEnd >= out.endMin && otherEnd <= out.endMax;
        assert.equal(isReady, isAlike, `${name}, ${other} after ${length}`);
        if (!isAlike) continue;
        out.bytes[1] = otherEnd - out.lengthFrom;
        assert.equal(toHex(out.bytes.subarray(0, out.payloadAt)), frontOf(other, head));
      }
    }
  }
});

test('a message that defines an alias is no pattern for the next one, which uses it', () => {
  const out = new TransmitBuffer(200);
  out.sizeMin = 100;
  for (let round = 0; round < 2; round++) {
    out.publish(messageOf(30, hex('')), FAST_PATH_PUBLISH, PACKET_ID, 1);
    assert.notEqual(out.topic, TOPIC);
  }
});

test('what lies ready at the front outlives messages behind it', () => {
  const out = new TransmitBuffer(400);
  out.sizeMin = 300;
  const source = messageOf(30, hex(''));
  for (let round = 0; round < 2; round++) out.publish(source, FAST_PATH_PUBLISH, PACKET_ID, 0);
  const { topic, packetIdAt, payloadAt, endMin, endMax, lengthFrom } = out;
  out.end = out.publish(source, FAST_PATH_PUBLISH, PACKET_ID, 0);
  out.end = out.publish(source, FAST_PATH_PUBLISH, PACKET_ID, 0);
  assert.deepEqual(
    [out.topic, out.packetIdAt, out.payloadAt, out.endMin, out.endMax, out.lengthFrom],
    [topic, packetIdAt, payloadAt, endMin, endMax, lengthFrom],
  );
  assert.equal(topic, TOPIC);
});

test('a message without room leaves no packet at the front', () => {
  const out = new TransmitBuffer(60);
  out.sizeMin = 28;
  for (let round = 0; round < 2; round++) {
    out.publish(messageOf(10, hex('')), FAST_PATH_PUBLISH, PACKET_ID, 0);
  }
  assert.equal(out.bytes[0], FAST_PATH_PUBLISH);
  assert.ok(out.publish(messageOf(51, hex('')), FAST_PATH_PUBLISH, PACKET_ID, 0) > 60);
  assert.equal(out.bytes[0], 0);
});

test('there is room for an answer exactly while the longest one fits', () => {
  for (let capacity = 20; capacity < 24; capacity++) {
    for (const reason of [0, 0x92]) {
      const out = new TransmitBuffer(capacity);
      const bytes = reason === 0 ? 4 : 5;
      let used = 0;
      for (; used + 5 <= capacity; used += bytes) {
        assert.ok(out.answerable, `${used} of ${capacity}`);
        assert.ok(out.acknowledge(PUBACK_WORD | 7, reason));
        const packet = reason === 0 ? '40020007' : '4003000792';
        assert.equal(toHex(out.bytes.subarray(used, out.end)), packet);
      }
      assert.ok(!out.answerable, `${used} of ${capacity}`);
      assert.ok(!out.acknowledge(PUBACK_WORD | 7, reason));
      assert.equal(out.end, used);
    }
  }
});

test('a connection begins with its CONNECT, whatever the one before had left to write', () => {
  const connect = new Solo().open(4);
  const { session } = new Solo();
  session.open(4, 0);
  session.sent(5, 0);
  assert.equal(session.transmitBuffer.start, 5);
  session.closed();
  session.open(4, 0);
  const { bytes, start, end } = session.transmitBuffer;
  assert.equal(toHex(bytes.subarray(start, end)), connect);
});
