import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { generate, type Packet, parser } from 'mqtt-packet';
import { Decoder, Encoder, Framer } from '../../../host-sim/virtual/broker/codec.ts';
import { inspect } from '../../../host-sim/virtual/broker/strict.ts';

const text = fc.string({ unit: 'binary', maxLength: 20 }).map((raw) => raw.replaceAll('\0', ''));
const topic = text.map((raw) => `t${raw.replace(/[#+]/g, '')}`);
const id = fc.integer({ min: 1, max: 65535 });
const qos = fc.constantFrom(0, 1, 2);
const bytes = fc.uint8Array({ maxLength: 200 }).map((raw) => Buffer.from(raw));
const message = fc.record(
  {
    payloadFormatIndicator: fc.boolean(),
    messageExpiryInterval: fc.nat(),
    contentType: text,
    responseTopic: topic,
    correlationData: bytes,
    userProperties: fc.dictionary(topic, text, { minKeys: 1, maxKeys: 3, noNullPrototype: true }),
  },
  { requiredKeys: [] },
);
const publish = fc
  .record({ topic, qos, messageId: id, payload: bytes, retain: fc.boolean(), properties: message })
  .map((fields) => ({ cmd: 'publish', dup: false, ...fields }));
const connect = fc.record({
  cmd: fc.constant('connect'),
  protocolId: fc.constant('MQTT'),
  clean: fc.constant(true),
  clientId: text,
  keepalive: fc.nat(65535),
  will: fc.option(fc.record({ topic, payload: bytes, qos, properties: message })),
  username: text,
  password: bytes,
  properties: fc.record(
    { sessionExpiryInterval: fc.nat(), receiveMaximum: id, topicAliasMaximum: id },
    { requiredKeys: [] },
  ),
});
const subscribe = fc.record({
  cmd: fc.constant('subscribe'),
  messageId: id,
  subscriptions: fc.array(fc.record({ topic, qos, rap: fc.boolean() }), {
    minLength: 1,
    maxLength: 4,
  }),
});
const acknowledgement = fc.record({
  cmd: fc.constantFrom('puback', 'pubrec', 'pubrel', 'pubcomp'),
  messageId: id,
  reasonCode: fc.constant(0),
});
const packets = fc.oneof(publish, connect, subscribe, acknowledgement);

function encode(packet: object, protocolVersion: 4 | 5): Buffer {
  return generate(withVersion(packet, protocolVersion), { protocolVersion });
}

function withVersion(packet: object, protocolVersion: 4 | 5): Packet {
  const more = protocolVersion === 4 ? { properties: undefined } : {};
  return { ...packet, protocolVersion, ...more } as Packet;
}

test('what mqtt-packet encodes passes the strict look, in both versions', () => {
  fc.assert(
    fc.property(packets, fc.constantFrom(4 as const, 5 as const), (packet, version) => {
      const frame = encode(packet, version);
      assert.equal(inspect(frame, version), undefined);
      const decoded = new Decoder(version).decode(frame);
      assert.equal(typeof decoded === 'string' ? decoded : decoded.cmd, packet.cmd);
    }),
    { numRuns: 300 },
  );
});

test('the codec reads and writes as the package does by itself', () => {
  const encoder = new Encoder();
  const decoders = { 4: new Decoder(4), 5: new Decoder(5) };
  fc.assert(
    fc.property(
      packets,
      fc.constantFrom(4 as const, 5 as const),
      fc.array(fc.tuple(fc.nat(40), fc.nat(255)), { maxLength: 2 }),
      (packet, version, damage) => {
        const frame = encode(packet, version);
        assert.deepEqual(Buffer.from(encoder.encode(withVersion(packet, version), version)), frame);
        // The length stays: the framing gives whole packets only.
        for (const [at, byte] of damage) if (at > 1 && at < frame.length) frame[at] = byte;
        assert.deepEqual(decoders[version].decode(frame), decodedAlone(frame, version));
      },
    ),
    { numRuns: 500 },
  );
});

/** By a parser of its own, with the package's own list of buffers. */
function decodedAlone(frame: Buffer, protocolVersion: 4 | 5): Packet | string {
  let found: Packet | string = 'no packet in these bytes';
  const alone = parser({ protocolVersion });
  alone.on('packet', (packet) => {
    found = packet;
  });
  alone.on('error', (error) => {
    found = error.message;
  });
  alone.parse(frame);
  return found;
}

test('a packet that is cut short, with its length put right, does not pass as a longer one', () => {
  const frame = encode(
    { cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 'abc', qos: 1 }] },
    5,
  );
  for (let length = 0; length < frame.length - 2; length += 1) {
    const cut = Uint8Array.from([frame[0], length, ...frame.subarray(2, 2 + length)]);
    assert.notEqual(inspect(cut, 5), undefined, `${length} bytes`);
  }
});

test('no bytes at all make the strict look throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), fc.nat(255), (body, header) => {
      const frame = Uint8Array.from([header, body.length, ...body]);
      inspect(frame, 5);
      inspect(frame, 4);
    }),
    { numRuns: 500 },
  );
});

test('packets come out of the framing the same, however the stream is cut', () => {
  fc.assert(
    fc.property(
      fc.array(packets, { minLength: 1, maxLength: 4 }),
      fc.integer({ min: 1, max: 50 }),
      (list, size) => {
        const frames = list.map((packet) => encode(packet, 5));
        const stream = Buffer.concat(frames);
        const framer = new Framer();
        const out: Uint8Array[] = [];
        for (let at = 0; at < stream.length; at += size) {
          const piece = stream.subarray(at, at + size);
          framer.push(piece, piece.length);
          for (;;) {
            const frame = framer.next(Number.POSITIVE_INFINITY);
            if (frame === undefined) break;
            assert.ok(typeof frame !== 'string');
            out.push(frame);
          }
        }
        assert.deepEqual(
          out.map((frame) => Buffer.from(frame)),
          frames,
        );
      },
    ),
  );
});
