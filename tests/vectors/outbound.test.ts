import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hex, toHex } from '../support/mqtt-bytes.ts';
import { writeOutgoing } from '../support/mqtt-outgoing.ts';
import { OUTBOUND } from './outbound.ts';

for (const { name, versions, packet, bytes } of OUTBOUND) {
  for (const version of versions) {
    test(`${name} is encoded as the tables of version ${version} say`, () => {
      const into = new Uint8Array(20_000).fill(0xee);
      const end = writeOutgoing(into, 0, packet, version);
      assert.equal(toHex(into.subarray(0, end)), toHex(hex(bytes)));
    });
  }
}

test('a packet is encoded alike at any place, and exactly where there is just room', () => {
  for (const { name, versions, packet, bytes } of OUTBOUND) {
    const expected = hex(bytes);
    // A body is written with room for two bytes of length before it, of which one may be unused.
    const into = new Uint8Array(3 + expected.length + 1).fill(0xee);
    const end = writeOutgoing(into, 3, packet, versions[0]);
    assert.equal(end, 3 + expected.length, name);
    assert.equal(toHex(into.subarray(0, end)), `eeeeee${toHex(expected)}`, name);
  }
});

test('a packet that has no room says so, whatever the room, and leaves what lies before', () => {
  for (const { name, versions, packet, bytes } of OUTBOUND) {
    const { length } = hex(bytes);
    for (let room = 0; room < length; room += length > 1000 ? 97 : 1) {
      const into = new Uint8Array(2 + room).fill(0xee);
      const end = writeOutgoing(into, 2, packet, versions[0]);
      assert.ok(end > into.length, `${name} in ${room} bytes`);
      assert.equal(toHex(into.subarray(0, 2)), 'eeee', name);
    }
  }
});

test('every packet type that a client sends has a vector in each version that has it', () => {
  for (const version of [4, 5] as const) {
    const seen = new Set(
      OUTBOUND.filter((one) => one.versions.includes(version)).map((one) => one.packet.type),
    );
    assert.equal(seen.size, version === 5 ? 11 : 10, `version ${version}`);
  }
});
