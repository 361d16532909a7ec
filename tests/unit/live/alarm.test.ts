/** The live alarm: rings once, from the event loop, never early, and the last `set` counts. */
import assert from 'node:assert/strict';
import { mock, type TestContext, test } from 'node:test';
import type { Clock } from '../../../firmware/ports.ts';
import { LiveAlarm } from '../../../host-sim/live/alarm.ts';

/** Node's mocked timers, a clock that follows them, and an alarm that notes when it rings. */
function bench(t: TestContext, drift = 1) {
  mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 0 });
  t.after(() => mock.timers.reset());
  const now = (): number => Date.now() * drift;
  const clock: Clock = { now, wall: now, quality: () => 'sync' };
  const rang: number[] = [];
  const alarm = new LiveAlarm(clock, () => rang.push(now()));
  return { alarm, rang, pass: (ms: number) => mock.timers.tick(ms) };
}

test('it rings once at the time asked for', (t) => {
  const { alarm, rang, pass } = bench(t);
  alarm.set(100);
  pass(99);
  assert.deepEqual(rang, []);
  pass(1000);
  assert.equal(rang.length, 1);
});

test('a time that is past rings soon, but never inside set', (t) => {
  const { alarm, rang, pass } = bench(t);
  pass(50);
  alarm.set(10);
  assert.deepEqual(rang, []);
  pass(1);
  assert.equal(rang.length, 1);
});

test('setting again replaces, to earlier and to later', (t) => {
  const { alarm, rang, pass } = bench(t);
  alarm.set(100);
  alarm.set(20);
  pass(20);
  assert.deepEqual(rang, [20]);
  alarm.set(50);
  alarm.set(80);
  pass(59);
  assert.deepEqual(rang, [20]);
  pass(1);
  assert.deepEqual(rang, [20, 80]);
});

test('when it rings the clock has reached the time, even if the timer fired early', (t) => {
  const { alarm, rang, pass } = bench(t, 0.5);
  alarm.set(100);
  pass(199);
  assert.deepEqual(rang, []);
  pass(10);
  assert.equal(rang.length, 1);
  assert.ok(rang[0] >= 100);
});

test('clear and Infinity keep it from ringing, and it can be set anew', (t) => {
  const { alarm, rang, pass } = bench(t);
  alarm.set(10);
  alarm.clear();
  pass(100);
  alarm.set(110);
  alarm.set(Number.POSITIVE_INFINITY);
  pass(100);
  assert.deepEqual(rang, []);
  alarm.set(210);
  pass(10);
  assert.equal(rang.length, 1);
});

test('a wait longer than a timer of Node can hold is kept in full', (t) => {
  const { alarm, rang, pass } = bench(t);
  const days30 = 30 * 86_400_000;
  alarm.set(days30);
  pass(days30 - 1);
  assert.deepEqual(rang, []);
  pass(1);
  assert.equal(rang.length, 1);
});

test('a time that is not a number is refused', (t) => {
  const { alarm } = bench(t);
  assert.throws(() => alarm.set(Number.NaN), RangeError);
});
