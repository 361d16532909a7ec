/** What the light shows, and when. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Deadlines } from '../../../firmware/base/deadlines.ts';
import { Blinker } from '../../../firmware/mote/blinker.ts';
import { BoardTimer } from '../../../firmware/mote/timers.ts';

/** Runs the blinker to a time; the changes of its light come as `time on|off`. */
function watched() {
  const seen: string[] = [];
  let now = 0;
  const deadlines = new Deadlines(BoardTimer.light + 1);
  const light = { set: (isOn: boolean) => seen.push(`${now} ${isOn ? 'on' : 'off'}`) };
  const blinker = new Blinker(light, deadlines);
  const due = () => deadlines.at[BoardTimer.light];
  const runTo = (until: number) => {
    while (due() <= until) {
      now = due();
      blinker.wake(now);
    }
    now = until;
  };
  return { blinker, seen, runTo, due };
}

test('at work the light stays dark and asks for no alarm', () => {
  const { blinker, seen, due } = watched();
  blinker.waits(false, 0);
  assert.equal(due(), Number.POSITIVE_INFINITY);
  assert.deepEqual(seen, []);
});

test('a board that waits to be set up blinks slowly', () => {
  const { blinker, seen, runTo } = watched();
  blinker.waits(true, 0);
  runTo(2500);
  assert.deepEqual(seen, ['0 on', '1000 off', '2000 on']);
});

test('identifying blinks fast for its time, and ends dark', () => {
  const { blinker, seen, runTo, due } = watched();
  blinker.identify(500, 0);
  runTo(10_000);
  assert.deepEqual(seen, ['0 on', '125 off', '250 on', '375 off']);
  assert.equal(due(), Number.POSITIVE_INFINITY);
});

test('after identifying, a board that waits blinks slowly again', () => {
  const { blinker, seen, runTo } = watched();
  blinker.waits(true, 0);
  runTo(100);
  blinker.identify(250, 100);
  runTo(2400);
  assert.deepEqual(seen, ['0 on', '225 off', '350 on', '1350 off', '2350 on']);
});

test('going to work darkens the light at once', () => {
  const { blinker, seen, runTo } = watched();
  blinker.waits(true, 0);
  runTo(300);
  blinker.waits(false, 300);
  assert.deepEqual(seen, ['0 on', '300 off']);
});

test('a wake before its time changes nothing', () => {
  const { blinker, seen, due } = watched();
  blinker.waits(true, 0);
  blinker.wake(500);
  assert.deepEqual(seen, ['0 on']);
  assert.equal(due(), 1000);
});
