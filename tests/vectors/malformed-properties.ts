/** What no 5.0 server may send in a property section; as `malformed.ts`, whose session it meets. */

import type { MalformedVector } from './malformed.ts';

type Line = readonly [name: string, bytes: string];

function all(reason: number, detail: string, ...lines: readonly Line[]): MalformedVector[] {
  return lines.map(([name, bytes]) => ({ name, versions: [5], bytes, reason, detail }));
}

export const SECTIONS: readonly MalformedVector[] = [
  ...all(
    0x81,
    'properties longer than their packet',
    ['PUBLISH', '30 04 0001 61 01'],
    ['PUBACK', '40 04 0001 00 01'],
    ['DISCONNECT', 'e0 02 00 7f'],
  ),
  ...all(
    0x81,
    'property beyond its section',
    ['a byte that is missing', '30 05 0001 61 01 01'],
    ['two bytes of four', '30 07 0001 61 03 02 0000'],
    ['a text that runs into the payload', '30 09 0001 61 04 03 0002 61 62'],
    ['a text length that runs into the payload', '30 07 0001 61 02 03 00 00'],
    ['a pair without its value', '30 08 0001 61 04 26 0001 6b'],
    ['a pair with half a value', '30 0b 0001 61 06 26 0001 6b 0001 78'],
  ),
  ...all(
    0x81,
    'variable byte integer',
    ['a subscription identifier that is cut off', '30 06 0001 61 02 0b 80'],
    ['a subscription identifier over four bytes', '30 0a 0001 61 06 0b 80 80 80 80 01'],
    ['a subscription identifier in too many bytes', '30 07 0001 61 03 0b 81 00'],
  ),
  ...all(
    0x81,
    'unknown property',
    ['identifier 0', '30 06 0001 61 02 00 00'],
    ['identifier 4', '30 06 0001 61 02 04 00'],
    ['identifier 2b', '30 06 0001 61 02 2b 00'],
    ['identifier ff', '30 06 0001 61 02 ff 00'],
  ),
];

export const PLACES: readonly MalformedVector[] = all(
  0x82,
  'in a wrong packet',
  ['session expiry in DISCONNECT', 'e0 07 00 05 11 00000000'],
  ['request problem information in PUBLISH', '30 06 0001 61 02 17 01'],
  ['will delay in PUBLISH', '30 09 0001 61 05 18 00000001'],
  ['reason string in PUBLISH', '30 08 0001 61 04 1f 0001 61'],
  ['topic alias in PUBACK', '40 07 0001 00 03 23 0001'],
  ['content type in SUBACK', '90 08 8000 04 03 0001 61 00'],
  ['server reference in PUBREC', '50 08 0002 00 04 1c 0001 61'],
  ['receive maximum in UNSUBACK', 'b0 07 8001 03 21 0001 00'],
  ['server keep alive in DISCONNECT', 'e0 05 00 03 13 0001'],
  ['response information in AUTH', 'f0 06 18 04 1a 0001 61'],
);

export const REPEATED: readonly MalformedVector[] = all(
  0x82,
  'twice',
  ['payload format', '30 08 0001 61 04 01 00 01 00'],
  ['content type', '30 0c 0001 61 08 03 0001 61 03 0001 61'],
  ['topic alias', '30 0a 0001 61 06 23 0001 23 0001'],
  ['reason string', '40 0c 0001 00 08 1f 0001 61 1f 0001 61'],
  ['server reference', 'e0 0a 9c 08 1c 0001 61 1c 0001 61'],
);

export const RANGES: readonly MalformedVector[] = [
  ...all(0x82, 'out of range', ['payload format 2', '30 06 0001 61 02 01 02']),
  ...all(0x82, 'is zero', ['subscription identifier 0', '30 06 0001 61 02 0b 00']),
];

export const TEXTS: readonly MalformedVector[] = [
  ...all(
    0x81,
    'not UTF-8',
    ['content type', '30 08 0001 61 04 03 0001 ff'],
    ['response topic', '30 0a 0001 61 06 08 0003 eda080'],
    ['name of a user property', '30 0a 0001 61 06 26 0001 80 0000'],
    ['value of a user property', '30 0b 0001 61 07 26 0000 0002 c0af'],
    ['reason string', '40 08 0001 00 04 1f 0001 fe'],
  ),
  ...all(
    0x81,
    'U+0000',
    ['content type', '30 08 0001 61 04 03 0001 00'],
    ['value of a user property', '30 0a 0001 61 06 26 0000 0001 00'],
    ['reason string', '40 08 0001 00 04 1f 0001 00'],
  ),
];

export const RESPONSE_TOPICS: readonly MalformedVector[] = all(
  0x82,
  'response topic',
  ['#', '30 08 0001 61 04 08 0001 23'],
  ['+ at QoS 1', '32 0a 0001 61 0009 04 08 0001 2b'],
);

export const ALIASES: readonly MalformedVector[] = [
  ...all(0x94, 'is zero', ['alias 0', '30 07 0001 61 03 23 0000']),
  ...all(
    0x94,
    'over the maximum',
    ['alias 5 of 4', '30 07 0001 61 03 23 0005'],
    ['alias 65,535', '30 06 0000 03 23 ffff'],
  ),
  ...all(0x82, 'never set', ['alias 1 before its topic', '30 06 0000 03 23 0001']),
];
