/**
 * `npm run sim`: the deterministic world from the command line.
 *
 * Exit codes: 0 every rule held, 1 one was broken, 2 bad options or scenario, 130 interrupted.
 */

import { endWithReader } from './cli/arguments.ts';
import { SIM_HELP } from './cli/sim-help.ts';
import { parseSim } from './cli/sim-options.ts';
import { readScenario } from './cli/sim-scenarios.ts';
import { Sweep } from './seeds/sweep.ts';
import { ScenarioProblem } from './virtual/world/scenario.ts';

async function main(argv: readonly string[]): Promise<number> {
  endWithReader();
  const parsed = parseSim(argv);
  if (parsed.kind === 'help') {
    process.stdout.write(SIM_HELP);
    return 0;
  }
  if (parsed.kind === 'problem') return refuse(parsed.line);
  const name = parsed.options.scenario;
  let sweep: Sweep;
  try {
    const scenario = name === undefined ? undefined : readScenario(name);
    sweep = new Sweep({ argv, scenario });
  } catch (error) {
    if (error instanceof ScenarioProblem) return refuse(error.message);
    throw error;
  }
  return sweep.run();
}

function refuse(line: string): number {
  process.stderr.write(`${line}\n`);
  return 2;
}

process.exitCode = await main(process.argv.slice(2));
