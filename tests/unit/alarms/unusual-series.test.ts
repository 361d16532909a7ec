/**
 * What goes wrong in a room is found in its temperature: three rooms, a month of each as ever, and
 * then something that never was.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UNUSUAL_FROM, Unusual } from '../../../firmware/alarms/unusual/unusual.ts';
import { IndoorClimate } from '../../support/indoor-climate.ts';

const STEP_S = 300;
const HOUR_S = 3600;
const DAY_S = 86_400;
/** Noon of a day after a month. */
const FROM_S = 30.5 * DAY_S;
/** Rooms by their seeds: the even one begins in June, the others in January. */
const ROOMS = [11, 12, 13];
const HEATED = [11, 13, 15];

/** What the sensor says instead: of all values so far, in steps, and the seconds since it began. */
type Fault = (values: readonly number[], sinceS: number) => number;

const last = (values: readonly number[]) => values[values.length - 1];
const before = (values: readonly number[], s: number) => values[values.length - 1 - s / STEP_S];

/** How many seconds after its beginning the fault is an alarm; Infinity for never. */
function foundAfterS(seed: number, fault: Fault, withinS: number): number {
  const climate = new IndoorClimate(seed, seed % 2 === 0 ? 150 * DAY_S : 0);
  const unusual = new Unusual();
  const values: number[] = [];
  for (let s = 0; s <= FROM_S + withinS; s += STEP_S) {
    values.push(climate.sample(STEP_S).temperature);
    const value = s < FROM_S ? last(values) : fault(values, s - FROM_S);
    const isAlarm = unusual.sample(value, s, true) >= UNUSUAL_FROM;
    if (isAlarm && s >= FROM_S) return s - FROM_S;
  }
  return Number.POSITIVE_INFINITY;
}

function isFound(fault: Fault, withinS: number, rooms = ROOMS): void {
  for (const seed of rooms) {
    const after = foundAfterS(seed, fault, withinS);
    assert.ok(after <= withinS, `room ${seed}: ${after} s`);
  }
}

test('a spike of eight degrees is found in the sample that has it', () => {
  isFound((values, s) => last(values) + (s === 0 ? 8 : 0), 0);
});

test('a new level, four degrees above, is found within a day', () => {
  isFound((values) => last(values) + 4, DAY_S);
});

test('a value that is stuck is found within four hours', () => {
  isFound((values, s) => before(values, s), 4 * HOUR_S);
});

test('a slow drift, seven tenths of a degree a day, is found within two weeks', () => {
  isFound((values, s) => last(values) + (0.7 * s) / DAY_S, 14 * DAY_S);
});

test('a course of the day that is turned round, in a heated room, is found within three days', () => {
  isFound((values) => before(values, DAY_S / 2), 3 * DAY_S, HEATED);
});

test('noise that grows to two degrees is found within four days', () => {
  const noise = (s: number) => Math.sin((s / STEP_S) ** 2) * Math.min(1, s / (3 * DAY_S));
  isFound((values, s) => last(values) + 2 * noise(s), 4 * DAY_S);
});
