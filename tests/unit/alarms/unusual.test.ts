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

test('nothing is said in the first two days, whatever comes, and then it has learned', () => {
  const unusual = new Unusual();
  const steady = room();
  const wild = (s: number) => (s > DAY_S && s < 1.1 * DAY_S ? 80 : steady(s));
  assert.deepEqual(alarms(unusual, wild, 0, 1.99), []);
  assert.ok(unusual.isLearning);
  alarms(unusual, steady, 1.99, 2.01);
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

test('of values that are no numbers nothing is learned, and nothing is said', () => {
  const unusual = new Unusual();
  alarms(unusual, room(), 0, 4);
  const before = unusual.state.slice();
  for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
    assert.equal(unusual.sample(value, START_S + 5 * DAY_S, true), 0);
    assert.equal(unusual.sample(20, value, true), 0);
  }
  assert.deepEqual(unusual.state, before);
});

test('whatever values and times come, answers stay from 0 to 1, and alarms an hour apart', () => {
  const unusual = new Unusual();
  const wild = [1e300, -1e300, 0, 1e-300, -0, 1e30, 21, 5e-324, 85, -127, 1e15];
  const jumps = [300, 1, 0, 3600, -86_400, 1e9, 60, -1e9, 300, 300, 300, 1e300, -1e300];
  let atS = START_S;
  for (let i = 0; i < 20_000; i++) {
    atS = i % 500 === 0 ? START_S + i : atS + jumps[i % 7 === 0 ? (i / 7) % jumps.length : 0];
    const value = i % 11 === 0 ? wild[(i / 11) % wild.length] : 21 + (i % 5);
    const answer = unusual.sample(value, atS, i % 1000 > 20);
    assert.ok(answer >= 0 && answer <= 1, `${answer}`);
  }
  assert.equal(unusual.state.length, STATE_BYTES);
});

/** Stuck from day 7 on, and a spike so long after the alarm for that. @returns alarms, as steps */
function stuckThenSpike(afterS: number): number[] {
  const unusual = new Unusual();
  const steady = room();
  const spikeS = 7 * DAY_S + 26 * STEP_S + afterS;
  const stuck = (s: number) => (s === spikeS ? 40 : 20.5);
  const series = (s: number) => (s < 7 * DAY_S || s > spikeS ? steady(s) : stuck(s));
  return alarms(unusual, series, 0, 7.3).map((day) => Math.round(((day - 7) * DAY_S) / STEP_S));
}

test('an alarm is followed by none within an hour, whatever comes', () => {
  assert.deepEqual(stuckThenSpike(50 * 60), [26]);
  assert.deepEqual(stuckThenSpike(60 * 60), [26, 38]);
});

test('one glitch of a sensor blinds nobody: a spike after it is found', () => {
  const unusual = new Unusual();
  const steady = room();
  const series = (s: number) => {
    if (s === 5 * DAY_S) return 1e30;
    return steady(s) + (s === 9 * DAY_S ? 8 : 0);
  };
  const found = alarms(unusual, series, 0, 10);
  assert.deepEqual(found, [5, 9]);
});

test('without a wall clock it learns by uptime, and finds a spike', () => {
  const unusual = new Unusual();
  const steady = room();
  let found = -1;
  for (let s = 0; s < 8 * DAY_S; s += STEP_S) {
    const value = steady(s) + (s === 7 * DAY_S ? 8 : 0);
    if (unusual.sample(value, s, false) >= UNUSUAL_FROM && found < 0) found = s;
  }
  assert.equal(found, 7 * DAY_S);
});

test('a wall clock that comes after a day of uptime ends no learning, and begins none anew', () => {
  const unusual = new Unusual();
  const steady = room();
  for (let s = 0; s < 1.5 * DAY_S; s += STEP_S) unusual.sample(steady(s), s, false);
  alarms(unusual, steady, 1.5, 1.9);
  assert.ok(unusual.isLearning);
  alarms(unusual, steady, 1.9, 2.1);
  assert.ok(!unusual.isLearning);
});

test('values in another unit are judged alike', () => {
  const celsius = new Unusual();
  const millis = new Unusual();
  const steady = room();
  for (let s = 0; s < 12 * DAY_S; s += STEP_S) {
    const value = steady(s) + (s > 9 * DAY_S && s < 9.5 * DAY_S ? 5 : 0);
    const answer = celsius.sample(value, START_S + s, true);
    const other = millis.sample(1000 * value, START_S + s, true);
    assert.ok(Math.abs(answer - other) < 0.01, `${answer} and ${other}`);
  }
});

test('samples every ten seconds are judged as their means of five minutes', () => {
  const often = new Unusual();
  const steady = room();
  let judged = 0;
  for (let s = 0; s < 4 * DAY_S; s += 10) {
    if (often.sample(steady(s) + (s > 3.5 * DAY_S ? 4 : 0), START_S + s, true) > 0) judged++;
  }
  assert.ok(!often.isLearning);
  assert.ok(judged > 0 && judged < (4 * DAY_S) / 270);
});
