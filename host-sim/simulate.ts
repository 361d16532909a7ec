/**
 * `npm run sim`: the deterministic world from the command line.
 *
 * Exit codes: 0 every rule held, 1 one was broken, 2 bad options or scenario.
 */

import { endWithReader } from './arguments.ts';
import { SIM_HELP } from './sim-help.ts';
import { parseSim, type SimOptions } from './sim-options.ts';
import { planOf } from './sim-plan.ts';
import { jsonOf, Progress, reportOf, shortOf, type Timed, totalsOf } from './sim-report.ts';
import { readScenario } from './sim-scenarios.ts';
import { loadScenario, type Scenario, ScenarioProblem } from './virtual/world/scenario.ts';
import { type TraceLine, World } from './virtual/world/world.ts';

/** Between two looks at the wall clock, for progress. */
const EVENTS_AT_ONCE = 20_000;

function main(argv: readonly string[]): number {
  endWithReader();
  const parsed = parseSim(argv);
  if (parsed.kind === 'help') {
    process.stdout.write(SIM_HELP);
    return 0;
  }
  if (parsed.kind === 'problem') return refuse(parsed.line);
  const { options } = parsed;
  let scenario: Scenario | undefined;
  try {
    if (options.scenario !== undefined) {
      scenario = loadScenario(readScenario(options.scenario), options.scenario);
    }
  } catch (error) {
    if (error instanceof ScenarioProblem) return refuse(error.message);
    throw error;
  }
  return sweep(options, scenario);
}

function refuse(line: string): number {
  process.stderr.write(`${line}\n`);
  return 2;
}

function sweep(options: SimOptions, scenario: Scenario | undefined): number {
  const [first, last] = options.seeds;
  const progress = new Progress(process.stderr, last - first + 1);
  const runs: Timed[] = [];
  for (let seed = first; seed <= last; seed += 1) {
    const timed = runSeed(seed, options, scenario, progress);
    progress.clear();
    runs.push(timed);
    if (!options.isSweep) {
      process.stdout.write(options.json ? jsonOf(timed) : reportOf(timed));
    } else if (timed.outcome.verdict !== 'OK') {
      process.stdout.write(options.json ? jsonOf(timed) : shortOf(timed));
    }
  }
  if (options.isSweep) process.stdout.write(totalsOf(runs, options.json));
  return runs.every(({ outcome }) => outcome.verdict === 'OK') ? 0 : 1;
}

function runSeed(
  seed: number,
  options: SimOptions,
  scenario: Scenario | undefined,
  progress: Progress,
): Timed {
  const plan = planOf(seed, options, scenario);
  const startedAt = performance.now();
  const world = new World(plan, options.trace ? traceLine : undefined);
  while (!world.isOver && world.queue.executed < options.until) {
    world.run(Math.min(options.until, world.queue.executed + EVENTS_AT_ONCE));
    progress.show(seed, world.queue.now / plan.durationMs);
  }
  scenario?.check(world);
  const { outcome } = world;
  return {
    outcome,
    seconds: (performance.now() - startedAt) / 1000,
    reproduce: `npm run sim -- --seed ${seed}${options.given} --until ${outcome.events}`,
  };
}

const traceLine: TraceLine = (timeMs, events, what, text) => {
  const seconds = (timeMs / 1000).toFixed(3).padStart(12);
  process.stdout.write(`${seconds} s ${String(events).padStart(8)}  ${what}  ${text}\n`);
};

process.exitCode = main(process.argv.slice(2));
