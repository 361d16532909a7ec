import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualAlarm } from '../../../host-sim/virtual/alarm.ts';
import { VirtualClock } from '../../../host-sim/virtual/clock.ts';
import { EventQueue } from '../../../host-sim/virtual/event-queue.ts';

test('a crystal that drifts by 100 ppm is 100 ms ahead after 1000 s', () => {
  const queue = new EventQueue();
  const clock = new VirtualClock(queue, { driftPpm: 100, startMs: 7 });
  queue.runUntil(1_000_000);
  assert.equal(clock.now(), 1_000_107);
});

test('monotonic time is continuous when the drift changes and when wall time jumps', () => {
  const queue = new EventQueue();
  const clock = new VirtualClock(queue, { driftPpm: 500 });
  queue.runUntil(10_000);
  const before = clock.now();
  clock.setDrift(-500);
  clock.jumpWall(-86_400_000);
  assert.equal(clock.now(), before);
  queue.runUntil(20_000);
  assert.equal(clock.now(), 10_005 + 9_995);
});

test('wall time is unknown at boot, then as good as it was set', () => {
  const queue = new EventQueue(5000);
  const clock = new VirtualClock(queue, { epochMs: 1_000_000 });
  assert.equal(clock.quality(), 'none');
  clock.setWall(77, 'estimated');
  assert.equal(clock.quality(), 'estimated');
  assert.equal(clock.wall(), 77);
  clock.synchronise();
  assert.equal(clock.quality(), 'sync');
  assert.equal(clock.wall(), 1_005_000);
  clock.jumpWall(3_600_000);
  assert.equal(clock.wall(), 4_605_000);
  assert.equal(clock.quality(), 'sync');
  clock.setQuality('none');
  assert.equal(clock.quality(), 'none');
});

test('an alarm rings once, when the drifting clock shows its time, and never inside set', () => {
  for (const driftPpm of [-400, -33, 0, 17, 250]) {
    const queue = new EventQueue();
    const clock = new VirtualClock(queue, { driftPpm, startMs: 3 });
    const rung: number[] = [];
    const alarm = new VirtualAlarm(queue, clock, () => rung.push(clock.now()));
    alarm.set(1234);
    assert.deepEqual(rung, []);
    queue.runUntil(10_000);
    assert.deepEqual(rung, [1234], `drift ${driftPpm}`);
  }
});

test('setting an alarm replaces it, clearing removes it, the past rings at once', () => {
  const queue = new EventQueue();
  const clock = new VirtualClock(queue);
  const rung: number[] = [];
  const alarm = new VirtualAlarm(queue, clock, () => rung.push(queue.now));
  alarm.set(10);
  alarm.set(30);
  queue.runUntil(40);
  alarm.set(5);
  assert.deepEqual(rung, [30]);
  queue.runUntil(40);
  assert.deepEqual(rung, [30, 40]);
  alarm.set(50);
  alarm.clear();
  alarm.set(Number.POSITIVE_INFINITY);
  queue.runUntil(100);
  assert.deepEqual(rung, [30, 40]);
});

test('an alarm follows a change of drift while it waits', () => {
  const queue = new EventQueue();
  const clock = new VirtualClock(queue);
  const rung: number[] = [];
  const alarm = new VirtualAlarm(queue, clock, () => rung.push(clock.now()));
  alarm.set(100_000);
  queue.runUntil(50_000);
  clock.setDrift(1000);
  queue.runUntil(99_980);
  assert.deepEqual(rung, [100_000]);
});

test('a stopped alarm never rings again, even if it is set again', () => {
  const queue = new EventQueue();
  const alarm = new VirtualAlarm(queue, new VirtualClock(queue), () => assert.fail('it rang'));
  alarm.set(10);
  alarm.stop();
  alarm.set(20);
  queue.runUntil(100);
  assert.equal(alarm.at, Number.POSITIVE_INFINITY);
});
