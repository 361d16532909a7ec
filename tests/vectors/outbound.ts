/**
 * What a client sends, packet by packet: the fields and the very bytes, written by hand from the
 * tables of the standards (3.1.1 and 5.0, section 3).
 */

import { hex, utf8 } from '../support/mqtt-bytes.ts';
import type { Version } from '../support/mqtt-fields.ts';
import type { Outgoing } from '../support/mqtt-outgoing.ts';
import { CONNECTS } from './outbound-connect.ts';

export interface OutboundVector {
  readonly name: string;
  readonly versions: readonly Version[];
  readonly packet: Outgoing;
  readonly bytes: string;
}

const publish = {
  type: 'PUBLISH',
  topic: 'a/b',
  payload: utf8('hi'),
  qos: 0,
  retain: false,
  duplicate: false,
  packetId: 0,
  alias: 0,
} as const;

const PUBLISHES: readonly OutboundVector[] = [
  {
    name: 'PUBLISH with QoS 0',
    versions: [4],
    packet: publish,
    bytes: '30 07 0003 612f62 6869',
  },
  {
    name: 'PUBLISH with QoS 0',
    versions: [5],
    packet: publish,
    bytes: '30 08 0003 612f62 00 6869',
  },
  {
    name: 'PUBLISH with QoS 1, retained and again',
    versions: [4],
    packet: { ...publish, qos: 1, retain: true, duplicate: true, packetId: 0x1234 },
    bytes: '3b 09 0003 612f62 1234 6869',
  },
  {
    name: 'PUBLISH with QoS 2 and an empty payload',
    versions: [5],
    packet: { ...publish, qos: 2, packetId: 0xffff, payload: hex('') },
    bytes: '34 08 0003 612f62 ffff 00',
  },
  {
    name: 'PUBLISH that defines a topic alias',
    versions: [5],
    packet: { ...publish, alias: 1 },
    bytes: '30 0b 0003 612f62 03 23 0001 6869',
  },
  {
    name: 'PUBLISH that uses a topic alias, with properties',
    versions: [5],
    packet: {
      ...publish,
      topic: '',
      qos: 1,
      packetId: 7,
      alias: 0x0102,
      properties: { payloadFormat: 0, messageExpiry: 1 },
    },
    bytes: `32 11
            0000 0007        ; no topic name; identifier
            0a 23 0102       ; topic alias
            01 00 02 00000001
            6869`,
  },
  {
    name: 'PUBLISH with a payload of 123 bytes, the last with one byte of length',
    versions: [4],
    packet: { ...publish, topic: 'ab', payload: new Uint8Array(123).fill(0x41) },
    bytes: `30 7f 0002 6162 ${'41'.repeat(123)}`,
  },
  {
    name: 'PUBLISH with a payload of 124 bytes, the first with two bytes of length',
    versions: [4],
    packet: { ...publish, topic: 'ab', payload: new Uint8Array(124).fill(0x41) },
    bytes: `30 80 01 0002 6162 ${'41'.repeat(124)}`,
  },
  {
    name: 'PUBLISH with three bytes of length',
    versions: [4],
    packet: { ...publish, topic: 'ab', payload: new Uint8Array(16_380).fill(0x41) },
    bytes: `30 80 80 01 0002 6162 ${'41'.repeat(16_380)}`,
  },
];

const OTHERS: readonly OutboundVector[] = [
  {
    name: 'PUBACK',
    versions: [4, 5],
    packet: { type: 'PUBACK', packetId: 0x8001, reason: 0 },
    bytes: '40 02 8001',
  },
  {
    name: 'PUBREC with a reason',
    versions: [5],
    packet: { type: 'PUBREC', packetId: 1, reason: 0x97 },
    bytes: '50 03 0001 97',
  },
  {
    name: 'PUBREC',
    versions: [4, 5],
    packet: { type: 'PUBREC', packetId: 1, reason: 0 },
    bytes: '50 02 0001',
  },
  {
    name: 'PUBREL',
    versions: [4, 5],
    packet: { type: 'PUBREL', packetId: 1, reason: 0 },
    bytes: '62 02 0001',
  },
  {
    name: 'PUBREL for an identifier that is not known',
    versions: [5],
    packet: { type: 'PUBREL', packetId: 1, reason: 0x92 },
    bytes: '62 03 0001 92',
  },
  {
    name: 'PUBCOMP',
    versions: [4, 5],
    packet: { type: 'PUBCOMP', packetId: 1, reason: 0 },
    bytes: '70 02 0001',
  },
  {
    name: 'SUBSCRIBE with two filters',
    versions: [4],
    packet: {
      type: 'SUBSCRIBE',
      packetId: 10,
      subscriptionId: 0,
      subscriptions: [
        { filter: 'a/+', qos: 0, noLocal: true, retainAsPublished: true, retainHandling: 2 },
        { filter: '#', qos: 2 },
      ],
    },
    bytes: `82 0c 000a
            0003 612f2b 00   ; 3.1.1 has no options but the QoS
            0001 23 02`,
  },
  {
    name: 'SUBSCRIBE with every option and an identifier',
    versions: [5],
    packet: {
      type: 'SUBSCRIBE',
      packetId: 10,
      subscriptionId: 268_435_455,
      subscriptions: [
        { filter: 'a', qos: 1, noLocal: true, retainAsPublished: true, retainHandling: 2 },
        { filter: '$share/g/a', qos: 0, retainHandling: 1 },
      ],
    },
    bytes: `82 19 000a
            05 0b ffffff7f   ; subscription identifier
            0001 61 2d
            000a 2473686172652f672f61 10`,
  },
  {
    name: 'UNSUBSCRIBE with two filters',
    versions: [4],
    packet: { type: 'UNSUBSCRIBE', packetId: 11, filters: ['a/b', '#'] },
    bytes: 'a2 0a 000b 0003 612f62 0001 23',
  },
  {
    name: 'UNSUBSCRIBE',
    versions: [5],
    packet: { type: 'UNSUBSCRIBE', packetId: 11, filters: ['a'] },
    bytes: 'a2 06 000b 00 0001 61',
  },
  { name: 'PINGREQ', versions: [4, 5], packet: { type: 'PINGREQ' }, bytes: 'c0 00' },
  {
    name: 'DISCONNECT',
    versions: [4, 5],
    packet: { type: 'DISCONNECT', reason: 0 },
    bytes: 'e0 00',
  },
  {
    name: 'DISCONNECT with a reason',
    versions: [5],
    packet: { type: 'DISCONNECT', reason: 0x04 },
    bytes: 'e0 01 04',
  },
  {
    name: 'DISCONNECT with a session expiry',
    versions: [5],
    packet: { type: 'DISCONNECT', reason: 0, properties: { sessionExpiry: 0 } },
    bytes: 'e0 07 00 05 11 00000000',
  },
  {
    name: 'AUTH with method and data',
    versions: [5],
    packet: {
      type: 'AUTH',
      reason: 0x18,
      properties: { authenticationMethod: 'k', authenticationData: hex('0a') },
    },
    bytes: 'f0 0a 18 08 15 0001 6b 16 0001 0a',
  },
];

export const OUTBOUND: readonly OutboundVector[] = [...CONNECTS, ...PUBLISHES, ...OTHERS];
