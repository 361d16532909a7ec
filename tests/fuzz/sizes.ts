/**
 * Inputs of hostile sizes for each reader of outside bytes, in the XS engine with the smallest
 * board's heap and stack:
 *
 *   npx tsx tests/fuzz/sizes.ts [--only NAME] [count of each, 10000 where it is not given]
 */

import { parseArgs } from 'node:util';
import { buildHost } from '../xs/host-build.ts';
import { importGraph, moduleAt, type PackModule, reached } from '../xs/pack.ts';
import { pageResources } from '../xs/page-resources.ts';
import { type Outcome, runHost } from '../xs/run-host.ts';
import { smallestBoard } from '../xs/smallest-board.ts';
import { READERS } from './sizes-readers.ts';

const driver = 'tests/fuzz/sizes-readers.ts';
const writer = 'tests/fuzz/sizes-writer.ts';
const portal = 'tests/fuzz/sizes-portal.ts';
/** As many as a run of the engine may take. */
const STEP = 1000;
export const READER_NAMES: readonly string[] = Object.freeze([...Object.keys(READERS), 'portal']);

/** What these readers make of inputs of these seeds; the portal goes alone. */
export async function runSizes(
  names: readonly string[],
  from: number,
  count: number,
): Promise<Outcome> {
  if (names.includes('portal')) return runPortal(from, count);
  const graph = await importGraph([driver, writer]);
  const paths = [...new Set([...reached(graph, writer), ...reached(graph, driver)])];
  const modules = await Promise.all(paths.map((path) => moduleAt(path, true)));
  const main: PackModule = {
    name: 'main',
    isPreloaded: false,
    source: `import { readHostile } from ${JSON.stringify(driver)};
      import { SizesWriter } from ${JSON.stringify(writer)};
      const writer = new SizesWriter();
      for (const name of ${JSON.stringify(names)}) {
        print('reading ' + name);
        for (const line of readHostile(name, writer, ${from}, ${count})) print(name + ': ' + line);
      }`,
  };
  const { kind, args } = await smallestBoard();
  return runHost(await buildHost(kind), [...modules, main], args);
}

/** Forms that are posted to a whole board, which then shows what was typed. */
async function runPortal(from: number, count: number): Promise<Outcome> {
  const modules = await Promise.all(
    reached(await importGraph([portal]), portal).map((path) => moduleAt(path, true)),
  );
  const main: PackModule = {
    name: 'main',
    isPreloaded: false,
    source: `import { postHostile } from ${JSON.stringify(portal)};
      import { resources } from 'page resources';
      print('reading portal');
      for (const line of postHostile(resources, ${from}, ${count})) print('portal: ' + line);`,
  };
  const { kind, args } = await smallestBoard();
  return runHost(await buildHost(kind), [pageResources(), ...modules, main], args);
}

async function main(): Promise<void> {
  const options = { only: { type: 'string', multiple: true } } as const;
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  const count = Number(positionals[0] ?? 10_000);
  for (const name of values.only ?? READER_NAMES) {
    for (let from = 0; from < count; from += STEP) {
      const run = await runSizes([name], from, Math.min(STEP, count - from));
      process.stdout.write(`${from}: exit code ${run.code}\n${run.stdout}${run.stderr}`);
      if (run.code !== 0) process.exitCode = 1;
    }
  }
}

if (process.argv[1]?.endsWith('sizes.ts')) await main();
