/**
 * Whatever a peer sends, a session ends it in one way: an `ended` event, at most one DISCONNECT,
 * and then silence. Nothing is thrown, nothing hangs, no buffer runs over, and it does not matter
 * into which pieces the network cut the bytes.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { busySolo } from '../support/mqtt-busy.ts';
import { hex, joined, utf8 } from '../support/mqtt-bytes.ts';
import type { Version } from '../support/mqtt-fields.ts';
import { ACCEPTED, Solo } from '../support/mqtt-solo.ts';
import { INBOUND } from '../vectors/inbound.ts';

const RUNS = { seed: 20_313, numRuns: 2_000 };

interface Edit {
  readonly kind: 'set' | 'delete' | 'insert' | 'double' | 'cut';
  readonly place: number;
  readonly byte: number;
}

const edit: fc.Arbitrary<Edit> = fc.record({
  kind: fc.constantFrom('set', 'set', 'set', 'delete', 'insert', 'double', 'cut'),
  place: fc.nat(),
  byte: fc.oneof(fc.constantFrom(0, 1, 2, 0x7f, 0x80, 0xff), fc.nat({ max: 255 })),
});

function edited(bytes: Uint8Array, { kind, place, byte }: Edit): Uint8Array {
  if (bytes.length === 0) return bytes;
  const at = place % bytes.length;
  const [before, after] = [bytes.slice(0, at), bytes.slice(at)];
  if (kind === 'set') return joined(before, Uint8Array.of(byte), after.slice(1));
  if (kind === 'delete') return joined(before, after.slice(1));
  if (kind === 'insert') return joined(before, Uint8Array.of(byte), after);
  return kind === 'double' ? joined(bytes, after) : before;
}

/** Streams of valid packets with a few bytes changed, and streams of no sense at all. */
function streams(version: Version): fc.Arbitrary<Uint8Array> {
  const good = INBOUND.filter((one) => one.versions.includes(version)).map((one) => hex(one.bytes));
  const valid = fc.array(fc.constantFrom(...good), { minLength: 1, maxLength: 6 });
  const nearly = fc
    .tuple(valid, fc.array(edit, { maxLength: 3 }))
    .map(([packets, edits]) => edits.reduce(edited, joined(...packets)));
  const starts = fc.constantFrom(0x20, 0x30, 0x32, 0x34, 0x40, 0x50, 0x62, 0x70, 0x90, 0xb0, 0xd0);
  const noise = fc
    .tuple(starts, fc.uint8Array({ maxLength: 60 }))
    .map(([first, rest]) => joined(Uint8Array.of(first), rest));
  return fc.oneof({ weight: 4, arbitrary: nearly }, { weight: 1, arbitrary: noise });
}

function cut(bytes: Uint8Array, sizes: readonly number[]): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  let at = 0;
  for (const size of sizes) {
    pieces.push(bytes.slice(at, at + size));
    at += size;
  }
  return [...pieces, bytes.slice(at)];
}

function connecting(version: Version): Solo {
  const solo = new Solo({ receiveBytes: 64, transmitBytes: 128 });
  solo.open(version);
  return solo;
}

/** What has to hold after any input. */
function assertSane(solo: Solo, version: Version): void {
  const { receiveBuffer, transmitBuffer, state } = solo.session;
  assert.ok(
    receiveBuffer.end <= receiveBuffer.bytes.length &&
      transmitBuffer.end <= transmitBuffer.bytes.length,
  );
  const ends = solo.told.filter((event) => event.type === 'ended').length;
  assert.ok(ends <= 1);
  if (ends === 0) {
    assert.ok(state === 'online' || state === 'connecting');
    return;
  }
  assert.ok(solo.session.finished);
  assert.equal(solo.told.at(-1)?.type, 'ended');
  assert.ok(utf8(String(solo.ending?.detail)).length <= 256);
  const farewells = solo.written().filter((packet) => packet.startsWith('e0')).length;
  assert.ok(farewells <= (version === 5 ? 1 : 0));
  const told = solo.told.length;
  solo.feed('32 07 0001 61 0001 00 21', '34 06 0001 61 0002 00', ACCEPTED[version]);
  solo.wake(1e9);
  assert.deepEqual([solo.told.length, solo.written()], [told, []]);
}

for (const version of [4, 5] as const) {
  for (const [name, start] of [
    ['before CONNACK', connecting],
    ['while everything is in flight', busySolo],
  ] as const) {
    test(`version ${version}, ${name}: hostile bytes end the connection in one way or not at all`, () => {
      const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 40 });
      fc.assert(
        fc.property(streams(version), sizes, (bytes, pieces) => {
          const whole = start(version).feed(bytes);
          const apart = start(version).feed(...cut(bytes, pieces));
          assert.deepEqual(apart.told, whole.told);
          assertSane(whole, version);
          assertSane(apart, version);
        }),
        RUNS,
      );
    });
  }
}

test('random bytes after the end of one connection do not reach the next', () => {
  fc.assert(
    fc.property(streams(5), fc.constantFrom<Version>(4, 5), (bytes, version) => {
      const solo = busySolo(5).feed(bytes);
      solo.drop().open(version);
      solo.feed(ACCEPTED[version]);
      assert.deepEqual(solo.told, [{ type: 'connected', sessionPresent: false }]);
    }),
    RUNS,
  );
});
