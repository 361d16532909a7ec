/** Where certificates are to be judged, nothing is connected to before the clock is set. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Bench } from './link-bench.ts';

/** A bench whose clock can be set. */
function bench(): { bench: Bench; set(): void } {
  let hasTime = false;
  const made = new Bench({ hasTime: () => hasTime, rejoinAfter: 2 });
  return {
    bench: made,
    set: () => {
      hasTime = true;
    },
  };
}

test('with the name looked up it waits for the time, and connects once it is there', () => {
  const { bench: made, set } = bench();
  const { link } = made.resolving();
  link.resolved('192.0.2.1', made.now);
  assert.deepEqual([link.state, made.actions()], ['awaiting time', []]);
  for (let i = 0; i < 10; i++) assert.equal(made.wake(), 500);
  assert.deepEqual([link.state, made.actions()], ['awaiting time', []]);
  set();
  made.wake();
  assert.deepEqual([link.state, made.actions()], ['connecting', ['connect']]);
  assert.equal(link.deadline() - made.now, 15_000);
  assert.equal(link.figures.lastError.name, 'none');
});

test('a time that does not come in 20 s is told, and waited for again a few seconds later', () => {
  const { bench: made, set } = bench();
  const { link } = made.resolving();
  for (let i = 1; i <= 5; i++) {
    const since = made.now;
    link.resolved('192.0.2.1', made.now);
    while (link.state === 'awaiting time') made.wake();
    assert.equal(made.now - since, 20_000);
    assert.deepEqual(made.actions(), ['close']);
    assert.equal(link.figures.lastError.name, 'clock not set');
    assert.equal(made.delay(), 5_000);
    made.wait();
    assert.deepEqual([link.state, made.actions()], ['resolving', ['resolve']], 'Wi-Fi is good');
  }
  assert.equal(link.failuresInARow, 0);
  set();
  link.resolved('192.0.2.1', made.now);
  assert.deepEqual([link.state, made.actions()], ['connecting', ['connect']]);
});

test('while it waits it can be stopped, and the network can be lost', () => {
  const stopped = bench().bench;
  stopped.resolving().link.resolved('192.0.2.1', stopped.now);
  stopped.link.stop(stopped.now);
  assert.deepEqual([stopped.link.state, stopped.actions()], ['stopped', ['close', 'leave']]);
  const lost = bench().bench;
  lost.resolving().link.resolved('192.0.2.1', lost.now);
  lost.link.wifiFailed('lost', lost.now);
  assert.deepEqual([lost.link.state, lost.actions()], ['offline', ['close', 'leave']]);
});
