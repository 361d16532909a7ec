/**
 * Inputs of hostile sizes for each reader of outside bytes, in the XS engine with the smallest
 * board's heap and stack:
 *
 *   npm run fuzz:sizes -- --help
 */

import { parseArgs } from 'node:util';
import { buildHost } from '../xs/host-build.ts';
import { importGraph, moduleAt, type PackModule, reached } from '../xs/pack.ts';
import { pageResources } from '../xs/page-resources.ts';
import { platformModules } from '../xs/platform.ts';
import { exitCodes, type Outcome, runHost } from '../xs/run-host.ts';
import { smallestBoard } from '../xs/smallest-board.ts';
import { READERS } from './sizes-readers.ts';

const driver = 'tests/fuzz/sizes-readers.ts';
const writer = 'tests/fuzz/sizes-writer.ts';
const portal = 'tests/fuzz/sizes-portal.ts';
/** As many as a run of the engine may take. */
const STEP = 1000;
/** Steps of the engine's meter that one input may take: a second or so on a board. */
const METER_MAX = 25_000_000;
/** Slots that readers may take; the smallest board has 640, some for its callbacks. */
const STACK_MAX = 540;
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

/** What is wrong with a run of these readers; undefined where nothing is. */
export function faultOf(names: readonly string[], { code, stdout, stderr }: Outcome) {
  if (code !== exitCodes.ok || stderr !== '') return `exit code ${code}: ${stdout}${stderr}`;
  for (const name of names) {
    const line = new RegExp(`^${name}: most (\\d+) at \\d+, stack (\\d+)`, 'm').exec(stdout);
    if (line === null) return `${name} told nothing: ${stdout}`;
    if (Number(line[1]) > METER_MAX || Number(line[2]) > STACK_MAX) return line[0];
  }
  return undefined;
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
  const platform = [pageResources(), ...(await platformModules())];
  return runHost(await buildHost(kind), [...platform, ...modules, main], args);
}

const OPTIONS = Object.freeze({
  only: { type: 'string', multiple: true },
  help: { type: 'boolean', short: 'h' },
} as const);
const HELP = `usage: npm run fuzz:sizes -- [options] [count]
  count           inputs for each reader, 1 to 10000000 (default 10000)
  --only NAME     may be given several times; else each in turn:
                  ${READER_NAMES.join(' ')}
  -h, --help
Runs in the XS engine with the smallest board's heap and stack. Exit code 1 when one ended it.`;

function refuse(words: string): never {
  console.error(words);
  process.exit(2);
}

function commandLine() {
  try {
    return parseArgs({ options: OPTIONS, allowPositionals: true });
  } catch (error) {
    return refuse((error as Error).message.split('. ')[0]);
  }
}

async function main(): Promise<void> {
  const { values, positionals } = commandLine();
  if (values.help) {
    console.log(HELP);
    return;
  }
  const [text = '10000', ...more] = positionals;
  const names = values.only ?? READER_NAMES;
  const unknown = names.find((name) => !READER_NAMES.includes(name));
  if (unknown !== undefined) refuse(`there is no reader ${unknown}: ${READER_NAMES.join(' ')}`);
  if (more.length > 0 || !/^[1-9][0-9]{0,6}$|^10000000$/.test(text)) {
    refuse('the count must be one whole number, 1 to 10000000');
  }
  const count = Number(text);
  for (const name of names) {
    for (let from = 0; from < count; from += STEP) {
      const outcome = await runSizes([name], from, Math.min(STEP, count - from));
      const fault = faultOf([name], outcome);
      const most = /most .*/.exec(outcome.stdout)?.[0];
      console.log(`${name} from ${from}: ${fault ?? most}`);
      if (fault !== undefined) process.exitCode = 1;
    }
  }
}

if (process.argv[1]?.endsWith('sizes.ts')) await main();
