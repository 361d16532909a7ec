/** A session in the middle of everything, and the check that it ends as bad input must end it. */

import assert from 'node:assert/strict';
import type { MalformedVector } from '../vectors/malformed.ts';
import { deliveries, hex, joined } from './mqtt-bytes.ts';
import type { Version } from './mqtt-fields.ts';
import { ListSource } from './mqtt-list-source.ts';
import { Solo } from './mqtt-solo.ts';

/** QoS 1: delivered and acknowledged by a session that is alive. */
const GOOD: Readonly<Record<Version, string>> = Object.freeze({
  4: '32 06 0001 67 0777 21',
  5: '32 07 0001 67 0777 00 21',
});

/** A session as the header of `malformed.ts` says. */
export function busySolo(version: Version): Solo {
  const source = new ListSource(
    { topic: 'a', qos: 1, packetId: 1 },
    { topic: 'b', qos: 2, packetId: 2 },
  );
  const options = { receiveBytes: 128, transmitBytes: 256, aliasesIn: 4, receiveMax: 2 };
  const solo = new Solo(options, source).online(version);
  assert.equal(solo.session.subscribe([{ filter: 'a', qos: 2 }], 0), 0x8000);
  assert.equal(solo.session.unsubscribe(['a'], 0), 0x8001);
  solo.written();
  return solo;
}

function assertEnded(solo: Solo, version: Version, vector: MalformedVector, note: string): void {
  const { name, reason, detail } = vector;
  const where = `${name}, version ${version}, ${note}`;
  const ending = solo.ending ?? {};
  assert.deepEqual([ending.cause, ending.reason], ['protocol error', reason], where);
  assert.ok(String(ending.detail).includes(detail), `${where}: ${ending.detail}`);
  const written = solo.written();
  const farewell = `e001${reason.toString(16)}`;
  // 3.1.1 has nothing to say: it closes.
  if (version === 5) assert.equal(written.at(-1), farewell, where);
  else assert.ok(!written.some((packet) => packet.startsWith('e0')), where);
  assert.ok(solo.session.finished, where);
  const told = solo.told.length;
  solo.feed(GOOD[version], 'd0 00');
  assert.equal(solo.told.length, told, `${where}: told after the end`);
  assert.deepEqual(solo.written(), [], `${where}: written after the end`);
}

/** Feeds a vector in every delivery, alone and between good packets, and checks how it ends. */
export function assertRefused(vector: MalformedVector, version: Version): void {
  const bad = hex(vector.bytes);
  for (const [way, pieces] of deliveries(bad)) {
    assertEnded(busySolo(version).feed(...pieces), version, vector, way);
  }
  const good = hex(GOOD[version]);
  for (const [way, pieces] of deliveries(joined(good, bad, good))) {
    const solo = busySolo(version).feed(...pieces);
    const messages = solo.told.filter((event) => event.type === 'message');
    assert.equal(messages.length, 1, `${vector.name}, between others, ${way}`);
    assertEnded(solo, version, vector, `between others, ${way}`);
  }
}

/** `assertRefused` for every vector, in each version that has it. */
export function assertAllRefused(vectors: readonly MalformedVector[]): void {
  assert.ok(vectors.length > 0);
  for (const vector of vectors) {
    for (const version of vector.versions) assertRefused(vector, version);
  }
}
