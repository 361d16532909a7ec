/**
 * Runs certificates of hostile sizes in the XS engine with the smallest board's heap:
 *
 *   npx tsx tests/xs/hostile-certificates.ts [count, 10000 where it is not given]
 */

import { buildHost } from './host-build.ts';
import { importGraph, moduleAt, type PackModule, reached } from './pack.ts';
import { type Outcome, runHost } from './run-host.ts';
import { smallestBoard } from './smallest-board.ts';

const driver = 'tests/xs/hostile-certificates-driver.ts';

/** The outcome's output: a verdict and how often it came, a line each. */
export async function runHostile(from: number, count: number): Promise<Outcome> {
  const graph = await importGraph([driver]);
  const modules = await Promise.all(reached(graph, driver).map((path) => moduleAt(path, true)));
  const main: PackModule = {
    name: 'main',
    isPreloaded: false,
    source: `import { judgeHostile } from ${JSON.stringify(driver)};
      for (const [verdict, times] of judgeHostile(${from}, ${count})) print(times + ' ' + verdict);
      print('stack ' + engine.stackPeak() + ', collections ' + engine.collections());`,
  };
  const { kind, args } = await smallestBoard();
  return runHost(await buildHost(kind), [...modules, main], args);
}

if (process.argv[1]?.endsWith('hostile-certificates.ts')) {
  const count = Number(process.argv[2] ?? 10_000);
  /** As many as a run of the engine may take. */
  const step = 1000;
  for (let from = 0; from < count; from += step) {
    const { code, stdout, stderr } = await runHostile(from, Math.min(step, count - from));
    process.stdout.write(`${from}: exit code ${code}\n${stdout}${stderr}`);
    if (code !== 0) process.exitCode = 1;
  }
}
