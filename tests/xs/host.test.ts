/** The XS host itself: that it is the board's engine, and that nothing goes wrong silently in it. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { buildHost, type HostKind, missingHost, root, usualKind } from './host-build.ts';
import { importGraph, moduleAt, type PackModule, reached } from './pack.ts';
import { pageResources } from './page-resources.ts';
import { platformModules } from './platform.ts';
import { exitCodes, type Outcome, runHost } from './run-host.ts';
import { smallestBoard } from './smallest-board.ts';

const reason = await missingHost('release');
const usual = await usualKind();
const drivers = 'tests/bench/footprint';

function preloaded(name: string, source: string): PackModule {
  return { name, source, isPreloaded: true };
}

function driver(source: string): PackModule {
  return { name: 'driver', source, isPreloaded: false };
}

async function run(kind: HostKind, modules: PackModule[], args: string[] = []): Promise<Outcome> {
  return runHost(await buildHost(kind), modules, args);
}

async function printed(...modules: PackModule[]): Promise<string> {
  const { code, stdout, stderr } = await run(usual, modules);
  assert.equal(stderr, '');
  assert.equal(code, exitCodes.ok);
  return stdout.trim();
}

const constants = preloaded(
  'p/constants.js',
  `export const list = [1, 2]; export const frozen = Object.freeze({ a: 1 });
   export class Thing { #x = 1; bump() { return ++this.#x; } }
   export const bytes = new Uint8Array(4); export const map = new Map([['a', 1]]);`,
);

test('String.length counts code points, as on the board', { skip: reason }, async () => {
  assert.equal(await printed(constants, driver("print('a😀b'.length)")), '3');
});

test('what a preloaded module leaves behind is read-only', { skip: reason }, async () => {
  const source = `import { frozen, Thing, bytes, map } from 'p/constants.js';
    const attempt = (name, act) => { try { act(); print(name + ' written'); } catch { print(name); } };
    attempt('object', () => { frozen.a = 2; });
    attempt('class', () => { Thing.extra = 1; });
    attempt('prototype', () => { Thing.prototype.bump = 1; });
    attempt('bytes', () => { bytes[0] = 1; });
    attempt('map', () => { map.set('b', 2); });
    attempt('built-in', () => { Array.prototype.extra = 1; });
    print(new Thing().bump());`;
  assert.equal(
    await printed(constants, driver(source)),
    'object\nclass\nprototype\nbytes\nmap\nbuilt-in\n2',
  );
});

test('the counters of a run are the same from run to run', { skip: reason }, async () => {
  const source = `import { Thing } from 'p/constants.js';
    const thing = new Thing(); const before = engine.meter(); const slots = engine.slotsUsed();
    for (let i = 0; i < 100; i++) thing.bump();
    const meter = engine.meter() - before; const grown = engine.slotsUsed() - slots;
    print(meter + ' ' + grown + ' ' + engine.stackPeak());`;
  const first = await printed(constants, driver(source));
  assert.equal(await printed(constants, driver(source)), first);
  assert.match(first, /^[1-9]\d+ 0 [1-9]\d+$/);
});

test('reading a counter allocates nothing', { skip: reason }, async () => {
  const source = `const heap = () => engine.slotsUsed() * 1e6 + engine.chunkBytesUsed();
    const before = heap(); for (let i = 0; i < 50; i++) engine.meter(); print(heap() - before);`;
  assert.equal(await printed(constants, driver(source)), '0');
});

test('a heap that is too small ends with a code of its own', { skip: reason }, async () => {
  const hog = driver('const all = []; for (;;) all.push({ a: all });');
  const board = await run(usual, [constants, hog]);
  assert.equal(board.code, exitCodes.memoryFull);
  assert.match(board.stderr, /memory full/);
  const capped = await run(usual, [constants, hog], ['--static', '40000']);
  assert.equal(capped.code, exitCodes.memoryFull);
});

test('an uncaught exception and a rejection end with code 1', { skip: reason }, async () => {
  for (const source of ["throw new Error('boom')", "Promise.reject(new Error('boom'))"]) {
    const { code, stderr } = await run(usual, [constants, driver(source)]);
    assert.equal(code, exitCodes.failed);
    assert.match(stderr, /boom/);
  }
});

test('a stack trace names the line of the TypeScript source', { skip: reason }, async () => {
  const path = 'tests/xs/shims/node-assert.ts';
  const shim = await moduleAt(path, true);
  const source = `import assert from '${path}'; assert.fail('x');`;
  const { stderr } = await run('test', [shim, driver(source)]);
  const found = stderr.match(/at fail \(tests\/xs\/shims\/node-assert\.ts:(\d+)\)/);
  assert.ok(found !== null, stderr);
  const line = readFileSync(join(root, path), 'utf8').split('\n')[Number(found[1]) - 1];
  assert.match(line, /throw new AssertionError/);
});

test('a pack that is none is refused', { skip: reason }, async () => {
  const { code } = await run(usual, []);
  assert.equal(code, 2);
});

test("the board's native checksum is the one of base/crc32", { skip: reason }, async () => {
  const source = `import { crc32 } from 'firmware/base/crc32.ts';
    import { boardCrc32 } from 'firmware/esp32/crc32.ts'; import Native from 'mc/ffi';
    const native = boardCrc32(new Native()); let wrong = 0;
    const all = new Uint8Array(300).map((_, i) => i * i + (i >> 3)); const part = all.subarray(7);
    for (let end = 0; end < 90; end++) for (let start = 0; start <= end; start += 3) {
      if (native(all, start, end) !== crc32(all, start, end)) wrong++;
      if (native(part, start, end) !== crc32(part, start, end)) wrong++;
    }
    print(native(new Uint8Array([49, 50, 51, 52, 53, 54, 55, 56, 57]), 0, 9).toString(16) + wrong);`;
  const paths = ['firmware/base/crc32.ts', 'firmware/esp32/crc32.ts'];
  const modules = await Promise.all(paths.map((path) => moduleAt(path, true)));
  const all = [...(await platformModules()), ...modules, driver(source)];
  assert.equal(await printed(...all), 'cbf439260');
});

const lives = {
  'a device lives an hour': `${drivers}/heap-driver.ts`,
  'a device with three sensors, four rules and three detectors lives an hour': `${drivers}/rules-driver.ts`,
  'a device with three sensors, four rules and three detectors lives a day of faults': `${drivers}/day-driver.ts`,
  'a board is set up, with the largest form,': `${drivers}/set-up-driver.ts`,
};

for (const [life, lifeDriver] of Object.entries(lives)) {
  test(`${life} in the heap and the stack of the smallest board`, { skip: reason }, async (t) => {
    const paths = reached(await importGraph([lifeDriver]), lifeDriver);
    const isFirmware = (path: string) => path.startsWith('firmware/');
    const modules = await Promise.all(paths.map((path) => moduleAt(path, isFirmware(path))));
    const { kind, args } = await smallestBoard();
    const platform = [pageResources(), ...(await platformModules())];
    const { code, stdout, stderr } = await run(kind, [...platform, ...modules], args);
    assert.equal(stderr, '');
    assert.equal(code, exitCodes.ok, stdout);
    t.diagnostic(stdout.trim().split('\n').join('; '));
  });
}
