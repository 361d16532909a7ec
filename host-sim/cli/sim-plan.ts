/** What a seed is run with, from what the command line or a scenario says. */

import { FAULT_KINDS } from '../virtual/world/fault-planner.ts';
import type { Scenario } from '../virtual/world/scenario.ts';
import type { WorldPlan } from '../virtual/world/world-plan.ts';
import type { SimOptions } from './sim-options.ts';

const DAY_MS = 86_400_000;
const INTERVAL_MS = 60_000;

/** The options that decide how a seed runs. */
export type Decisive = Partial<
  Pick<SimOptions, 'devices' | 'intervalMs' | 'durationMs' | 'faults' | 'alarms'>
>;

/** @param seed decides all that is not said */
export function planOf(seed: number, options: Decisive, scenario?: Scenario): WorldPlan {
  const { faults } = options;
  const isSwarm = faults === undefined && scenario === undefined;
  return {
    seed,
    devices: options.devices ?? scenario?.devices ?? 1,
    intervalMs: options.intervalMs ?? scenario?.intervalMs ?? INTERVAL_MS,
    durationMs: options.durationMs ?? scenario?.durationMs ?? DAY_MS,
    faults: faults ?? scenario?.faults ?? FAULT_KINDS,
    isSwarm,
    script: scenario?.script ?? [],
    // A scenario says all that happens in it.
    hasOperator: scenario === undefined,
    alarms: options.alarms ?? (isSwarm ? undefined : ''),
    hasOwner: scenario === undefined,
    flashBlocks: scenario?.flashBlocks,
    keepAliveS: scenario?.keepAliveS,
    windowMax: scenario?.windowMax,
  };
}
