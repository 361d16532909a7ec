/** One retained document: when it goes out, and when it goes out again. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Deadlines, Timer } from '../../../../firmware/base/deadlines.ts';
import { DocumentSource } from '../../../../firmware/link/sources/document.ts';

const MINUTE = 60_000;
const NEVER = Number.POSITIVE_INFINITY;

function sourceOf() {
  const deadlines = Deadlines.ofDevice();
  let renewals = 0;
  const document = {
    topic: new Uint8Array([0x61]),
    write: (_into: Uint8Array, at: number) => at,
    mayGo: () => true,
    renew: () => {
      renewals += 1;
    },
    published() {},
    settled() {},
  };
  const source = new DocumentSource(document, deadlines, Timer.document);
  const dueAt = () => deadlines.at[Timer.document];
  return { source, dueAt, renewals: () => renewals };
}

test('what the broker refuses goes out again after a minute, twice as late each time, up to an hour', () => {
  const { source, dueAt, renewals } = sourceOf();
  source.send(1000);
  let now = 1000;
  const pauses: number[] = [];
  for (let i = 0; i < 9; i += 1) {
    assert.ok(source.next(now));
    assert.equal(dueAt(), NEVER, 'it is on its way');
    source.settled(1, 0x97);
    pauses.push((dueAt() - now) / MINUTE);
    assert.equal(source.next(dueAt() - 1), false);
    now = dueAt();
  }
  assert.deepEqual(pauses, [1, 2, 4, 8, 16, 32, 60, 60, 60]);
  assert.equal(renewals(), 9, 'with what holds then');
  assert.ok(source.next(now));
  source.settled(1, 0);
  assert.equal(dueAt(), NEVER);
  source.send(now);
  assert.ok(source.next(now));
  source.settled(1, 0x97);
  assert.equal(dueAt() - now, MINUTE, 'it begins anew');
});

test('one that is too large never comes again', () => {
  const { source, dueAt } = sourceOf();
  source.send(0);
  assert.ok(source.next(0));
  source.settled(1, 0x95);
  assert.equal(dueAt(), NEVER);
});

test('another sending between a refusal and the next try neither prevents that nor waits for it', () => {
  const { source, dueAt } = sourceOf();
  source.send(0);
  assert.ok(source.next(0));
  source.settled(1, 0x87);
  source.send(500);
  assert.equal(dueAt(), 500);
  assert.ok(source.next(500));
  source.settled(1, 0);
  assert.equal(dueAt(), MINUTE);
});
