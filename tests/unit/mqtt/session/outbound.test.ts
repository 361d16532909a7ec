/** What goes out of the sources, and in which form: packets by the layout of section 3.3. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hex, textHex, toHex, utf8 } from '../../../support/mqtt-bytes.ts';
import { type ListedMessage, ListSource } from '../../../support/mqtt-list-source.ts';
import { OutboundBench, TOPIC, USUAL } from '../../../support/mqtt-outbound.ts';

const OTHER_TOPIC = utf8('u');
const EXPIRY = hex('0200000001');

/** Counts how often a source's message is looked at, the source's own look included. */
function looks(source: ListSource): () => number {
  const { message } = source;
  let count = 0;
  Object.defineProperty(source, 'message', {
    get: () => {
      count += 1;
      return message;
    },
  });
  return () => count;
}

/** A message that differs from the usual one, its packet in 3.1.1 and in 5.0, and whether it is short work. */
const KINDS: readonly (readonly [string, ListedMessage, string, string, boolean])[] = [
  ['the same', {} as ListedMessage, '320a 0001 74 0001', '320b 0001 74 0001 00', true],
  [
    'with another identifier',
    { topic: TOPIC, packetId: 0x1234 },
    '320a 0001 74 1234',
    '320b 0001 74 1234 00',
    true,
  ],
  [
    'without an identifier',
    { topic: TOPIC, packetId: 0 },
    '320a 0001 74 8000',
    '320b 0001 74 8000 00',
    true,
  ],
  [
    'with another topic',
    { topic: OTHER_TOPIC },
    '320a 0001 75 0001',
    '320b 0001 75 0001 00',
    false,
  ],
  [
    'with properties',
    { topic: TOPIC, properties: EXPIRY },
    '320a 0001 74 0001',
    '3210 0001 74 0001 05 0200000001',
    false,
  ],
  ['with QoS 0', { topic: TOPIC, qos: 0 }, '3008 0001 74', '3009 0001 74 00', false],
  ['with QoS 2', { topic: TOPIC, qos: 2 }, '340a 0001 74 0001', '340b 0001 74 0001 00', false],
  [
    'to be retained',
    { topic: TOPIC, retain: true },
    '330a 0001 74 0001',
    '330b 0001 74 0001 00',
    false,
  ],
  [
    'maybe sent before this boot',
    { topic: TOPIC, duplicate: true },
    '320a 0001 74 0001',
    '320b 0001 74 0001 00',
    false,
  ],
];

test('a message like the one before is looked at once, and any that differs is sent as it is', () => {
  for (const v5 of [false, true]) {
    for (const [name, change, packet3, packet5, isShort] of KINDS) {
      for (const at of [0, 1, 2]) {
        const source = new ListSource();
        const sources = [0, 1, 2].map((i) => (i === at ? source : new ListSource()));
        const bench = new OutboundBench({ sources, v5 });
        const send = (message: ListedMessage) => {
          source.add(message);
          assert.ok(bench.outbound.fill(0));
          return bench.written();
        };
        for (let round = 0; round < 2; round++) {
          send(USUAL);
          bench.puback(1);
        }
        const count = looks(source);
        const [packet, ...more] = send({ ...USUAL, ...change, topic: change.topic ?? TOPIC });
        assert.deepEqual(more, []);
        const expected = v5 ? packet5 : packet3;
        assert.equal(packet, toHex(hex(expected)) + toHex(utf8('usual')), name);
        // One is the source's own, when it fills its message.
        assert.equal(count() === 2, isShort, `${name}: ${count()}`);
        assert.deepEqual(source.sent, ['1', '2', '3']);
        const { inFlight } = bench.outbound;
        assert.equal(inFlight.outstanding, change.qos === 0 ? 0 : 1);
        if (change.qos === 0) continue;
        assert.equal(inFlight.sourceOf(inFlight.at(0)), at);
        assert.equal(inFlight.tokenOf(inFlight.at(0)), 3);
        assert.equal(inFlight.stateOf(inFlight.at(0)), change.qos ?? 1);
      }
    }
  }
});

test('short work is done with other messages in flight, while the window is open, and notes when', () => {
  const bench = new OutboundBench({ windowMax: 3 });
  const { source, outbound } = bench;
  // Four places: the message is the first one in the ring.
  for (let round = 0; round < 4; round++) {
    bench.send(USUAL);
    bench.puback(1);
  }
  bench.send(USUAL);
  const count = looks(source);
  const ids: string[] = [];
  for (const [now, packetId] of [
    [10, 2],
    // In use.
    [20, 1],
    [30, 3],
  ] as const) {
    source.add({ ...USUAL, packetId });
    assert.ok(outbound.fill(now));
    for (const packet of bench.written()) ids.push(packet.slice(10, 14));
  }
  assert.deepEqual(ids, ['0002', '8000']);
  assert.equal(outbound.isFull, true);
  assert.equal(outbound.inFlight.sentAtOf(outbound.inFlight.at(1)), 10);
  assert.equal(outbound.inFlight.sentAtOf(outbound.inFlight.at(2)), 20);
  // The third one found the window closed.
  const before = count();
  bench.puback(2);
  assert.equal(outbound.isFull, false);
  assert.deepEqual(bench.send().length, 1);
  assert.ok(count() > before);
});

test('a message that may have been sent before this boot carries DUP in a session that is present', () => {
  for (const [isPresent, first] of [
    [true, '3a'],
    [false, '32'],
  ] as const) {
    const bench = new OutboundBench().resume(isPresent);
    const packets = bench.send({ ...USUAL, duplicate: true }, USUAL);
    assert.deepEqual(
      packets.map((packet) => packet.slice(0, 2)),
      [first, '32'],
    );
  }
});

