/** Packets that `mqtt-packet` writes are read here as what they were written from. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { generate } from 'mqtt-packet';
import * as any from '../support/mqtt-arbitraries.ts';
import { toHex } from '../support/mqtt-bytes.ts';
import { decodePieces, type PacketFields, type Version } from '../support/mqtt-fields.ts';
import { peerProperties } from '../support/mqtt-peer-names.ts';

const RUNS = { seed: 20_311, numRuns: 500 };

/** A packet for `mqtt-packet`, and the fields to be read. */
interface Sample {
  readonly peer: object;
  readonly fields: PacketFields;
}

function check(version: Version, samples: fc.Arbitrary<Sample>): void {
  fc.assert(
    fc.property(samples, fc.double({ min: 0, max: 1, noNaN: true }), ({ peer, fields }, cut) => {
      const bytes = Uint8Array.from(generate(peer as never, { protocolVersion: version }));
      const at = Math.floor(cut * bytes.length);
      const pieces = [bytes.subarray(0, at), bytes.subarray(at)];
      assert.deepEqual(decodePieces(pieces, version, 4096), [fields]);
    }),
    RUNS,
  );
}

function withProperties(version: Version, sample: Sample, found: Record<string, unknown>): Sample {
  if (version === 4 || Object.keys(found).length === 0) return sample;
  return {
    peer: { ...sample.peer, properties: peerProperties(found) },
    fields: { ...sample.fields, properties: found },
  };
}

function publishes(version: Version): fc.Arbitrary<Sample> {
  const own = any.properties(
    ...(['payloadFormat', 'messageExpiry', 'contentType', 'responseTopic', 'topicAlias'] as const),
    ...(['correlationData', 'subscriptionId', 'user'] as const),
  );
  return fc
    .tuple(any.topic, any.bytes, any.qos, fc.boolean(), fc.boolean(), any.packetId, own)
    .map(([topic, payload, qos, retain, again, id, properties]) => {
      const dup = again && qos > 0;
      const peer = { cmd: 'publish', topic, payload: Buffer.from(payload), qos, retain, dup };
      const packetId = qos === 0 ? 0 : id;
      const head = { type: 'PUBLISH', topic, payload: toHex(payload) };
      const fields = { ...head, qos, retain, duplicate: dup, packetId };
      return withProperties(
        version,
        { peer: { ...peer, messageId: packetId }, fields },
        properties,
      );
    });
}

const CODES = Object.freeze({
  PUBACK: [0, 0x10, 0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99],
  PUBREC: [0, 0x10, 0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99],
  PUBREL: [0, 0x92],
  PUBCOMP: [0, 0x92],
  SUBACK: [0, 1, 2, 0x80, 0x83, 0x87, 0x8f, 0x91, 0x97, 0x9e, 0xa1, 0xa2],
  UNSUBACK: [0, 0x11, 0x80, 0x83, 0x87, 0x8f, 0x91],
  CONNACK: [0x80, 0x84, 0x86, 0x8c, 0x95, 0x9c, 0x9f],
  DISCONNECT: [0, 0x81, 0x8b, 0x8e, 0x93, 0x9d, 0xa2],
  AUTH: [0, 0x18],
});

function acknowledgements(version: Version): fc.Arbitrary<Sample> {
  const types = fc.constantFrom('PUBACK', 'PUBREC', 'PUBREL', 'PUBCOMP');
  return fc
    .tuple(types, any.packetId, fc.nat(), any.properties('reasonString', 'user'))
    .map(([type, packetId, index, properties]) => {
      const codes = CODES[type as 'PUBACK'];
      const reason = codes[index % codes.length];
      const peer = { cmd: type.toLowerCase(), messageId: packetId, reasonCode: reason };
      const fields = version === 5 ? { type, packetId, reason } : { type, packetId };
      return withProperties(version, { peer, fields }, properties);
    });
}

function grants(version: Version, type: 'SUBACK' | 'UNSUBACK'): fc.Arbitrary<Sample> {
  const codes = version === 5 ? CODES[type] : [0, 1, 2, 0x80];
  const granted = fc.array(fc.constantFrom(...codes), { minLength: 1, maxLength: 20 });
  const own = any.properties('reasonString', 'user');
  return fc.tuple(any.packetId, granted, own).map(([packetId, found, properties]) => {
    const peer = { cmd: type.toLowerCase(), messageId: packetId, granted: found };
    const bare = version === 4 && type === 'UNSUBACK';
    const fields = bare ? { type, packetId } : { type, packetId, codes: toHex(found) };
    return withProperties(version, { peer, fields }, properties);
  });
}

function connacks(version: Version): fc.Arbitrary<Sample> {
  const own = any.properties(
    ...(['sessionExpiry', 'assignedClientId', 'serverKeepAlive', 'authenticationMethod'] as const),
    ...(['authenticationData', 'responseInformation', 'serverReference', 'user'] as const),
    ...(['receiveMaximum', 'topicAliasMaximum', 'maximumQos', 'retainAvailable'] as const),
    ...(['maximumPacketSize', 'wildcardSubscriptionAvailable', 'reasonString'] as const),
    ...(['subscriptionIdAvailable', 'sharedSubscriptionAvailable'] as const),
  );
  const refusals = version === 5 ? CODES.CONNACK : [1, 2, 3, 4, 5];
  return fc
    .tuple(fc.constantFrom(0, 0, ...refusals), fc.boolean(), own)
    .map(([reason, present, properties]) => {
      const sessionPresent = present && reason === 0;
      const peer = { cmd: 'connack', sessionPresent, reasonCode: reason, returnCode: reason };
      const fields = { type: 'CONNACK', sessionPresent, reason };
      return withProperties(version, { peer, fields }, properties);
    });
}

function reasoned(type: 'DISCONNECT' | 'AUTH'): fc.Arbitrary<Sample> {
  const own =
    type === 'AUTH'
      ? any.properties('authenticationMethod', 'authenticationData', 'reasonString', 'user')
      : any.properties('serverReference', 'reasonString', 'user');
  return fc.tuple(fc.constantFrom(...CODES[type]), own).map(([reason, properties]) => {
    const peer = { cmd: type.toLowerCase(), reasonCode: reason };
    return withProperties(5, { peer, fields: { type, reason } }, properties);
  });
}

for (const version of [4, 5] as const) {
  test(`PUBLISH of another implementation is read in version ${version} as it was meant`, () => {
    check(version, publishes(version));
  });

  test(`acknowledgements of another implementation are read in version ${version} as they were meant`, () => {
    check(version, acknowledgements(version));
    check(version, grants(version, 'SUBACK'));
    check(version, grants(version, 'UNSUBACK'));
  });

  test(`CONNACK of another implementation is read in version ${version} as it was meant`, () => {
    check(version, connacks(version));
  });
}

test('DISCONNECT and AUTH of another implementation are read as they were meant', () => {
  check(5, reasoned('DISCONNECT'));
  check(5, reasoned('AUTH'));
});
