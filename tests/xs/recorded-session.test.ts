/**
 * A session against the bytes of a broker, recorded from Mosquitto 2.0.11: whole, and cut into single
 * bytes. Runs in Node and, as every test that imports nothing of Node's, in XS.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeTopic } from '../../firmware/mqtt/codec/topics.ts';
import { Mailbox } from '../../firmware/mqtt/mailbox.ts';
import { defaultOptions } from '../../firmware/mqtt/session/options.ts';
import { Session } from '../../firmware/mqtt/session/session.ts';

/** What each end said. `rest`: PUBACK for 0x8001, a PUBLISH on `a/b`, PINGRESP. */
interface Recording {
  readonly connect: string;
  readonly connack: string;
  readonly subscribe: string;
  readonly suback: string;
  readonly publish: string;
  readonly rest: string;
  /** The reason code that came with PUBACK: in 5.0 the broker found nobody to give it to. */
  readonly reason: number;
}

const RECORDED: Readonly<Record<4 | 5, Recording>> = Object.freeze({
  4: {
    connect: '10 0f 00 04 4d 51 54 54 04 02 00 3c 00 03 64 65 76',
    connack: '20 02 00 00',
    subscribe: '82 08 80 00 00 03 61 2f 62 01',
    suback: '90 03 80 00 01',
    publish: '32 08 00 03 61 2f 63 80 01 31',
    rest: '40 02 80 01 32 0a 00 03 61 2f 62 00 01 68 c3 a9 d0 00',
    reason: 0,
  },
  5: {
    connect:
      '10 1d 00 04 4d 51 54 54 05 02 00 3c 0d 11 00 00 00 00 21 00 10 27 00 00 04 00 00 03 64 65 76',
    connack: '20 09 00 00 06 22 00 0a 21 00 14',
    subscribe: '82 09 80 00 00 00 03 61 2f 62 01',
    suback: '90 04 80 00 00 01',
    publish: '32 09 00 03 61 2f 63 80 01 00 31',
    rest: '40 03 80 01 10 32 0b 00 03 61 2f 62 00 01 00 68 c3 a9 d0 00',
    reason: 0x10,
  },
});

function bytesOf(text: string): number[] {
  return text.split(' ').map((pair) => Number.parseInt(pair, 16));
}

function pairs(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => (byte < 16 ? '0' : '') + byte.toString(16)).join(' ');
}

class Wire {
  readonly settled: number[] = [];
  readonly mailbox = new Mailbox(2, 64, {
    mayGo: () => true,
    mailPublished() {},
    mailSettled: (_topic, reason) => this.settled.push(reason),
  });
  readonly session = new Session(
    { ...defaultOptions, clientId: 'dev', cleanStart: true, sessionExpiryS: 0 },
    [this.mailbox],
  );
  readonly events: string[] = [];
  private now = 0;

  /** What the session wants to write. */
  drain(): string {
    const { session } = this;
    session.fill(this.now);
    const { bytes, start, end } = session.transmitBuffer;
    const written = pairs(bytes.slice(start, end));
    session.sent(end - start, this.now);
    return written;
  }

  /** Bytes arrive in pieces of at most `size`. */
  take(text: string, size: number): void {
    const { session } = this;
    const all = bytesOf(text);
    for (let at = 0; at < all.length; at += size) {
      const piece = all.slice(at, at + size);
      this.now += 1;
      session.receiveBuffer.compact();
      session.receiveBuffer.bytes.set(piece, session.receiveBuffer.end);
      session.received(piece.length, this.now);
      for (let event = session.nextEvent(this.now); event; event = session.nextEvent(this.now)) {
        const { packet } = event;
        const isMessage = event.type === 'message';
        const payload = packet.bytes.slice(packet.payloadStart, packet.payloadEnd);
        this.events.push(isMessage ? `${event.topic()}: ${pairs(payload)}` : event.type);
      }
    }
  }
}

for (const version of [4, 5] as const) {
  const recorded = RECORDED[version];
  for (const size of [1, 3, 1000]) {
    test(`a recording of protocol level ${version} in pieces of ${size} gives the same session`, () => {
      const wire = new Wire();
      wire.session.open(version, 0);
      assert.equal(wire.drain(), recorded.connect);
      wire.take(recorded.connack, size);
      assert.equal(wire.session.subscribe([{ filter: 'a/b', qos: 1 }], 1), 0x8000);
      assert.equal(wire.drain(), recorded.subscribe);
      wire.take(recorded.suback, size);
      wire.mailbox.post(encodeTopic('a/c'), new Uint8Array([0x31]), 1, { qos: 1, retain: false });
      assert.equal(wire.drain(), recorded.publish);
      wire.take(recorded.rest, size);
      assert.deepEqual(wire.events, ['connected', 'subscribed', 'a/b: 68 c3 a9']);
      assert.deepEqual(wire.settled, [recorded.reason]);
      assert.equal(wire.drain(), '40 02 00 01');
    });
  }
}
