/** Packets that are written here are read by `mqtt-packet` as what they were written from. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Packet, parser } from 'mqtt-packet';
import type { PropertyValues } from '../../firmware/mqtt/codec/property-values.ts';
import * as any from '../support/mqtt-arbitraries.ts';
import { hex, toHex, utf8 } from '../support/mqtt-bytes.ts';
import type { PropertyFields, Version } from '../support/mqtt-fields.ts';
import { type Outgoing, type OutgoingConnect, outgoingBytes } from '../support/mqtt-outgoing.ts';
import { ownProperties } from '../support/mqtt-peer-names.ts';

const RUNS = { seed: 20_312, numRuns: 500 };

/** Reads one packet whole. */
function read(bytes: Uint8Array, version: Version): Packet {
  const found: Packet[] = [];
  const peer = parser({ protocolVersion: version });
  peer.on('packet', (packet) => found.push(packet));
  peer.on('error', (error) => {
    throw error;
  });
  assert.equal(peer.parse(Buffer.from(bytes)), 0, 'bytes are left over');
  assert.equal(found.length, 1);
  assert.equal(found[0].length, bytes.length - lengthBytes(bytes.length) - 1);
  return found[0];
}

function lengthBytes(total: number): number {
  return total < 130 ? 1 : total < 16_387 ? 2 : 3;
}

/** Properties to encode: binary data as bytes instead of hex. */
function values(fields: PropertyFields): PropertyValues {
  const { correlationData, authenticationData } = fields;
  const data: Record<string, Uint8Array> = {};
  if (correlationData !== undefined) data.correlationData = hex(correlationData as string);
  if (authenticationData !== undefined) data.authenticationData = hex(authenticationData as string);
  return { ...fields, ...data };
}

function assertProperties(packet: object, expected: PropertyFields, version: Version): void {
  const found = ownProperties((packet as { properties?: object }).properties);
  assert.deepEqual(found, version === 5 ? expected : {});
}

function subset(packet: object, names: readonly string[]): Record<string, unknown> {
  const record = packet as Record<string, unknown>;
  return Object.fromEntries(names.map((name) => [name, record[name]]));
}

const will = fc.record({
  topic: any.topic,
  payload: any.bytes,
  qos: any.qos,
  retain: fc.boolean(),
  properties: any.properties(
    ...(['willDelay', 'payloadFormat', 'messageExpiry', 'contentType', 'responseTopic'] as const),
    ...(['correlationData', 'user'] as const),
  ),
});
const connect = fc.record({
  clientId: any.text,
  cleanStart: fc.boolean(),
  keepAliveS: fc.integer({ min: 0, max: 65_535 }),
  username: fc.option(any.text, { nil: undefined }),
  password: fc.option(any.bytes, { nil: undefined }),
  will: fc.option(will, { nil: undefined }),
  properties: any.properties(
    ...(['sessionExpiry', 'receiveMaximum', 'maximumPacketSize', 'topicAliasMaximum'] as const),
    ...(['requestResponseInformation', 'authenticationMethod', 'user'] as const),
    ...(['authenticationData'] as const),
  ),
});

