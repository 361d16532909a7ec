/**
 * What a client receives, packet by packet: the bytes, written by hand from the tables of the
 * standards (3.1.1 and 5.0, section 3), and the fields that they stand for.
 *
 * Fields are as `fieldsOf` gives them: reason codes as numbers, payloads, binary data and lists of
 * codes as hex.
 */

import type { PacketFields, Version } from '../support/mqtt-fields.ts';
import { CONNACKS } from './inbound-connack.ts';

export interface InboundVector {
  readonly name: string;
  readonly versions: readonly Version[];
  readonly bytes: string;
  readonly fields: PacketFields;
}

const message = { type: 'PUBLISH', qos: 0, retain: false, duplicate: false, packetId: 0 } as const;

const PUBLISHES: readonly InboundVector[] = [
  {
    name: 'PUBLISH with QoS 0',
    versions: [4],
    bytes: '30 07 0003 612f62 6869',
    fields: { ...message, topic: 'a/b', payload: '6869' },
  },
  {
    name: 'PUBLISH with QoS 0 and no payload, retained',
    versions: [4],
    bytes: '31 03 0001 61',
    fields: { ...message, retain: true, topic: 'a', payload: '' },
  },
  {
    name: 'PUBLISH with QoS 2, again',
    versions: [4],
    bytes: '3c 06 0001 61 ffff 00',
    fields: { ...message, qos: 2, duplicate: true, packetId: 0xffff, topic: 'a', payload: '00' },
  },
  {
    name: 'PUBLISH with a topic of two, three and four bytes per character',
    versions: [4],
    bytes: '30 0b 0009 c3a9 e282ac f09f9880',
    fields: { ...message, topic: 'é€😀', payload: '' },
  },
  {
    name: 'PUBLISH with a byte order mark in its topic, which is a character like others',
    versions: [4],
    bytes: '30 08 0004 efbbbf 61 0102',
    fields: { ...message, topic: '\ufeffa', payload: '0102' },
  },
  {
    name: 'PUBLISH with a length that is not in its shortest form, which 3.1.1 leaves open',
    versions: [4],
    bytes: '30 83 80 00 0001 61',
    fields: { ...message, topic: 'a', payload: '' },
  },
  {
    name: 'PUBLISH with QoS 1',
    versions: [5],
    bytes: '32 08 0001 61 8000 00 6869',
    fields: { ...message, qos: 1, packetId: 0x8000, topic: 'a', payload: '6869' },
  },
  {
    name: 'PUBLISH with an alias only',
    versions: [5],
    bytes: '30 07 0000 03 23 0004 21',
    fields: { ...message, topic: '', payload: '21', properties: { topicAlias: 4 } },
  },
  {
    name: 'PUBLISH with every property, those that may repeat twice',
    versions: [5],
    bytes: `30 32 0001 61
            2e               ; 46 bytes of properties
            0b 01            ; subscription identifier 1
            26 0001 6b 0001 31
            01 01            ; payload format: text
            02 0000000a      ; message expiry
            03 0001 74       ; content type
            08 0003 722f73   ; response topic
            09 0002 00ff     ; correlation data
            23 0001          ; topic alias
            26 0001 6b 0001 32
            0b ffffff7f      ; subscription identifier 268,435,455`,
    fields: {
      ...message,
      topic: 'a',
      payload: '',
      properties: {
        payloadFormat: 1,
        messageExpiry: 10,
        contentType: 't',
        responseTopic: 'r/s',
        correlationData: '00ff',
        subscriptionId: [1, 268_435_455],
        topicAlias: 1,
        user: [
          ['k', '1'],
          ['k', '2'],
        ],
      },
    },
  },
];