test('the place of a message that was answered out of turn is given to the next one', () => {
  const bench = new OutboundBench({ windowMax: 3 });
  const four = [1, 2, 3, 4].map((packetId) => ({ ...USUAL, packetId }));
  assert.equal(bench.send(...four).length, 3);
  assert.deepEqual(bench.send(), []);
  bench.puback(2);
  assert.deepEqual(bench.send(), ['320a0001740004757375616c']);
});

test('an identifier in use is neither taken from a source nor allocated, of a message or of a request', () => {
  const bench = new OutboundBench();
  const ids = (packets: readonly string[]) => packets.map((packet) => packet.slice(10, 14));
  const used = [0x8000, 7, 7, 0x8002].map((packetId) => ({ ...USUAL, packetId }));
  assert.deepEqual(ids(bench.send(...used)), ['8000', '0007', '8001', '8002']);
  bench.requests.subscribe(false, 0x8003, [{ filter: 'a', qos: 0 }], 0, 0);
  bench.requests.subscribe(false, 0x8004, [{ filter: 'a', qos: 0 }], 0, 0);
  bench.written();
  assert.equal(bench.outbound.allocate(), 0x8005);
  assert.equal(bench.outbound.allocate(), 0x8006);
});

test('a message that finds no room waits, and none of a later source passes it', () => {
  const sources = [new ListSource(), new ListSource()];
  const bench = new OutboundBench({ sources, transmitBytes: 128 });
  const payload = 'x'.repeat(60);
  sources[0].add({ ...USUAL, payload });
  sources[0].add({ ...USUAL, payload, packetId: 2 });
  sources[1].add({ ...USUAL, packetId: 3 });
  assert.equal(bench.outbound.fill(0), false);
  assert.equal(bench.written().length, 1);
  assert.deepEqual(sources[1].sent, []);
  assert.equal(bench.outbound.fill(0), true);
  assert.equal(bench.written().length, 2);
});

test('a message over what the broker takes is refused at once, also behind another', () => {
  const bench = new OutboundBench({ limits: { maximumPacketSize: 50 } });
  bench.source.add(USUAL);
  bench.source.add({ ...USUAL, payload: 'x'.repeat(90), packetId: 2 });
  assert.equal(bench.outbound.fill(0), true);
  assert.deepEqual(bench.source.ended, ['2:95']);
  assert.equal(bench.written().length, 1);
});

test('an alias that the broker knows stays known, whatever else finds no room or is too large', () => {
  const bench = new OutboundBench({
    v5: true,
    transmitBytes: 200,
    limits: { maximumPacketSize: 120 },
  });
  const [a, b] = ['a', 'b'].map((text) => ({ topic: utf8(text), repeats: true }));
  const payload = 'x'.repeat(100);
  const text = toHex(utf8(payload));
  assert.deepEqual(
    bench.send(a, b),
    ['30070001610323000', '30070001620323000'].map((packet, i) => `${packet}${i + 1}`),
  );
  // It fits, but not behind the other.
  assert.deepEqual(bench.send({ ...a, payload }, { ...a, payload }), [
    `306a00000323000 1${text}`.replace(' ', ''),
  ]);
  assert.deepEqual(bench.send(), [`306a000003230001${text}`]);
  assert.deepEqual(bench.send({ ...b }, { topic: 'c', payload: 'x'.repeat(120) }, b), [
    '3006000003230002',
    '3006000003230002',
  ]);
  assert.deepEqual(bench.source.ended.at(-2), '6:95');
});

test('a message that only its alias makes too large goes without one, and the next has it', () => {
  const bench = new OutboundBench({ v5: true, limits: { maximumPacketSize: 20 } });
  const topic = utf8('t');
  // 2 + 3 + 1 before the payload, and 3 for an alias.
  const payload = 'x'.repeat(14);
  const packets = bench.send({ topic, payload, repeats: true }, { topic, repeats: true });
  assert.deepEqual(packets, [
    `3012${textHex('t')}00${'78'.repeat(14)}`,
    `3007${textHex('t')}03230001`,
  ]);
});

test('short work goes on all round the ring, and to both ends of a length', () => {
  const bench = new OutboundBench({ windowMax: 2 });
  const { source } = bench;
  const send = (bodyBytes: number) => {
    // Topic and identifier take five bytes.
    const payload = new Uint8Array(bodyBytes - 5);
    const [packet] = bench.send({ ...USUAL, payload, packetId: 0 });
    const { inFlight } = bench.outbound;
    bench.puback(inFlight.packetIdOf(inFlight.at(0)));
    assert.equal(packet.slice(0, 6), `32${toHex([(bodyBytes % 128) | 0x80, bodyBytes >> 7])}`);
  };
  send(200);
  send(200);
  const count = looks(source);
  for (const bodyBytes of [128, 255, 200, 128, 255]) {
    const before = count();
    send(bodyBytes);
    assert.equal(count() - before, 2, `${bodyBytes}`);
  }
});

test('the largest message leaves 32 bytes of the buffer, and a larger one is refused', () => {
  // 1 + 1 + 5 before the payload.
  for (const [bytes, ended] of [
    [121, []],
    [122, ['1:95']],
  ] as const) {
    const bench = new OutboundBench({ transmitBytes: 160 });
    const packets = bench.send({ ...USUAL, payload: new Uint8Array(bytes) });
    assert.equal(packets.length, 1 - ended.length);
    assert.deepEqual(bench.source.ended, ended);
  }
});

test('messages of the size that the broker takes fill the buffer to its last byte for messages', () => {
  const bench = new OutboundBench({ transmitBytes: 160, limits: { maximumPacketSize: 64 } });
  const payload = new Uint8Array(57);
  assert.equal(bench.send({ ...USUAL, payload }, { ...USUAL, payload, packetId: 2 }).length, 2);
});
