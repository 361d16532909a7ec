/**
 * The test runner behind `npm run test:node`: every `*.test.ts` below `tests/`, each file in its
 * own process (or with others that use nothing of the system), as many at a time as the cores keep
 * busy, reported as Node's spec reporter does.
 *
 * It exits non-zero when a test failed, and also when there was none to run: a filter or a moved
 * folder must not look like success. A file that hangs is ended and counts as failed.
 */

import { readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, relative } from 'node:path';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { compileTests } from './compile.ts';

const folder = fileURLToPath(new URL('.', import.meta.url));
const root = join(folder, '..');
const fileMsMax = 900_000;
/** Two more than there are cores: about two of those at the start wait for a browser or a broker. */
const processesMax = availableParallelism() + 2;
/** The longest first, and those that compute between those that wait. */
const LONG = Object.freeze([
  ...['xs/engine', 'interop/reach', 'interop/start.', 'interop/remote-settings', 'xs/bundle'],
  ...['browser/page.', 'esp32-tools/flash', 'interop/set-up', 'xs/host.', 'interop/state'],
  ...['simulation/seeds', 'interop/fall-back', 'simulation/sweep', 'browser/', 'fuzz/sizes'],
  ...['simulation/scenarios', 'interop/sign-in', 'simulation/regressions', 'interop/payloads'],
  ...['simulation/power-cut', 'interop/', 'simulation/command', 'simulation/soak', 'simulation/'],
  ...['fuzz/', 'properties/', 'payloads/'],
]);
const help = `usage: npm run test:node -- [options]
  --only <text>   only test files whose path contains this; may be given several times
  --list          print the files and run nothing
  --help`;

/** Reads the command line. Ends the process with one line on bad input. */
function options() {
  try {
    const { values } = parseArgs({
      options: {
        only: { type: 'string', multiple: true },
        list: { type: 'boolean' },
        help: { type: 'boolean' },
      },
    });
    return values;
  } catch (error) {
    console.error(`${(error as Error).message.split('. ')[0]} (accepted: --only, --list, --help)`);
    process.exit(2);
  }
}

/** All test files that match, as absolute paths in a fixed order. */
function testFiles(only: readonly string[]): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((path) => join(folder, path))
    .filter((path) => path.endsWith('.test.ts'))
    .filter((path) => only.length === 0 || only.some((part) => relative(root, path).includes(part)))
    .sort((a, b) => weightOf(b) - weightOf(a) || (a < b ? -1 : 1));
}

/** The longest first: what comes last would run alone. */
function weightOf(path: string): number {
  const at = LONG.findIndex((part) => relative(root, path).includes(part));
  return at < 0 ? 0 : LONG.length - at;
}

/** What the events of a run tell of a test, or of a suite of tests. */
interface Outcome {
  readonly name: string;
  readonly file?: string;
  readonly skip?: string | boolean;
  readonly details: { readonly type?: string };
}

/** Runs the files and sets the exit code. */
async function runFiles(sources: readonly string[]): Promise<void> {
  const files = await compileTests(root, sources, (path) => weightOf(path) > 0);
  // Types are stripped: the tests need nothing but the lines of their sources.
  process.execArgv.splice(0, process.execArgv.length, '--enable-source-maps');
  // A test tells the source that declared it, also where several sources share a process.
  const silent = new Set(sources);
  const skipped = new Map<string, number>();
  const count = ({ name, file, skip, details }: Outcome) => {
    // A process in which no test was declared reports itself, under its own path.
    if (files.includes(name) || (details.type === 'suite' && skip === undefined)) return;
    silent.delete(file ?? '');
    if (skip !== undefined) skipped.set(String(skip), (skipped.get(String(skip)) ?? 0) + 1);
  };
  const stream = run({ files, concurrency: processesMax, timeout: fileMsMax });
  stream.on('test:pass', count);
  stream.on('test:fail', (event) => {
    count(event);
    if (event.todo === undefined) process.exitCode = 1;
  });
  process.once('exit', () => {
    for (const [reason, times] of skipped) console.log(`${times} × ${reason}`);
    for (const source of silent) console.error(`no test ran in ${relative(root, source)}`);
    if (silent.size > 0) process.exitCode = 1;
  });
  stream.compose(new spec()).pipe(process.stdout);
}

const chosen = options();
const files = testFiles(chosen.only ?? []);
if (chosen.help === true) {
  console.log(help);
} else if (files.length === 0) {
  const filter =
    chosen.only === undefined ? '' : ` with a path that contains ${chosen.only.join(' or ')}`;
  console.error(`there is no test file${filter}`);
  process.exitCode = 1;
} else if (chosen.list === true) {
  for (const file of files) console.log(relative(root, file));
} else {
  await runFiles(files);
}
