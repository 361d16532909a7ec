/** One seed, from what the command line says to what came of it, in this thread. */

import { parseSim, type SimOptions } from '../cli/sim-options.ts';
import { planOf } from '../cli/sim-plan.ts';
import type { SeedResult } from '../cli/sim-report.ts';
import { loadScenario, type Scenario } from '../virtual/world/scenario.ts';
import type { Trace } from '../virtual/world/trace.ts';
import { World } from '../virtual/world/world.ts';

/** Between two looks at the wall clock, for progress. */
const EVENTS_AT_ONCE = 20_000;

/** What decides how a seed runs, in a form that goes to another thread. */
export interface Work {
  /** The arguments of `npm run sim`. */
  readonly argv: readonly string[];
  /** The contents of the scenario file; undefined without `--scenario`. */
  readonly scenario: unknown;
}

/** The same, read. */
export interface Setting {
  readonly options: SimOptions;
  readonly scenario: Scenario | undefined;
}

/** @throws Error for arguments that `npm run sim` refuses, ScenarioProblem for such a scenario */
export function settingOf({ argv, scenario }: Work): Setting {
  const parsed = parseSim(argv);
  if (parsed.kind !== 'run') throw new Error(`no arguments to run a seed with: ${argv.join(' ')}`);
  const { options } = parsed;
  if (options.scenario === undefined) return { options, scenario: undefined };
  return { options, scenario: loadScenario(scenario, options.scenario) };
}

/**
 * Runs a seed to its end, or to `--until`. What the simulator itself throws is an answer, too.
 * @param goOn is told now and then which part of the seed is done, 0 to 1; false gives the seed up
 * @returns undefined where it was given up
 */
export async function runSeed(
  seed: number,
  { options, scenario }: Setting,
  goOn: (part: number) => Promise<boolean> | boolean,
  trace?: Trace,
): Promise<SeedResult | undefined> {
  const startedAt = performance.now();
  const { until } = options;
  try {
    const plan = planOf(seed, options, scenario);
    const world = new World(plan, trace);
    while (!world.isOver && world.queue.executed < until) {
      world.run(Math.min(until, world.queue.executed + EVENTS_AT_ONCE));
      if (!(await goOn(world.queue.now / plan.durationMs))) return undefined;
    }
    scenario?.check(world);
    return { seed, outcome: world.outcome, seconds: (performance.now() - startedAt) / 1000 };
  } catch (error) {
    return { seed, why: `${error}`, cause: error };
  }
}
