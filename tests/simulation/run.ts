/** What the simulation tests share: worlds by a few settings, run to their end. */

import assert from 'node:assert/strict';
import { FAULT_KINDS } from '../../host-sim/virtual/world/fault-planner.ts';
import { Trace, type TraceLine } from '../../host-sim/virtual/world/trace.ts';
import { World } from '../../host-sim/virtual/world/world.ts';
import type { Outcome, WorldPlan } from '../../host-sim/virtual/world/world-plan.ts';

export const HOUR_MS = 3_600_000;

/** A plan of one board and the default faults, with differences. */
export function planOf(seed: number, differences: Partial<WorldPlan> = {}): WorldPlan {
  return {
    seed,
    devices: 1,
    intervalMs: 60_000,
    durationMs: 2 * HOUR_MS,
    faults: FAULT_KINDS,
    isSwarm: true,
    script: [],
    alarms: undefined,
    hasOperator: true,
    hasOwner: true,
    flashBlocks: undefined,
    keepAliveS: undefined,
    windowMax: undefined,
    ...differences,
  };
}

export function runWorld(plan: WorldPlan, trace?: TraceLine): Outcome {
  const world = new World(plan, trace && new Trace(trace));
  world.run();
  return world.outcome;
}

/** Every rule held, and every reading is accounted for. */
export function assertHeld(outcome: Outcome): void {
  const { seed, violation, events } = outcome;
  assert.equal(violation, undefined, `seed ${seed} at event ${events}: ${violation}`);
  assert.equal(outcome.verdict, 'OK');
  assert.ok(outcome.accepted > 0, `seed ${seed} accepted nothing`);
  assert.ok(outcome.delivered <= outcome.accepted);
  assert.ok(outcome.delivered + outcome.dropped >= outcome.accepted, `seed ${seed} lost some`);
}
