import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Bench } from './link-bench.ts';

test('a stop while online says goodbye, then closes and leaves', () => {
  const bench = new Bench().online();
  bench.link.stop(bench.now);
  assert.deepEqual([bench.link.state, bench.actions()], ['closing', ['say goodbye']]);
  bench.link.ended('goodbye said', bench.after(50));
  assert.deepEqual([bench.link.state, bench.actions()], ['stopped', ['close', 'leave']]);
  assert.equal(bench.link.deadline(), Number.POSITIVE_INFINITY);
  assert.equal(bench.link.figures.lastError.name, 'none');
});

test('a goodbye that does not get through ends by its time-out', () => {
  const bench = new Bench().online();
  bench.link.stop(bench.now);
  bench.actions();
  assert.equal(bench.wake(), 3_000);
  assert.deepEqual([bench.link.state, bench.actions()], ['stopped', ['close', 'leave']]);
});

test('a stop before online ends at once, and a start afterwards respects the backoff', () => {
  const bench = new Bench().handshaking();
  bench.link.stop(bench.now);
  assert.deepEqual([bench.link.state, bench.actions()], ['stopped', ['close', 'leave']]);
  const stoppedAt = bench.now;
  bench.resolving();
  assert.ok(bench.now - stoppedAt >= 1_000);
  bench.link.stop(bench.now);
  const stoppedAgainAt = bench.now;
  bench.resolving();
  assert.ok(bench.now - stoppedAgainAt >= 2_000);
});

test('sessions that we end ourselves, however short, leave no backoff behind', () => {
  const bench = new Bench();
  for (let i = 0; i < 20; i += 1) {
    bench.handshaking().link.ended('reset', bench.now);
    bench.online().link.stop(bench.after(2_000));
    bench.link.ended('goodbye said', bench.now);
    assert.equal(bench.link.failuresInARow, 0);
    bench.now += 60_000;
  }
});

test('stopping and starting over and over makes no more attempts than the backoff allows', () => {
  const joining = new Bench();
  for (const expected of [1_000, 2_000, 4_000]) {
    joining.link.start(joining.now);
    joining.wait();
    joining.link.stop(joining.now);
    joining.link.start(joining.now);
    assert.equal(joining.delay(), expected);
  }
  const offline = new Bench().connecting();
  offline.link.ended('refused', offline.now);
  offline.link.stop(offline.now);
  offline.link.start(offline.now);
  assert.deepEqual([offline.link.state, offline.delay()], ['offline', 200]);
});

test('after a goodbye the broker is left alone for at least the floor', () => {
  const bench = new Bench({ backoff: { floorMs: 7_000, baseMs: 7_000 } }).online();
  bench.link.stop(bench.now);
  bench.link.ended('goodbye said', bench.now);
  const goodbyeAt = bench.now;
  bench.resolving();
  assert.equal(bench.now - goodbyeAt, 7_000);
});
