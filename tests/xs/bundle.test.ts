/** The bundle that a release build flashes, in XS, with the heap of a board. */
import assert from 'node:assert/strict';
import { SourceMap } from 'node:module';
import { test } from 'node:test';
import { BUNDLE, bundleFirmware } from '../../host-sim/esp32-tools/bundle.ts';
import { buildHost, missingHost, usualKind } from './host-build.ts';
import { importGraph, moduleAt, type PackModule, reached } from './pack.ts';
import { platformModules } from './platform.ts';
import { exitCodes, runHost } from './run-host.ts';

const DRIVER = 'tests/xs/bundle-driver.ts';
const MOTE = 'firmware/mote/mote.ts';
const { code, map } = await bundleFirmware();
const reason = await missingHost('release');

/** A module of the SDK as the bundle imports it: it can be extended, and does nothing. */
function standIn(name: string, names: ReadonlySet<string>): PackModule {
  const source = [...names].map((each) =>
    each === 'default' ? 'export default class {}' : `export const ${each} = undefined;`,
  );
  return { name, source: source.join('\n'), isPreloaded: true };
}

/** What the bundle imports, by module. */
function importsOf(text: string): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  for (const [, clause, name] of text.matchAll(/^import ([^;]+?) from ?"([^"]+)"/gm)) {
    const names = found.get(name) ?? new Set();
    const inBraces = /\{([^}]*)\}/.exec(clause)?.[1] ?? '';
    if (/^[\w$]/.test(clause)) names.add('default');
    for (const each of inBraces.split(',')) {
      const [imported] = each.trim().split(' as ');
      if (imported !== '') names.add(imported);
    }
    found.set(name, names);
  }
  return found;
}

async function pack(): Promise<PackModule[]> {
  const paths = reached(await importGraph([DRIVER]), DRIVER);
  const modules = paths.map((path) => {
    if (path !== MOTE) return moduleAt(path, path !== DRIVER && path.startsWith('firmware/'));
    return { name: MOTE, source: `export { Mote } from '${BUNDLE}';`, isPreloaded: true };
  });
  const platform = await platformModules();
  const isThere = (name: string) => platform.some((module) => module.name === name);
  const sdk = [...importsOf(code)].filter(([name]) => !isThere(name));
  return [
    ...platform,
    ...sdk.map(([name, names]) => standIn(name, names)),
    { name: BUNDLE, source: code, isPreloaded: true },
    ...(await Promise.all(modules)),
  ];
}

test('the bundle imports nothing but the SDK', () => {
  const names = [...importsOf(code).keys()];
  assert.ok(names.includes('embedded:io/socket/tcp') && names.includes('mc/ffi'));
  assert.deepEqual(
    names.filter((name) => name.startsWith('.') || name.startsWith('node:')),
    [],
  );
});

test('passwords are proven by a bundle that was asked for with that, and by no other', async () => {
  const withProof = await bundleFirmware({ scram: true });
  assert.ok(!code.includes('Client Key') && withProof.code.includes('Client Key'));
  assert.deepEqual(
    [...importsOf(withProof.code).keys()].sort(),
    [...importsOf(code).keys()].sort(),
  );
});

test('no statement begins with a regular expression, which the engine does not take', () => {
  assert.deepEqual(code.match(/[;{}:]\n\/[^/*].*/g), null);
});

test('the board of the bundle works for two hours in XS, and loses no reading', {
  skip: reason,
}, async () => {
  const host = await buildHost(await usualKind());
  const { code, stdout, stderr } = await runHost(host, await pack());
  assert.equal(code, exitCodes.ok, stdout + stderr);
  const [accepted, acknowledged, dropped, connects] = stdout.trim().split(' ').map(Number);
  assert.ok(accepted > 700, stdout);
  assert.ok(acknowledged >= accepted - 1, stdout);
  assert.deepEqual([dropped, connects], [0, 3]);
});

test('a line of the bundle leads to its source', () => {
  const lines = code.split('\n');
  const line = lines.findIndex((text) => text.includes('the settings could not be stored'));
  const entry = new SourceMap(JSON.parse(map)).findEntry(line, 999);
  assert.ok(
    'originalSource' in entry && /(config\/store|mote\/settings)\.ts$/.test(entry.originalSource),
  );
});
