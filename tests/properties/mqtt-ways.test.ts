/**
 * Where the client has a fast path for what comes all the time, it does as the long one: messages
 * are read by `mqtt-packet` as they were given whatever went out before, a PUBACK in its short form
 * is taken as one with its reason, and a PUBLISH as one that differs in a flag alone. What both ways
 * ask in common is judged by a plain reader of its own.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type IPublishPacket, parser } from 'mqtt-packet';
import { hex, joined, packetOf, toHex, utf8 } from '../support/mqtt-bytes.ts';
import type { PacketFields, Version } from '../support/mqtt-fields.ts';
import { ListSource } from '../support/mqtt-list-source.ts';
import { Solo } from '../support/mqtt-solo.ts';

const RUNS = { seed: 20_313, numRuns: 500 };
const CAPACITY = 400;
const TOPICS = ['a', 'building/floor-3/room-1/climate'];
const PROPERTIES = ['', '0101'].map(hex);
/** The topic is known by this array, as the firmware's sources know theirs. */
const ENCODED = TOPICS.map(utf8);

/** Mostly one value, so that a message is often like the one before but in one respect. */
function mostly<T>(usual: T, ...others: readonly T[]): fc.Arbitrary<T> {
  return fc.oneof(
    { weight: 8, arbitrary: fc.constant(usual) },
    { weight: 1, arbitrary: fc.constantFrom(...others) },
  );
}

const outgoing = fc.record({
  topic: mostly(1, 0),
  properties: mostly(0, 1),
  // About where the length takes a second byte, at most as much as fits, and more.
  bytes: fc.oneof(fc.integer({ min: 80, max: 130 }), fc.nat(320), fc.constant(400)),
  fill: fc.nat(255),
  qos: mostly<0 | 1 | 2>(1, 0, 2),
  retain: mostly(false, true),
  repeats: mostly(true, false),
  packetId: fc.constantFrom(0, 1, 2),
});
type Outgoing = Parameters<Parameters<typeof outgoing.chain>[0]>[0];
const step = fc.oneof(
  { weight: 3, arbitrary: fc.array(outgoing, { minLength: 1, maxLength: 1 }) },
  { weight: 1, arbitrary: fc.array(outgoing, { maxLength: 4 }) },
  { weight: 2, arbitrary: fc.constant('answer') },
  { weight: 1, arbitrary: fc.constantFrom('message', 'ping', 'answer reversed') },
);

/** A broker that notes each PUBLISH, with the topic that an alias stands for, and answers late. */
class Broker {
  readonly seen: string[] = [];
  private readonly aliases: string[] = [];
  private answers: string[] = [];
  private readonly peer: ReturnType<typeof parser>;

  constructor(version: Version) {
    this.peer = parser({ protocolVersion: version });
    this.peer.on('error', (error) => assert.fail(error));
    this.peer.on('packet', (packet) => {
      if (packet.cmd === 'publish') this.note(packet);
    });
  }

  private note({ topic, qos, retain, payload, messageId = 0, properties }: IPublishPacket): void {
    const alias = properties?.topicAlias ?? 0;
    if (topic !== '') this.aliases[alias] = topic;
    const format = properties?.payloadFormatIndicator ?? '';
    const bytes = toHex(payload as Uint8Array);
    this.seen.push(`${this.aliases[alias]} ${qos} ${retain} ${format} ${bytes}`);
    const id = messageId.toString(16).padStart(4, '0');
    if (qos === 1) this.answers.push(`40 02 ${id}`);
    if (qos === 2) this.answers.push(`50 02 ${id} 70 02 ${id}`);
  }

  /** Reads all that a session has to write. @returns how many packets */
  read(solo: Solo): number {
    const packets = solo.written();
    for (const packet of packets) this.peer.parse(Buffer.from(packet, 'hex'));
    return packets.length;
  }

  /** Answers all, the oldest first or last. */
  answer(solo: Solo, isReversed: boolean): void {
    const answers = this.answers.splice(0);
    for (const one of isReversed ? answers.reverse() : answers) solo.feed(one);
  }

  /** Answers until there is nothing left to send. */
  answerAll(solo: Solo): void {
    do this.answer(solo, true);
    while (this.read(solo) > 0);
  }
}

/** A message as the broker should note it; undefined when it fits no packet. */
function expected(version: Version, message: Outgoing): string | undefined {
  const { topic, properties, bytes, fill, qos, retain } = message;
  const format = version === 5 && properties === 1 ? 'true' : '';
  const payload = toHex(new Uint8Array(bytes).fill(fill));
  return bytes < CAPACITY ? `${TOPICS[topic]} ${qos} ${retain} ${format} ${payload}` : undefined;
}

function add(source: ListSource, { topic, properties, bytes, fill, ...flags }: Outgoing): void {
  const payload = new Uint8Array(bytes).fill(fill);
  source.add({ ...flags, topic: ENCODED[topic], properties: PROPERTIES[properties], payload });
}

