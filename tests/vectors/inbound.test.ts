import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deliveries, hex, joined } from '../support/mqtt-bytes.ts';
import { decodePieces } from '../support/mqtt-fields.ts';
import { INBOUND } from './inbound.ts';

const PING = hex('d0 00');
const PING_FIELDS = { type: 'PINGRESP' };

for (const { name, versions, bytes, fields } of INBOUND) {
  for (const version of versions) {
    test(`${name} is decoded in version ${version}, however it arrives`, () => {
      const packet = hex(bytes);
      for (const [way, pieces] of deliveries(packet)) {
        assert.deepEqual(decodePieces(pieces, version, 64), [fields], way);
      }
    });
  }
}

test('packets that arrive together with others are told apart, wherever the bytes are cut', () => {
  for (const { name, versions, bytes, fields } of INBOUND) {
    const merged = joined(PING, hex(bytes), hex(bytes), PING);
    const expected = [PING_FIELDS, fields, fields, PING_FIELDS];
    for (const [way, pieces] of deliveries(merged)) {
      assert.deepEqual(decodePieces(pieces, versions[0], 64), expected, `${name}, ${way}`);
    }
  }
});

test('all packets of a version in one stream are decoded in a buffer of the largest', () => {
  for (const version of [4, 5] as const) {
    const vectors = INBOUND.filter((one) => one.versions.includes(version));
    const stream = joined(...vectors.map((one) => hex(one.bytes)));
    const largest = Math.max(...vectors.map((one) => hex(one.bytes).length));
    const expected = vectors.map((one) => one.fields);
    for (const size of [1, 3, largest, stream.length]) {
      const pieces: Uint8Array[] = [];
      for (let at = 0; at < stream.length; at += size) pieces.push(stream.slice(at, at + size));
      assert.deepEqual(decodePieces(pieces, version, largest), expected);
    }
  }
});

test('every packet type that a client receives has a vector in each version that has it', () => {
  for (const version of [4, 5] as const) {
    const vectors = INBOUND.filter((one) => one.versions.includes(version));
    const seen = new Set(vectors.map((one) => one.fields.type));
    assert.equal(seen.size, version === 5 ? 11 : 9, `version ${version}`);
  }
});
