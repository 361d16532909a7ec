/** Worlds whose broker never takes certain readings: none is lost, and none stops the others. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FAULT_KINDS } from '../../host-sim/virtual/world/fault-planner.ts';
import { assertHeld, HOUR_MS, planOf, runWorld } from './run.ts';

const faultsNamed = (...names: readonly string[]) =>
  FAULT_KINDS.filter(({ name }) => names.includes(name));

test('readings that a broker never takes are set aside, told and delivered in the end, with and without power cuts', () => {
  for (const faults of [faultsNamed('poison'), faultsNamed('poison', 'power-cut', 'drop-acks')]) {
    let aside = 0;
    for (let seed = 1; seed <= 3; seed += 1) {
      const plan = { faults, isSwarm: false, durationMs: 24 * HOUR_MS };
      const outcome = runWorld(planOf(seed, plan), (_at, _events, what) => {
        if (what === 'set aside') aside += 1;
      });
      assertHeld(outcome);
      assert.equal(outcome.dropped, 0);
    }
    assert.ok(aside >= 2, `${aside} were set aside`);
  }
});