for (const version of [4, 5] as const) {
  const name = version === 5 ? '5.0' : '3.1.1';
  test(`in ${name} a message arrives as it was given, whatever went out before it`, () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 20, maxLength: 60 }), (steps) => {
        const source = new ListSource();
        const solo = new Solo({ transmitBytes: CAPACITY, windowMax: 4 }, source);
        solo.online(version, version === 5 ? '20 06 00 00 03 22 00 01' : '20 02 00 00');
        const broker = new Broker(version);
        const given: Outgoing[] = [];
        for (const one of steps) {
          if (typeof one === 'object') {
            for (const message of one) add(source, message);
            given.push(...one);
          } else if (one === 'message') {
            solo.feed(version === 5 ? '32 07 00 01 61 00 07 00 41' : '32 06 00 01 61 00 07 41');
          } else if (one === 'ping') {
            // A message that goes unanswered for as long would end the connection.
            broker.answerAll(solo);
            solo.wake(solo.now + 60_000);
            solo.feed('d0 00');
          } else broker.answer(solo, one === 'answer reversed');
          broker.read(solo);
        }
        broker.answerAll(solo);
        const texts = given.map((message) => expected(version, message));
        assert.deepEqual(broker.seen, texts.filter(Boolean));
        assert.equal(source.ended.length, given.length);
      }),
      RUNS,
    );
  });
}

/** What a session tells and answers when a PUBLISH with this body comes, under this first byte. */
function taken(version: Version, first: number, body: Uint8Array, isPadded: boolean): unknown {
  const packet = packetOf(first, body);
  // A length that is not in its shortest form, which 5.0 forbids.
  const padded = [first, packet[1] | 0x80, ...(packet[1] < 0x80 ? [0] : []), ...packet.subarray(2)];
  // A message with a property before it: nothing of it is told with the next one.
  const before = hex(version === 5 ? '30 06 00 01 61 02 01 01' : '');
  const solo = new Solo().online(version);
  solo.feed(joined(before, isPadded ? Uint8Array.from(padded) : packet));
  const told = solo.told.map((event): PacketFields => ({ ...event, duplicate: false }));
  return [told, solo.written(), solo.session.state];
}

/** A body as it should be, or with one byte of it another, or cut short. */
const body = fc
  .record({
    topic: fc.constantFrom('a', 'a/b/c/d', 'a/b/c/d/', 'a/b/c/d/e', TOPICS[1], 'home/münchen/1'),
    packetId: fc.constantFrom(0, 1, 0xffff),
    properties: fc.constantFrom('', '00', '00', '020101', '80'),
    length: fc.constantFrom(0, 1, 100, 200),
    at: fc.nat(60),
    byte: fc.constantFrom(-1, -1, 0, 0x23, 0x2b, 0x2c, 0x7f, 0x80, 0xff),
    cut: mostly(1000, 3, 11, 12, 13),
  })
  .map(({ topic, packetId, properties, length, at, byte, cut }) => {
    const name = utf8(topic);
    const bytes = Uint8Array.from([
      ...[0, name.length, ...name, packetId >> 8, packetId & 255],
      ...hex(properties),
      ...new Uint8Array(length),
    ]);
    if (byte >= 0 && at < bytes.length) bytes[at] = byte;
    return bytes.subarray(0, cut);
  });

test('a PUBLISH is taken, or refused, as a redelivery of it is', () => {
  fc.assert(
    fc.property(fc.constantFrom<Version>(4, 5), body, mostly(false, true), (version, ...rest) => {
      assert.deepEqual(taken(version, 0x32, ...rest), taken(version, 0x3a, ...rest));
    }),
    { ...RUNS, numRuns: 1000 },
  );
});

/** All that is wrong with a topic name, by the platform's decoder and a plain search. */
function faultsOf(topic: Uint8Array): string[] {
  const faults: string[] = [];
  if (topic.includes(0)) faults.push('U+0000');
  if (topic.includes(0x23) || topic.includes(0x2b)) faults.push('wildcard');
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(topic);
  } catch {
    faults.push('UTF-8');
  }
  return faults;
}

