/**
 * What no server may send, by what is wrong with it: bytes, the reason code that a 5.0 client has
 * to give, and words of the detail that its owner reads.
 *
 * All are fed to the `busy` session of `malformed.test.ts`: online, with PUBLISH 1 (QoS 1) and 2
 * (QoS 2), SUBSCRIBE 0x8000 and UNSUBSCRIBE 0x8001 of one filter each unanswered, four aliases and
 * two incoming QoS 2 messages allowed, and a receive buffer of 128 bytes.
 */

import type { Version } from '../support/mqtt-fields.ts';

export interface MalformedVector {
  readonly name: string;
  readonly versions: readonly Version[];
  readonly bytes: string;
  readonly reason: number;
  readonly detail: string;
}

const BOTH: readonly Version[] = Object.freeze([4, 5]);
const V4: readonly Version[] = Object.freeze([4]);
const V5: readonly Version[] = Object.freeze([5]);

function all(
  versions: readonly Version[],
  reason: number,
  detail: string,
  ...lines: readonly (readonly [name: string, bytes: string])[]
): MalformedVector[] {
  return lines.map(([name, bytes]) => ({ name, versions, bytes, reason, detail }));
}

export const RESERVED_FLAGS: readonly MalformedVector[] = [
  ...all(
    BOTH,
    0x81,
    'reserved flags',
    ['PUBACK with a flag', '41 02 0001'],
    ['PUBREC with a flag', '58 02 0002'],
    ['PUBREL without its flag', '60 02 0001'],
    ['PUBREL with another flag', '63 02 0001'],
    ['PUBCOMP with the flag of PUBREL', '72 02 0002'],
    ['SUBACK with a flag', '92 03 8000 00'],
    ['UNSUBACK with a flag', 'b2 02 8001'],
    ['PINGRESP with a flag', 'd1 00'],
    ['CONNACK with a flag', '21 02 00 00'],
  ),
  ...all(
    V5,
    0x81,
    'reserved flags',
    ['DISCONNECT with a flag', 'e1 00'],
    ['AUTH with a flag', 'f8 00'],
  ),
];

export const PUBLISH_FLAGS: readonly MalformedVector[] = [
  ...all(BOTH, 0x81, 'reserved flags', ['QoS 3', '36 06 0001 61 0001 00'], ['QoS 3, DUP', '3e 00']),
  ...all(
    BOTH,
    0x81,
    'reserved flags',
    ['DUP at QoS 0', '38 04 0001 61 00'],
    ['and retained', '39 00'],
  ),
];

export const DIRECTIONS: readonly MalformedVector[] = [
  ...all(BOTH, 0x81, 'packet type 0', ['the reserved type 0', '00 00']),
  ...all(
    BOTH,
    0x82,
    'from a server',
    ['CONNECT', '10 0d 0004 4d515454 04 02 003c 0001 6d'],
    ['SUBSCRIBE', '82 06 0001 0001 61 00'],
    ['UNSUBSCRIBE', 'a2 05 0001 0001 61'],
    ['PINGREQ', 'c0 00'],
  ),
  ...all(V4, 0x82, 'from a server', ['DISCONNECT', 'e0 00'], ['AUTH', 'f0 00']),
];

export const LENGTHS: readonly MalformedVector[] = [
  ...all(BOTH, 0x81, 'length too long', ['five bytes of length', '30 80 80 80 80 01']),
  ...all(V5, 0x81, 'length too long', ['a length of zero in two bytes', 'd0 80 00']),
  ...all(V5, 0x81, 'length too long', [
    'a length of five in three bytes',
    '30 85 80 00 0001 61 00 00',
  ]),
  ...all(
    BOTH,
    0x81,
    'length that does not match',
    ['PUBLISH without room for a topic length', '30 01 00'],
    ['PUBLISH with nothing', '30 00'],
    ['PUBLISH with a topic longer than itself', '30 03 0002 61'],
    ['PUBLISH with QoS 1 and half an identifier', '32 04 0001 61 00'],
    ['PUBACK with half an identifier', '40 01 00'],
    ['PUBREL with nothing', '62 00'],
    ['SUBACK with half an identifier', '90 01 80'],
    ['UNSUBACK with nothing', 'b0 00'],
    ['PINGRESP with a body', 'd0 01 00'],
    ['CONNACK with one byte', '20 01 00'],
  ),
  ...all(
    V4,
    0x81,
    'length that does not match',
    ['PUBACK with a reason', '40 03 0001 00'],
    ['SUBACK without codes', '90 02 8000'],
    ['UNSUBACK with a code', 'b0 03 8001 00'],
    ['CONNACK with three bytes', '20 03 00 00 00'],
  ),
  ...all(
    V5,
    0x81,
    'length that does not match',
    ['SUBACK without codes', '90 03 8000 00'],
    ['UNSUBACK without codes', 'b0 03 8001 00'],
    ['PUBACK with a byte after its properties', '40 05 0001 00 00 00'],
    ['DISCONNECT with a byte after its properties', 'e0 03 00 00 00'],
    ['CONNACK with a byte after its properties', '20 04 00 00 00 00'],
    ['CONNACK without properties', '20 02 00 00'],
  ),
  ...all(
    V5,
    0x81,
    'variable byte integer',
    ['PUBLISH that ends before its property length', '30 03 0001 61'],
    ['a property length over four bytes', '30 08 0001 61 80 80 80 80 01'],
    ['a property length that is cut off', '30 04 0001 61 80'],
    ['a property length in too many bytes', '30 05 0001 61 80 00'],
    ['SUBACK that ends before its property length', '90 02 8000'],
  ),
  ...all(V4, 0x95, 'packet over the maximum', ['a SUBACK larger than any request', '90 ff 7f']),
];