const ACKNOWLEDGEMENTS: readonly InboundVector[] = [
  { name: 'PUBACK', versions: [4], bytes: '40 02 1234', fields: ack('PUBACK') },
  { name: 'PUBREC', versions: [4], bytes: '50 02 1234', fields: ack('PUBREC') },
  { name: 'PUBREL', versions: [4], bytes: '62 02 1234', fields: ack('PUBREL') },
  { name: 'PUBCOMP', versions: [4], bytes: '70 02 1234', fields: ack('PUBCOMP') },
  { name: 'PUBACK', versions: [5], bytes: '40 02 1234', fields: ack('PUBACK', 0) },
  {
    name: 'PUBACK with a reason',
    versions: [5],
    bytes: '40 03 1234 10',
    fields: ack('PUBACK', 0x10),
  },
  {
    name: 'PUBREC with a reason and no properties',
    versions: [5],
    bytes: '50 04 1234 97 00',
    fields: ack('PUBREC', 0x97),
  },
  {
    name: 'PUBREL with a reason, a text and a user property',
    versions: [5],
    bytes: '62 11 1234 92 0d 1f 0003 6e6f21 26 0001 61 0001 62',
    fields: {
      ...ack('PUBREL', 0x92),
      properties: { reasonString: 'no!', user: [['a', 'b']] },
    },
  },
  {
    name: 'PUBCOMP with a reason',
    versions: [5],
    bytes: '70 03 1234 92',
    fields: ack('PUBCOMP', 0x92),
  },
  {
    name: 'SUBACK with every code',
    versions: [4],
    bytes: '90 06 1234 00 01 02 80',
    fields: { type: 'SUBACK', packetId: 0x1234, codes: '00010280' },
  },
  {
    name: 'SUBACK with every code',
    versions: [5],
    bytes: '90 0f 1234 00 00 01 02 80 83 87 8f 91 97 9e a1 a2',
    fields: { type: 'SUBACK', packetId: 0x1234, codes: '0001028083878f91979ea1a2' },
  },
  {
    name: 'SUBACK with properties',
    versions: [5],
    bytes: '90 09 1234 05 1f 0002 6f6b 02',
    fields: { type: 'SUBACK', packetId: 0x1234, codes: '02', properties: { reasonString: 'ok' } },
  },
  {
    name: 'UNSUBACK',
    versions: [4],
    bytes: 'b0 02 1234',
    fields: { type: 'UNSUBACK', packetId: 0x1234 },
  },
  {
    name: 'UNSUBACK with every code',
    versions: [5],
    bytes: 'b0 0a 1234 00 00 11 80 83 87 8f 91',
    fields: { type: 'UNSUBACK', packetId: 0x1234, codes: '00118083878f91' },
  },
];

const OTHERS: readonly InboundVector[] = [
  { name: 'PINGRESP', versions: [4, 5], bytes: 'd0 00', fields: { type: 'PINGRESP' } },
  {
    name: 'DISCONNECT with nothing',
    versions: [5],
    bytes: 'e0 00',
    fields: { type: 'DISCONNECT', reason: 0 },
  },
  {
    name: 'DISCONNECT with a reason',
    versions: [5],
    bytes: 'e0 01 8e',
    fields: { type: 'DISCONNECT', reason: 0x8e },
  },
  {
    name: 'DISCONNECT with everything',
    versions: [5],
    bytes: 'e0 12 9d 10 1c 0001 78 1f 0002 6279 26 0001 61 0001 62',
    fields: {
      type: 'DISCONNECT',
      reason: 0x9d,
      properties: { serverReference: 'x', reasonString: 'by', user: [['a', 'b']] },
    },
  },
  {
    name: 'AUTH that ends an exchange with nothing',
    versions: [5],
    bytes: 'f0 00',
    fields: { type: 'AUTH', reason: 0 },
  },
  {
    name: 'AUTH with a challenge',
    versions: [5],
    bytes: 'f0 0f 18 0d 15 0001 6b 16 0001 ff 1f 0002 6869',
    fields: {
      type: 'AUTH',
      reason: 0x18,
      properties: { authenticationMethod: 'k', authenticationData: 'ff', reasonString: 'hi' },
    },
  },
];

function ack(type: string, reason?: number): PacketFields {
  return reason === undefined ? { type, packetId: 0x1234 } : { type, packetId: 0x1234, reason };
}

export const INBOUND: readonly InboundVector[] = [
  ...CONNACKS,
  ...PUBLISHES,
  ...ACKNOWLEDGEMENTS,
  ...OTHERS,
];
