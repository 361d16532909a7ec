/** Incoming messages one by one, without a session: packets by the layout of section 3.3. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Packet } from '../../../../firmware/mqtt/codec/packet.ts';
import { SessionEvent } from '../../../../firmware/mqtt/session/event.ts';
import { Inbound } from '../../../../firmware/mqtt/session/inbound.ts';
import { ReceiveBuffer } from '../../../../firmware/mqtt/session/receive-buffer.ts';
import { TransmitBuffer } from '../../../../firmware/mqtt/session/transmit-buffer.ts';
import { hex, joined, packetOf, textHex, toHex } from '../../../support/mqtt-bytes.ts';

/** As short as a topic of the fast path may be. */
const TOPIC = 'home/garden/roof';

class Bench {
  readonly received = new ReceiveBuffer(17_000, 17_000);
  readonly out = new TransmitBuffer(64);
  readonly event = new SessionEvent(new Packet());
  readonly inbound = new Inbound(this.out, 4, 2);

  constructor() {
    this.event.packet.attach(this.received.bytes, this.received.view);
    // Something waits to be written.
    this.out.end = 4;
  }

  /** Offers a packet to the fast path. */
  offer(packet: Uint8Array, v5: boolean, before = 0, behind = 0): boolean {
    const { received } = this;
    received.bytes.fill(0).set(packet, before);
    received.start = before;
    received.end = before + packet.length + behind;
    return this.inbound.fastPathPublish(received, this.event, v5);
  }

  /** Decodes a packet with a length of one byte, and takes it by the long way. */
  publish(packetHex: string, v5: boolean): boolean {
    const { event, received } = this;
    const bytes = hex(packetHex);
    received.bytes.set(bytes);
    event.packet.decode(bytes[0], received.bytes, 2, bytes.length, v5);
    return this.inbound.publish(event.packet, event, v5);
  }

  get answer(): string {
    return toHex(this.out.bytes.subarray(4, this.out.end));
  }
}

/** A PUBLISH with QoS 1 whose body has so many bytes, of which these come first. */
function packetWith(bodyBytes: number, head: Uint8Array): Uint8Array {
  const length: number[] = [];
  for (let rest = bodyBytes; ; rest >>= 7) {
    length.push(rest > 0x7f ? (rest & 0x7f) | 0x80 : rest);
    if (rest < 0x80) break;
  }
  const packet = new Uint8Array(1 + length.length + bodyBytes).fill(0x55);
  packet[0] = 0x32;
  packet.set(length, 1);
  packet.set(head, 1 + length.length);
  return packet;
}

function publishOf(bodyBytes: number, v5: boolean, head = `${textHex(TOPIC)} 1234`): Uint8Array {
  return packetWith(bodyBytes, hex(`${head} ${v5 ? '00' : ''}`));
}

test('a usual message is taken whole by the fast path, whatever its length and what lies around it', () => {
  for (const v5 of [false, true]) {
    for (const bodyBytes of [v5 ? 21 : 20, 22, 126, 127, 128, 129, 300, 16_383]) {
      for (const [before, behind] of [
        [0, 0],
        [2, 3],
      ]) {
        const bench = new Bench();
        const { event, received } = bench;
        const packet = publishOf(bodyBytes, v5);
        const name = `${v5} ${bodyBytes} ${before}`;
        assert.equal(bench.offer(packet, v5, before, behind), true, name);
        assert.equal(received.start, before + packet.length, name);
        assert.equal(event.type, 'message');
        assert.equal(event.topic(), TOPIC);
        assert.equal(event.packet.topic(), TOPIC);
        const { packetId, qos, retain, duplicate, payloadStart, payloadEnd } = event.packet;
        assert.deepEqual([packetId, qos, retain, duplicate], [0x1234, 1, false, false]);
        const payloadBytes = bodyBytes - 2 - TOPIC.length - 2 - (v5 ? 1 : 0);
        assert.equal(payloadEnd, received.start);
        assert.equal(payloadEnd - payloadStart, payloadBytes, name);
        assert.equal(bench.answer, '40021234');
      }
    }
  }
});

