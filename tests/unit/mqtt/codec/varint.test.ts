import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PeerError } from '../../../../firmware/base/errors.ts';
import { decodeVarint, varintLength, writeVarint } from '../../../../firmware/mqtt/codec/varint.ts';
import { hex, toHex } from '../../../support/mqtt-bytes.ts';

/** The borders of 5.0 table 1-1. */
const BORDERS = [
  [0, '00'],
  [127, '7f'],
  [128, '8001'],
  [16_383, 'ff7f'],
  [16_384, '808001'],
  [2_097_151, 'ffff7f'],
  [2_097_152, '80808001'],
  [268_435_455, 'ffffff7f'],
] as const;

test('integers take the fewest bytes, to the last value of each width [5.0 MQTT-1.5.5-1]', () => {
  for (const [value, bytes] of BORDERS) {
    const into = new Uint8Array(4);
    const end = writeVarint(into, 0, value);
    assert.equal(toHex(into.subarray(0, end)), bytes);
    assert.equal(varintLength(value), end);
  }
});

test('integers are read back from any place', () => {
  for (const [value, bytes] of BORDERS) {
    const from = hex(`ff${bytes}`);
    assert.equal(decodeVarint(from, 1, from.length), value);
  }
});

test('an integer that is cut off, too long or not in its shortest form is refused [5.0 MQTT-1.5.5-1]', () => {
  for (const bytes of [
    '',
    '80',
    'ffffff',
    'ffffffff',
    'ffffffff7f',
    '8000',
    '818000',
    'ffffff00',
  ]) {
    const from = hex(bytes);
    assert.throws(
      () => decodeVarint(from, 0, from.length),
      (error) => error instanceof PeerError && error.reason === 0x81,
      bytes,
    );
  }
});
