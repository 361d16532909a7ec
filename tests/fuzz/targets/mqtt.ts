/**
 * Whatever a broker sends to a session: nothing is thrown, it ends in one way and then keeps silent,
 * and it does not matter where the network cuts. The first byte chooses version and state.
 */

import assert from 'node:assert/strict';
import { busySolo } from '../../support/mqtt-busy.ts';
import { hex, joined, utf8 } from '../../support/mqtt-bytes.ts';
import type { Version } from '../../support/mqtt-fields.ts';
import { ACCEPTED, Solo } from '../../support/mqtt-solo.ts';
import { INBOUND } from '../../vectors/inbound.ts';
import { CODE_COUNTS, IDENTIFIERS, LENGTHS, TOPICS } from '../../vectors/malformed.ts';
import { SECTIONS, TEXTS } from '../../vectors/malformed-properties.ts';
import type { Target } from '../target.ts';

function started(choice: number): Solo {
  const version: Version = (choice & 1) === 0 ? 4 : 5;
  if ((choice & 2) !== 0) return busySolo(version);
  const solo = new Solo({ receiveBytes: 64, transmitBytes: 128 });
  solo.open(version);
  return solo;
}

function pieces(input: Uint8Array): Uint8Array[] {
  const found: Uint8Array[] = [];
  const size = 1 + (input.length % 5);
  for (let at = 1; at < input.length; at += size) found.push(input.subarray(at, at + size));
  return found;
}

function assertSane(solo: Solo, version: Version): void {
  const { receiveBuffer, transmitBuffer, state } = solo.session;
  assert.ok(
    receiveBuffer.end <= receiveBuffer.bytes.length &&
      transmitBuffer.end <= transmitBuffer.bytes.length,
  );
  const ends = solo.told.filter((event) => event.type === 'ended').length;
  assert.ok(ends <= 1, 'ends twice');
  if (ends === 0) {
    assert.ok(state === 'online' || state === 'connecting', state);
    return;
  }
  assert.ok(solo.session.finished);
  assert.equal(solo.told.at(-1)?.type, 'ended');
  assert.ok(utf8(String(solo.ending?.detail)).length <= 256, 'long words');
  solo.written();
  const told = solo.told.length;
  solo.feed('32 07 0001 61 0001 00 21', ACCEPTED[version]);
  solo.wake(1e9);
  assert.deepEqual([solo.told.length, solo.written()], [told, []]);
}

const ALL = [
  ...INBOUND,
  ...CODE_COUNTS,
  ...IDENTIFIERS,
  ...LENGTHS,
  ...TOPICS,
  ...SECTIONS,
  ...TEXTS,
];

export const target: Target = {
  seeds: ALL.flatMap(({ bytes, versions }) =>
    versions.flatMap((version) =>
      [0, 2].map((state) => joined(Uint8Array.of(state | (version & 1)), hex(bytes))),
    ),
  ),
  bytesMax: 600,
  stepsMax: 200_000,
  madeMax: 100_000,
  run(input) {
    const choice = input[0] ?? 0;
    const version: Version = (choice & 1) === 0 ? 4 : 5;
    const whole = started(choice).feed(input.subarray(1));
    const apart = started(choice).feed(...pieces(input));
    assert.deepEqual(apart.told, whole.told);
    assertSane(whole, version);
  },
};
