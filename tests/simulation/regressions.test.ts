/** Seeds that once broke a rule, each with what was wrong, run again. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { FAULT_KINDS } from '../../host-sim/virtual/world/fault-planner.ts';
import { assertHeld, HOUR_MS, planOf, runWorld } from './run.ts';

interface Regression {
  readonly seed: number;
  readonly hours: number;
  /** These alone; otherwise what the seed switches on. */
  readonly faults?: readonly string[];
  /** Rules of all boards; those from before there were alarms have none. */
  readonly alarms?: string;
  /** It was found in a world in which somebody changes settings from afar. */
  readonly hasOwner?: boolean;
  readonly was: string;
}

const file = new URL('./regressions.json', import.meta.url);
const regressions = JSON.parse(readFileSync(file, 'utf8')) as Regression[];

test('regressions are kept', () => {
  assert.ok(regressions.length > 0);
});

for (const { seed, hours, faults, alarms, hasOwner = false, was } of regressions) {
  test(`seed ${seed} over ${hours} h holds again; it was: ${was}`, () => {
    const durationMs = hours * HOUR_MS;
    const kinds = FAULT_KINDS.filter(({ name }) => faults === undefined || faults.includes(name));
    const isSwarm = faults === undefined;
    const plan = planOf(seed, { durationMs, faults: kinds, isSwarm, alarms, hasOwner });
    assertHeld(runWorld(plan));
  });
}