test('a usual message without a payload is taken, and has no property of the one before', () => {
  for (const v5 of [false, true]) {
    const bench = new Bench();
    bench.event.packet.decode(0x30, hex('000161 02 0101 41'), 0, 7, true);
    assert.ok(bench.event.packet.properties.any);
    const topic = `${TOPIC}/quality`;
    const packet = packetOf(0x32, hex(`${textHex(topic)} 0007 ${v5 ? '00' : ''}`));
    assert.equal(bench.offer(packet, v5), true);
    const { packet: taken } = bench.event;
    assert.equal(taken.payloadStart, taken.payloadEnd);
    assert.equal(bench.event.topic(), topic);
    if (v5) assert.ok(!taken.properties.any);
    assert.equal(bench.answer, '40020007');
  }
});

test('whatever message is unusual is left for the long way as it is', () => {
  const left = (name: string, packet: Uint8Array, v5: boolean, cut = 0, skipLeft = 0) => {
    for (const before of [0, 2]) {
      const bench = new Bench();
      const { event, received, inbound } = bench;
      event.type = 'skipped';
      received.bytes.set(packet, before);
      received.start = before;
      received.end = before + packet.length - cut;
      received.skipLeft = skipLeft;
      assert.equal(inbound.fastPathPublish(received, event, v5), false, name);
      assert.deepEqual([received.start, event.type, bench.answer], [before, 'skipped', ''], name);
    }
  };
  for (const v5 of [false, true]) {
    const usual = publishOf(40, v5);
    left('cut short', usual, v5, 1);
    left('its first byte alone', usual, v5, usual.length - 1);
    left('in the body of what is skipped', usual, v5, 0, 1);
    const short = packetOf(
      0x32,
      hex(`${textHex('home/garden')} 1234 ${v5 ? '00' : ''} 55 55`).subarray(0, 19),
    );
    left('shorter than most', short, v5);
    const padded = joined(hex('32 a8 00'), usual.subarray(2));
    left('a length that is not in its shortest form', padded, v5);
    const edge = publishOf(127, v5);
    left('the longest of one byte in two', joined(hex('32 ff 00'), edge.subarray(2)), v5);
    left('a length of three bytes', publishOf(16_384, v5), v5);
    left('identifier 0', publishOf(40, v5, `${textHex(TOPIC)} 0000`), v5);
    left('a wildcard', publishOf(40, v5, `${textHex('home/garden/+')} 1234`), v5);
    left('a topic behind the end', publishOf(40, v5, '0030 686f6d65'), v5);
    const bare = packetOf(0x32, hex(`${textHex('home/garden/roof/air')} 1234`));
    // The identifier, or in 5.0 the length of the properties, lies behind the end.
    left('cut off by its length', v5 ? bare : packetOf(0x32, bare.subarray(2, -1)), v5);
  }
  // Whoever overlooks the third byte of this length finds a topic of 0x12D bytes.
  const topic = new Uint8Array(0x2d2d + 4).fill(0x2d);
  topic.set([0x12, 0x34], topic.length - 2);
  left('the shortest of three bytes', packetWith(16_384, topic), false);
  left('properties', packetOf(0x32, hex(`${textHex(TOPIC)} 1234 02 0101 5555`)), true);
});

test('a message of 3.1.1 has no properties, whatever the last one of 5.0 had', () => {
  const bench = new Bench();
  // An alias over the maximum.
  assert.throws(() => bench.publish('32 09 0001 61 0001 03 23 0009', true), /alias/);
  assert.equal(bench.publish('32 06 0001 62 0002 41', false), true);
  assert.deepEqual([bench.event.topic(), bench.answer], ['b', '40020002']);
});

test('a message with properties, but neither topic nor alias, takes no topic from another [5.0 MQTT-3.3.2-8]', () => {
  const bench = new Bench();
  assert.equal(bench.publish('30 06 0001 61 02 0101', true), true);
  assert.throws(() => bench.publish('30 05 0000 02 0101', true), /neither topic nor alias/);
  assert.throws(() => bench.publish('30 03 0000 00', true), /neither topic nor alias/);
});