test('a topic is delivered as it is, or ends the connection with its fault, on both ways', () => {
  const names = [
    'building/floor-3/room-1/climate',
    'a/b',
    'home/münchen/küche/temperatur',
    '温度/屋内/台所/一',
  ];
  const change = fc.record({
    at: fc.nat(60),
    byte: fc.oneof(fc.constantFrom(0, 0x23, 0x2b, 0x2c, 0x7f, 0x80, 0xc3, 0xff), fc.nat(255)),
  });
  const changes = fc.array(change, { maxLength: 2 });
  fc.assert(
    fc.property(
      fc.constantFrom(4, 5),
      fc.constantFrom(...names),
      changes,
      (version, name, list) => {
        const topic = utf8(name);
        for (const { at, byte } of list) topic[at % topic.length] = byte;
        const properties = version === 5 ? '00' : '';
        const body = joined(Uint8Array.of(0, topic.length), topic, hex(`0007 ${properties} 41`));
        const faults = faultsOf(topic);
        const isGood = faults.length === 0;
        for (const first of [0x32, 0x3a]) {
          const solo = new Solo().online(version as Version).feed(packetOf(first, body));
          const [seen, ...more] = solo.told;
          assert.deepEqual(more, []);
          if (isGood) assert.equal(seen.topic, new TextDecoder().decode(topic));
          else assert.ok(faults.some((fault) => `${seen.detail}`.includes(fault)));
          assert.equal(seen.type, isGood ? 'message' : 'ended');
        }
      },
    ),
    { ...RUNS, numRuns: 1000 },
  );
});

test('a message that has to go the long way after all takes one identifier', () => {
  const source = new ListSource();
  const solo = new Solo({}, source).online(4);
  const topic = utf8('a/b');
  const ids: string[] = [];
  // About 0x80, where the length takes another byte; what lies ready is of no use then.
  for (const bytes of [100, 100, 200, 300, 100, 300, 100]) {
    source.add({ topic, payload: new Uint8Array(bytes), qos: 1 });
    for (const packet of solo.written()) {
      const at = packet.length / 2 - bytes - 2;
      ids.push(packet.slice(2 * at, 2 * at + 4));
      solo.feed(`40 02 ${ids.at(-1)}`);
    }
  }
  assert.deepEqual(ids, ['8000', '8001', '8002', '8003', '8004', '8005', '8006']);
});

test('a PUBLISH with a length of three bytes is taken whole', () => {
  // Whoever overlooks the third byte finds a topic of 0x12D bytes in this one.
  const topic = 'a'.repeat(0x2d2d);
  const body = joined(utf8(`--${topic}`), hex('0007'), new Uint8Array(0x5000));
  const solo = new Solo({ receiveBytes: 0x10000 }).online(4).feed(packetOf(0x32, body));
  assert.deepEqual(
    solo.told.map((event) => [event.topic, `${event.payload}`.length]),
    [[topic, 2 * 0x5000]],
  );
});

test('a message that the broker finds too large is refused, though one like it was sent', () => {
  const source = new ListSource();
  // Maximum packet size: 100, which is 2 + 2 + 3 + 2 + 1 + 90.
  const solo = new Solo({}, source).online(5, '20 08 00 00 05 27 00 00 00 64');
  const topic = utf8('a/b');
  for (const bytes of [90, 90, 91, 90]) {
    source.add({ topic, payload: new Uint8Array(bytes), qos: 1 });
    for (const packet of solo.written()) solo.feed(`40 02 ${packet.slice(14, 18)}`);
  }
  assert.deepEqual(source.ended, ['1:0', '2:0', '3:95', '4:0']);
});

test('an alias is defined by the first message that has room for it, after one that had none', () => {
  const source = new ListSource();
  // Maximum packet size 100, one alias; the topic takes 28 bytes.
  const solo = new Solo({}, source).online(5, '20 0b 00 00 08 27 00 00 00 64 22 00 01');
  const topic = utf8('mote/mote-0a1b2c/telemetry');
  const sizes: number[] = [];
  for (const bytes of [90, 50, 50, 80, 50]) {
    source.add({ topic, payload: new Uint8Array(bytes), qos: 1, repeats: true });
    for (const packet of solo.written()) {
      sizes.push(packet.length / 2);
      const at = packet.slice(4, 8) === '0000' ? 8 : 8 + 2 * topic.length;
      solo.feed(`40 02 ${packet.slice(at, at + 4)}`);
    }
  }
  assert.deepEqual(source.ended, ['1:95', '2:0', '3:0', '4:0', '5:0']);
  assert.deepEqual(sizes, [86, 60, 90, 60]);
});

test('a source that throws while it writes leaves nothing that a later message would reuse', () => {
  const source = new ListSource();
  const solo = new Solo({}, source).online(4);
  const topic = utf8('a/b');
  const send = (qos: 0 | 1, text: string) => {
    source.add({ topic, payload: utf8(text), qos });
    const packets = solo.written();
    if (qos === 1) for (const one of packets) solo.feed(`40 02 ${one.slice(14, 18)}`);
    return packets.map((one) => one.slice(0, 4));
  };
  send(1, 'first');
  send(1, 'second');
  const { writePayload } = source;
  source.writePayload = () => {
    throw new Error('unreadable');
  };
  source.add({ topic, payload: utf8('lost'), qos: 0 });
  assert.throws(() => solo.written(), /unreadable/);
  source.writePayload = writePayload;
  assert.deepEqual(send(1, 'third'), ['320c']);
  assert.deepEqual(send(1, 'fourth'), ['320d']);
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