export const TOPICS: readonly MalformedVector[] = [
  ...all(
    BOTH,
    0x81,
    'wildcard',
    ['+', '30 04 0001 2b 00'],
    ['# after a slash', '30 06 0003 612f23 00'],
    ['+ inside a level', '30 06 0003 612b62 00'],
  ),
  ...all(BOTH, 0x81, 'U+0000', ['a NUL', '30 06 0003 610062 00']),
  ...all(
    BOTH,
    0x81,
    'not UTF-8',
    ['a byte that begins nothing', '30 04 0001 ff 00'],
    ['an overlong slash', '30 05 0002 c0af 00'],
    ['an overlong NUL', '30 05 0002 c080 00'],
    ['half of a surrogate pair', '30 06 0003 eda080 00'],
    ['a surrogate pair as two characters', '30 09 0006 eda081edb080 00'],
    ['a character beyond U+10FFFF', '30 07 0004 f4908080 00'],
    ['a character that is cut off', '30 05 0002 e282 00'],
    ['a continuation alone', '30 05 0002 6180 00'],
  ),
  ...all(BOTH, 0x82, 'neither topic nor alias', ['nothing', '30 03 0000 00']),
];

export const IDENTIFIERS: readonly MalformedVector[] = [
  ...all(
    BOTH,
    0x82,
    'packet identifier 0',
    ['PUBLISH with QoS 1', '32 06 0001 61 0000 00'],
    ['PUBLISH with QoS 2', '34 06 0001 61 0000 00'],
    ['PUBACK', '40 02 0000'],
    ['PUBREC', '50 02 0000'],
    ['PUBREL', '62 02 0000'],
    ['PUBCOMP', '70 02 0000'],
  ),
  ...all(V4, 0x82, 'packet identifier 0', ['SUBACK', '90 03 0000 00'], ['UNSUBACK', 'b0 02 0000']),
  ...all(V5, 0x82, 'packet identifier 0', ['SUBACK', '90 04 0000 00 00']),
];

export const WRONG_KINDS: readonly MalformedVector[] = [
  ...all(
    BOTH,
    0x82,
    'wrong kind',
    ['PUBREC for QoS 1', '50 02 0001'],
    ['PUBCOMP for QoS 1', '70 02 0001'],
    ['PUBACK for QoS 2', '40 02 0002'],
    ['PUBCOMP before PUBREC', '70 02 0002'],
    ['PUBACK after PUBREC', '50 02 0002 40 02 0002'],
    ['PUBACK for a SUBSCRIBE', '40 02 8000'],
    ['PUBREC for an UNSUBSCRIBE', '50 02 8001'],
    ['PUBCOMP for a SUBSCRIBE', '70 02 8000'],
  ),
  ...all(
    V4,
    0x82,
    'wrong kind',
    ['UNSUBACK for a SUBSCRIBE', 'b0 02 8000'],
    ['SUBACK for an UNSUBSCRIBE', '90 03 8001 00'],
    ['SUBACK for a PUBLISH', '90 03 0001 00'],
  ),
  ...all(
    V5,
    0x82,
    'wrong kind',
    ['UNSUBACK for a SUBSCRIBE', 'b0 04 8000 00 00'],
    ['SUBACK for an UNSUBSCRIBE', '90 04 8001 00 00'],
    ['UNSUBACK for a PUBLISH', 'b0 04 0002 00 00'],
  ),
];

export const CODE_COUNTS: readonly MalformedVector[] = [
  ...all(V4, 0x82, 'one code per filter', ['SUBACK with two', '90 04 8000 00 00']),
  ...all(
    V5,
    0x82,
    'one code per filter',
    ['SUBACK with two', '90 05 8000 00 00 00'],
    ['UNSUBACK with two', 'b0 05 8001 00 00 00'],
  ),
];

export const REASON_CODES: readonly MalformedVector[] = [
  ...all(V4, 0x81, 'return code', ['SUBACK 3', '90 03 8000 03'], ['SUBACK 81', '90 03 8000 81']),
  ...all(
    V5,
    0x81,
    'return code',
    ['SUBACK 3', '90 04 8000 00 03'],
    ['SUBACK 92', '90 04 8000 00 92'],
    ['UNSUBACK 10', 'b0 04 8001 00 10'],
    ['UNSUBACK 97', 'b0 04 8001 00 97'],
  ),
  ...all(
    V5,
    0x82,
    'in a wrong packet',
    ['PUBACK 1', '40 03 0001 01'],
    ['PUBACK 92', '40 03 0001 92'],
    ['PUBREC 18', '50 03 0002 18'],
    ['PUBREL 10', '62 03 0001 10'],
    ['PUBREL 80', '62 03 0001 80'],
    ['PUBCOMP 87', '70 03 0002 87'],
    ['DISCONNECT 4, which only a client sends', 'e0 01 04'],
    ['DISCONNECT 92', 'e0 01 92'],
    ['AUTH 19, which only a client sends', 'f0 01 19'],
    ['AUTH 80', 'f0 01 80'],
  ),
];
