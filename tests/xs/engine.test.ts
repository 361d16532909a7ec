/**
 * The engine-neutral tests again, in XS: the same engine, heap layout and String semantics as the
 * board's, with the firmware frozen as the board's linker freezes it.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildHost, missingHost, usualKind } from './host-build.ts';
import { neutralTests, shims } from './neutral.ts';
import { type Graph, moduleAt, type PackModule, reached } from './pack.ts';
import { runHost } from './run-host.ts';

/** Prints the verdict lines that `verdictOf` reads. */
const runner: PackModule = {
  name: 'run-all',
  source: "import { runAll } from 'node:test'; await runAll();",
  isPreloaded: false,
};

/** To be imported right after a test file: fails where that declared no test. */
function endOf(path: string): PackModule {
  const source = `import { endFile } from 'node:test'; endFile(${JSON.stringify(path)});`;
  return { name: `end of ${path}`, source, isPreloaded: false };
}

/** Test files in one machine: making one, and freezing the firmware in it, takes half a second. */
const FILES_MAX = 8;

function standIns(): Promise<PackModule[]> {
  const globals = moduleAt('tests/xs/shims/text-coding.ts', false);
  const named = Object.entries(shims).map(([name, path]) => moduleAt(path, false, name));
  return Promise.all([globals, ...named]);
}

async function packFor(graph: Graph, files: readonly string[]): Promise<PackModule[]> {
  const paths = [...new Set(files.flatMap((file) => reached(graph, file)))];
  const isFirmware = (path: string) => path.startsWith('firmware/');
  const firmware = paths.filter(isFirmware).map((path) => moduleAt(path, true));
  const rest = paths
    .filter((path) => !isFirmware(path))
    .map(async (path) => {
      const module = await moduleAt(path, false);
      return files.includes(path) ? [module, endOf(path)] : [module];
    });
  return [
    ...(await Promise.all(firmware)),
    ...(await standIns()),
    ...(await Promise.all(rest)).flat(),
    runner,
  ];
}

/** The number of tests that ran. @throws AssertionError that shows those that failed. */
function verdictOf(stdout: string, stderr: string): number {
  const failures = stdout
    .split(/^(?=ok |not ok |ran )/m)
    .filter((part) => part.startsWith('not ok '));
  assert.equal(failures.join('') + stderr, '');
  const count = Number(stdout.match(/^ran (\d+), failed 0$/m)?.[1] ?? 0);
  assert.ok(count > 0, `no test ran: ${stdout}`);
  return count;
}

/** The usual build first; only a file that fails pays for the slower one that knows line numbers. */
async function verdict(modules: readonly PackModule[]): Promise<number> {
  const usual = await buildHost(await usualKind());
  const { code, stdout, stderr } = await runHost(usual, modules, ['--roomy']);
  if (code === 0) return verdictOf(stdout, stderr);
  const again = await runHost(await buildHost('test'), modules, ['--roomy']);
  return verdictOf(again.stdout, again.stderr);
}

const reason = await missingHost('release');

test('a failing test fails in XS too, with its title and its line', { skip: reason }, async () => {
  const source =
    "import { test } from 'node:test'; import assert from 'node:assert/strict';" +
    "test('one and one is three', () => assert.equal(1 + 1, 3)); test('fine', () => {});";
  const failing: PackModule = { name: 'failing', source, isPreloaded: false };
  await assert.rejects(
    verdict([...(await standIns()), failing, runner]),
    /one and one is three[\s\S]*2 is not 3/,
  );
});

test('a file without a test fails in XS, also beside one that has some', {
  skip: reason,
}, async () => {
  const test = "import { test } from 'node:test'; for (const name of";
  const full: PackModule = {
    name: 'full',
    source: `${test} ['fine']) test(name, () => {});`,
    isPreloaded: false,
  };
  const empty = { ...full, name: 'empty', source: `${test} []) test(name, () => {});` };
  const both = [full, endOf('full'), empty, endOf('empty')];
  await assert.rejects(verdict([...(await standIns()), ...both, runner]), /no test is in empty/);
});

test('the engine-neutral tests pass in XS as they do in Node', { skip: reason }, async (t) => {
  await buildHost(await usualKind());
  const { graph, files, heldBack } = await neutralTests();
  assert.ok(files.length > 5, 'the selection found too few test files');
  let count = 0;
  for (let i = 0; i < files.length; i += FILES_MAX) {
    const some = files.slice(i, i + FILES_MAX);
    await t.test(`${some[0]} to ${some.at(-1)} pass in XS`, async () => {
      count += await verdict(await packFor(graph, some));
    });
  }
  t.diagnostic(
    `${count} tests of ${files.length} files ran in XS; ${heldBack.size} files need Node`,
  );
});
