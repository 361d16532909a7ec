/**
 * Where the client has a short way for what comes all the time, the short way does as the long one:
 * a PUBLISH whose head lies ready is written as one that is written anew, and a PUBACK in its short
 * form is taken as one that is decoded.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { encodePingreq, encodeSubscribe } from '../../firmware/mqtt/encode.ts';
import { emptyMessage, type MessageSource } from '../../firmware/mqtt/message-source.ts';
import { KNOWN_ALIAS, NO_PROPERTIES, PUBACK_WORD, Transmit } from '../../firmware/mqtt/transmit.ts';
import { toHex, utf8 } from '../support/mqtt-bytes.ts';
import { ListSource } from '../support/mqtt-list-source.ts';
import { Solo } from '../support/mqtt-solo.ts';

const RUNS = { seed: 20_313, numRuns: 500 };
const CAPACITY = 400;
const TOPICS = ['a', 'building/floor-3/room-1/climate', 'x'.repeat(500)].map(utf8);
const PROPERTIES = ['', '0101', '08000161'].map((text) =>
  Uint8Array.from(Buffer.from(text, 'hex')),
);

/** A source whose one message is given from outside, each byte of its payload the same. */
class OneSource implements MessageSource {
  readonly message = emptyMessage();
  length = 0;
  fill = 0;

  writePayload(into: Uint8Array, at: number): number {
    const after = at + this.length;
    if (after <= into.length) into.fill(this.fill, at, after);
    return after;
  }

  next = () => true;
  putBack = () => {};
  reload = () => true;
  published = () => {};
  settled = () => {};
  rewind = () => {};
}

/** Mostly one value, so that a PUBLISH is often like the one before but in one respect. */
function mostly<T>(usual: T, ...others: readonly T[]): fc.Arbitrary<T> {
  return fc.oneof(
    { weight: 8, arbitrary: fc.constant(usual) },
    { weight: 1, arbitrary: fc.constantFrom(...others) },
  );
}

const publish = fc.record({
  topic: mostly(1, 0, 2),
  properties: mostly(0, 1, 2),
  length: fc.oneof(fc.integer({ min: 80, max: 130 }), fc.nat(450)),
  fill: fc.nat(255),
  first: mostly(0x32, 0x30, 0x31, 0x33, 0x34, 0x3a),
  packetId: fc.integer({ min: 1, max: 0xffff }),
  alias: fc.oneof(
    mostly(NO_PROPERTIES, 0, 1, KNOWN_ALIAS + 1),
    mostly(KNOWN_ALIAS + 1, 0, 1, KNOWN_ALIAS + 300),
  ),
});
type Publish = Parameters<Parameters<typeof publish.chain>[0]>[0];
const step = fc.oneof(
  { weight: 5, arbitrary: publish },
  { weight: 4, arbitrary: fc.constant('take all') },
  { weight: 3, arbitrary: fc.constantFrom('acknowledge', 'ping', 'long subscribe', 'take some') },
);

function write(transmit: Transmit, source: OneSource, packet: Publish): number {
  const { message } = source;
  message.topic = TOPICS[packet.topic];
  message.properties = PROPERTIES[packet.properties];
  source.length = packet.length;
  source.fill = packet.fill;
  const packetId = (packet.first & 6) === 0 ? 0 : packet.packetId;
  return transmit.publish(source, packet.first, packetId, packet.alias);
}

/** Another packet than a PUBLISH is written, or the transport takes what waits. */
function other(transmit: Transmit, what: string): void {
  const { bytes, end } = transmit;
  const waiting = end - transmit.start;
  if (what === 'take all') transmit.taken(waiting);
  else if (what === 'take some') transmit.taken(waiting >> 1);
  else if (what === 'acknowledge') transmit.acknowledge(PUBACK_WORD | 0x3232, 0);
  else if (what === 'long subscribe') {
    encodeSubscribe(bytes, end, 7, [{ filter: 'y'.repeat(450), qos: 0 }], true, 0);
  } else if (end + 2 <= CAPACITY) transmit.end = encodePingreq(bytes, end);
}

test('a PUBLISH is the same bytes whatever was written, refused or taken before it', () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 20, maxLength: 60 }), (steps) => {
      const transmit = new Transmit(CAPACITY);
      const source = new OneSource();
      for (const one of steps) {
        if (typeof one === 'string') {
          other(transmit, one);
          continue;
        }
        const start = transmit.end;
        const end = write(transmit, source, one);
        const fresh = new Transmit(2 * CAPACITY);
        const expected = fresh.bytes.subarray(0, write(fresh, new OneSource(), one));
        if (end > CAPACITY) assert.ok(start + expected.length + 1 > CAPACITY);
        else {
          assert.equal(toHex(transmit.bytes.subarray(start, end)), toHex(expected));
          transmit.end = end;
        }
        if (transmit.end === start) transmit.taken(start);
      }
    }),
    RUNS,
  );
});

/** All that a session does in answer to acknowledgements of these identifiers. */
function answers(packetIds: readonly number[], form: (id: string) => string): unknown {
  const source = new ListSource(
    { topic: 'a', qos: 1, packetId: 1 },
    { topic: 'b', qos: 2, packetId: 2 },
    { topic: 'c', qos: 1, packetId: 3 },
    { topic: 'd', qos: 1 },
    { topic: 'e', qos: 1, packetId: 1 },
  );
  const solo = new Solo({ windowMax: 4 }, source).online(5);
  solo.session.subscribe([{ filter: 'a', qos: 0 }], 0);
  for (const id of packetIds) solo.feed(form(id.toString(16).padStart(4, '0')));
  return [solo.told, solo.written(), source.ended, source.sent, solo.session.state];
}

test('a PUBACK in its short form does what one with its reason and one in pieces do', () => {
  const packetId = fc.constantFrom(0, 1, 1, 2, 3, 3, 7, 0x8000, 0x8000, 0x8001, 0x8002, 0xffff);
  fc.assert(
    fc.property(fc.array(packetId, { maxLength: 6 }), (ids) => {
      const short = answers(ids, (id) => `40 02 ${id}`);
      assert.deepEqual(
        answers(ids, (id) => `40 03 ${id} 00`),
        short,
      );
      assert.deepEqual(
        answers(ids, (id) => `40 04 ${id} 00 00`),
        short,
      );
    }),
    RUNS,
  );
});
