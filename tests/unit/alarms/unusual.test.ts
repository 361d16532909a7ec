/** What the detector is promised to do with series of our own making. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { STATE_BYTES, UNUSUAL_FROM, Unusual } from '../../../firmware/alarms/unusual/unusual.ts';

const STEP_S = 300;
const DAY_S = 86_400;
/** A Monday, midnight. */
const START_S = 1_767_571_200;

/** A room of 21 °C that is warmer in the afternoon, with a little noise from a fixed seed. */
function room(seed = 1): (atS: number) => number {
  let state = seed;
  return (atS) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    const noise = state / 0x1_0000_0000 - 0.5;
    return 21 + Math.sin((2 * Math.PI * (atS - DAY_S / 3)) / DAY_S) + 0.1 * noise;
  };
}

/** Feeds days of a series. @returns the times of the alarms, in days from the start */
function alarms(unusual: Unusual, series: (atS: number) => number, from: number, to: number) {
  const found: number[] = [];
  for (let s = from * DAY_S; s < to * DAY_S; s += STEP_S) {
    const answer = unusual.sample(series(s), START_S + s, true);
    assert.ok(answer >= 0 && answer <= 1);
    if (answer >= UNUSUAL_FROM) found.push(s / DAY_S);
  }
  return found;
}

test('nothing is said in the first two days and a half, whatever comes, and then it has learned', () => {
  const unusual = new Unusual();
  const steady = room();
  const wild = (s: number) => (s > DAY_S && s < 1.1 * DAY_S ? 80 : steady(s));
  assert.deepEqual(alarms(unusual, wild, 0, 2.4), []);
  assert.ok(unusual.isLearning);
  alarms(unusual, steady, 2.4, 2.6);
  assert.ok(!unusual.isLearning);
});

test('a spike after a quiet week is an alarm at once, and one only', () => {
  const unusual = new Unusual();
  const steady = room();
  alarms(unusual, steady, 0, 7);
  const spike = (s: number) => steady(s) + (s >= 7.5 * DAY_S && s < 7.51 * DAY_S ? 8 : 0);
  const found = alarms(unusual, spike, 7, 8);
  assert.equal(found[0], 7.5);
  assert.equal(found.length, 1);
});

test('a detector goes on from its saved state as if it had never stopped', () => {
  const whole = new Unusual();
  let parts = new Unusual();
  const series = room();
  for (let s = 0; s < 9 * DAY_S; s += STEP_S) {
    const value = series(s) + (s > 8 * DAY_S ? 3 : 0);
    if (s % 7200 === 0) parts = new Unusual(parts.state.slice());
    const answer = parts.sample(value, START_S + s, true);
    assert.equal(answer, whole.sample(value, START_S + s, true));
  }
  assert.equal(parts.state.length, STATE_BYTES);
});

test('a state that is damaged, of another version or another size starts afresh', () => {
  const learned = new Unusual();
  alarms(learned, room(), 0, 4);
  const state = learned.state.slice();
  assert.ok(!new Unusual(state).isLearning);
  for (const at of [0, 4, 8, 300, STATE_BYTES - 1]) {
    const damaged = state.slice();
    damaged[at] ^= 1;
    assert.ok(new Unusual(damaged).isLearning, `byte ${at}`);
  }
  assert.ok(new Unusual(state.slice(1)).isLearning);
});