for (const version of [4, 5] as const) {
  test(`CONNECT of version ${version} is read by another implementation as it was meant`, () => {
    fc.assert(
      fc.property(connect, (fields) => {
        const { password, properties } = fields;
        const coded = fields.will && { ...fields.will, properties: values(fields.will.properties) };
        const own = { ...fields, type: 'CONNECT', will: coded, properties: values(properties) };
        const packet = read(outgoingBytes(own as OutgoingConnect, version), version);
        const names = ['cmd', 'protocolId', 'protocolVersion', 'clean', 'keepalive', 'clientId'];
        assert.deepEqual(subset(packet, names), {
          cmd: 'connect',
          protocolId: 'MQTT',
          protocolVersion: version,
          clean: fields.cleanStart,
          keepalive: fields.keepAliveS,
          clientId: fields.clientId,
        });
        assertProperties(packet, properties, version);
        const { cmd } = packet;
        assert.ok(cmd === 'connect');
        // 3.1.1 knows no password without a user name: an empty one goes with it.
        const username = fields.username ?? (version === 4 && password ? '' : undefined);
        assert.equal(packet.username ?? undefined, username);
        assert.equal(packet.password && toHex(packet.password), password && toHex(password));
        assert.equal(packet.will === undefined, fields.will === undefined);
        if (!packet.will || !fields.will) return;
        const { topic, payload, qos, retain } = packet.will;
        const found = [topic, toHex(payload as Buffer), qos, retain];
        const { will: sent } = fields;
        assert.deepEqual(found, [sent.topic, toHex(sent.payload), sent.qos, sent.retain]);
        assertProperties(packet.will, sent.properties, version);
      }),
      RUNS,
    );
  });

  test(`PUBLISH of version ${version} is read by another implementation as it was meant`, () => {
    const own = any.properties(
      ...(['payloadFormat', 'messageExpiry', 'contentType', 'responseTopic', 'user'] as const),
      ...(['correlationData'] as const),
    );
    const message = fc.record({
      topic: any.topic,
      payload: fc.oneof(any.bytes, fc.uint8Array({ minLength: 100, maxLength: 20_000 })),
      qos: any.qos,
      retain: fc.boolean(),
      duplicate: fc.boolean(),
      packetId: any.packetId,
      alias: fc.integer({ min: 0, max: 65_535 }),
      properties: own,
    });
    fc.assert(
      fc.property(message, (fields) => {
        const { topic, payload, qos, retain, duplicate, alias, properties } = fields;
        const packetId = qos === 0 ? 0 : fields.packetId;
        const sent = { ...fields, type: 'PUBLISH', packetId, properties: values(properties) };
        const packet = read(outgoingBytes(sent as Outgoing, version), version);
        assert.ok(packet.cmd === 'publish');
        const id = packet.messageId ?? 0;
        assert.deepEqual(
          [packet.topic, packet.qos, packet.retain, packet.dup, id],
          [topic, qos, retain, duplicate, packetId],
        );
        assert.equal(Buffer.compare(packet.payload as Buffer, Buffer.from(payload)), 0);
        const aliased = alias === 0 ? properties : { ...properties, topicAlias: alias };
        assertProperties(packet, aliased, version);
      }),
      { ...RUNS, numRuns: 60 },
    );
  });

  test(`SUBSCRIBE and UNSUBSCRIBE of version ${version} are read by another implementation as they were meant`, () => {
    const subscription = fc.record({
      filter: any.filter,
      qos: any.qos,
      noLocal: fc.boolean(),
      retainAsPublished: fc.boolean(),
      retainHandling: any.qos,
    });
    const list = fc.array(subscription, { minLength: 1, maxLength: 5 });
    const id = fc.integer({ min: 0, max: 268_435_455 });
    fc.assert(
      fc.property(any.packetId, list, id, (packetId, subscriptions, subscriptionId) => {
        const sent: Outgoing = { type: 'SUBSCRIBE', packetId, subscriptions, subscriptionId };
        const packet = read(outgoingBytes(sent, version), version);
        assert.ok(packet.cmd === 'subscribe');
        const expected = subscriptions.map(({ filter, qos, ...more }) => {
          const { noLocal: nl, retainAsPublished: rap, retainHandling: rh } = more;
          return version === 5 ? { topic: filter, qos, nl, rap, rh } : { topic: filter, qos };
        });
        assert.deepEqual([packet.messageId, packet.subscriptions], [packetId, expected]);
        assertProperties(packet, subscriptionId === 0 ? {} : { subscriptionId }, version);
        const filters = subscriptions.map((one) => one.filter);
        const ended = outgoingBytes({ type: 'UNSUBSCRIBE', packetId, filters }, version);
        const second = read(ended, version);
        assert.ok(second.cmd === 'unsubscribe');
        assert.deepEqual([second.messageId, second.unsubscriptions], [packetId, filters]);
      }),
      RUNS,
    );
  });
}

test('acknowledgements are read by another implementation as they were meant', () => {
  const types = fc.constantFrom('PUBACK', 'PUBREC', 'PUBREL', 'PUBCOMP');
  fc.assert(
    fc.property(types, any.packetId, fc.boolean(), (type, packetId, failed) => {
      const reason = !failed ? 0 : type === 'PUBACK' || type === 'PUBREC' ? 0x97 : 0x92;
      const packet = read(outgoingBytes({ type, packetId, reason } as Outgoing, 5), 5);
      const expected = { cmd: type.toLowerCase(), messageId: packetId, reasonCode: reason };
      assert.deepEqual(subset(packet, ['cmd', 'messageId', 'reasonCode']), expected);
    }),
    RUNS,
  );
});

test('DISCONNECT and AUTH are read by another implementation as they were meant', () => {
  const own = any.properties('authenticationMethod', 'authenticationData', 'user');
  const auth = fc.tuple(fc.constant('AUTH' as const), fc.constantFrom(0x18, 0x19), own);
  const bye = any.properties('sessionExpiry', 'user');
  const codes = fc.constantFrom(0x04, 0x80, 0x81, 0x82, 0x93, 0x94, 0x95);
  const disconnect = fc.tuple(fc.constant('DISCONNECT' as const), codes, bye);
  fc.assert(
    fc.property(fc.oneof(auth, disconnect), ([type, reason, properties]) => {
      const packet = read(outgoingBytes({ type, reason, properties: values(properties) }, 5), 5);
      const { cmd, reasonCode } = packet as { cmd: string; reasonCode: number };
      assert.deepEqual([cmd, reasonCode], [type.toLowerCase(), reason]);
      assertProperties(packet, properties, 5);
    }),
    RUNS,
  );
});

test('a topic goes out as the bytes that it was made of', () => {
  fc.assert(
    fc.property(any.topic, (topic) => {
      const fields = { qos: 0, retain: false, duplicate: false, packetId: 0, alias: 0 } as const;
      const sent = { ...fields, type: 'PUBLISH', topic, payload: utf8('') } as const;
      const bytes = outgoingBytes(sent, 4);
      assert.ok(toHex(bytes).endsWith(toHex(utf8(topic))));
    }),
    RUNS,
  );
});
