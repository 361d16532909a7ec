import assert from 'node:assert/strict';
import { test } from 'node:test';
import { QUIET_TICK_MS, QuietSockets } from '../../../firmware/network/quiet-sockets.ts';
import { RELEASE_MS_MAX, Releases } from '../../../firmware/network/releases.ts';
import type { SocketGate } from '../../../firmware/network/socket-gate.ts';

const NEVER = Number.POSITIVE_INFINITY;

test('where no closed socket is held, everything is done at once', () => {
  const releases = new Releases();
  const done: string[] = [];
  releases.whenReleased(() => done.push('leave'), 0);
  assert.deepEqual(done, ['leave']);
  assert.equal(releases.deadline(), NEVER);
});

test('what is asked for while a socket is held waits for its release, in order', () => {
  const releases = new Releases();
  const done: string[] = [];
  releases.closing();
  releases.whenReleased(() => done.push('leave'), 10);
  releases.whenReleased(() => done.push('restart'), 20);
  releases.wake(30);
  assert.equal(done.length, 0);
  releases.released(1);
  assert.equal(done.length, 0);
  assert.equal(releases.deadline(), 0);
  // Nothing overtakes what waits.
  releases.whenReleased(() => done.push('join'), 35);
  releases.wake(40);
  assert.deepEqual(done, ['leave', 'restart', 'join']);
  assert.equal(releases.deadline(), NEVER);
});

test('a socket that is closed meanwhile is waited for as well', () => {
  const releases = new Releases();
  let isDone = false;
  releases.closing();
  releases.whenReleased(() => {
    isDone = true;
  }, 0);
  releases.closing();
  releases.released(1);
  releases.wake(100);
  assert.equal(isDone, false);
  releases.released(1);
  releases.wake(200);
  assert.equal(isDone, true);
});

test('a socket that is never released holds nobody for more than two seconds', () => {
  const releases = new Releases();
  let done = 0;
  releases.closing();
  const work = () => {
    done += 1;
  };
  releases.whenReleased(work, 1000);
  releases.whenReleased(work, 2500);
  assert.equal(releases.deadline(), 1000 + RELEASE_MS_MAX);
  releases.wake(2999);
  assert.equal(done, 0);
  releases.wake(3000);
  assert.equal(done, 2);
  releases.whenReleased(work, 5000);
  assert.equal(releases.deadline(), 7000);
});

test('work that asks for more work is followed by it', () => {
  const releases = new Releases();
  const done: string[] = [];
  releases.closing();
  releases.whenReleased(() => {
    done.push('first');
    releases.whenReleased(() => done.push('second'), 1);
  }, 0);
  releases.released(1);
  releases.wake(1);
  assert.deepEqual(done, ['first', 'second']);
});

test('on a platform that tells nothing, sockets are released after five quiet turns', () => {
  const told: string[] = [];
  const gate = {
    closing: () => told.push('closing'),
    released: (count: number) => told.push(`released ${count}`),
  } as unknown as SocketGate;
  const quiet = new QuietSockets(gate);
  quiet.closing();
  const ticks = [1, 2, 3].map(() => quiet.tick());
  quiet.closing();
  ticks.push(...[1, 2, 3, 4].map(() => quiet.tick()));
  assert.deepEqual(ticks, Array<boolean>(7).fill(true));
  assert.deepEqual(told, ['closing', 'closing']);
  assert.equal(quiet.tick(), false);
  assert.deepEqual(told, ['closing', 'closing', 'released 2']);
});

test('each quiet time tells the sockets that were closed before it, in a quarter of a second', () => {
  assert.equal(QUIET_TICK_MS, 50);
  const told: number[] = [];
  const gate = { closing() {}, released: (count: number) => told.push(count) };
  const quiet = new QuietSockets(gate as unknown as SocketGate);
  for (const count of [1, 3, 2]) {
    for (let i = 0; i < count; i += 1) quiet.closing();
    for (let i = 0; i < 4; i += 1) assert.equal(quiet.tick(), true);
    assert.equal(quiet.tick(), false);
  }
  assert.deepEqual(told, [1, 3, 2]);
});

test('a platform that releases more than were closed owes nothing', () => {
  const releases = new Releases();
  releases.released(3);
  releases.closing();
  let isDone = false;
  releases.whenReleased(() => {
    isDone = true;
  }, 0);
  assert.equal(isDone, false);
  releases.wake(1999);
  assert.equal(isDone, false);
});
