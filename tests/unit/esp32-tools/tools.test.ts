/** What is looked for before a build, and the options of the board's commands. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { mcconfigArguments, parseFlash } from '../../../host-sim/esp32-tools/flash-options.ts';
import { findSdk, missingIdf } from '../../../host-sim/esp32-tools/sdk.ts';
import { standInSdk } from '../../support/stand-in-sdk.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'mote-tools-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const { environment } = standInSdk(folder);
const bin = join(folder, 'bin');

function put(path: string, text: string, mode = 0o644): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text, { mode });
}

test('what is missing is one line that says what to run', () => {
  const path = (...folders: string[]) => [...folders, dirname(process.execPath)].join(':');
  const old = join(folder, 'old');
  put(join(old, 'tsc'), '#!/bin/sh\necho Version 5.9.2\n', 0o755);
  const idf5 = join(folder, 'idf5');
  put(join(idf5, 'tools', 'cmake', 'version.cmake'), 'set(IDF_VERSION_MAJOR 5)\n');
  const noIdf = join(folder, 'no-idf');
  for (const name of ['tsc', 'mcconfig']) {
    put(join(noIdf, name), readFileSync(join(bin, name), 'utf8'), 0o755);
  }
  const missingIn = (env: Record<string, string | undefined>): string | undefined => {
    const sdk = findSdk({ ...environment, PATH: path(bin, '/usr/bin', '/bin'), ...env });
    return typeof sdk === 'string' ? sdk : missingIdf(sdk);
  };
  assert.equal(missingIn({}), undefined);
  const cases: [Record<string, string | undefined>, RegExp][] = [
    [{ MODDABLE: undefined }, /MODDABLE is not set.*run: npx xs-dev setup$/],
    [{ MODDABLE: folder }, /no Moddable SDK is there; run: npx xs-dev setup$/],
    [{ PATH: path('/usr/bin', '/bin') }, /mcconfig is not on the PATH.*run: npx xs-dev setup$/],
    [{ PATH: path(old, bin, '/usr/bin', '/bin') }, /tsc 6 .*version 5 was found; run: npm ci$/],
    [{ IDF_PATH: undefined }, /IDF_PATH is not set.*run: npx xs-dev setup --device esp32$/],
    [{ IDF_PATH: folder }, /no ESP-IDF is there; v6.0 is needed; run: npx xs-dev setup --dev/],
    [{ IDF_PATH: idf5 }, /that is version 5; v6.0 is needed; run: npx xs-dev setup --device/],
    [
      { PATH: path(noIdf, '/usr/bin', '/bin') },
      /idf.py is not on the PATH; run: \. ".*export.sh"$/,
    ],
  ];
  for (const [env, expected] of cases) {
    const line = missingIn(env) ?? '';
    assert.match(line, expected);
    assert.equal(line.includes('\n'), false);
  }
});

const SCRAM_DEBUG = ['--scram', '--debug'];

test('bad options are one line', () => {
  for (const argv of [
    ['--bord', 'x'],
    ['x'],
    ['--port'],
    ['--port='],
    ['--debug=1'],
    SCRAM_DEBUG,
  ]) {
    const parsed = parseFlash(argv);
    assert.ok(parsed.kind === 'problem' && !parsed.line.includes('\n'), argv.join(' '));
  }
});

test('a debug build has the log of the debugger; a board is named with or without its family', () => {
  const paths = { manifest: 'm.json', output: 'out' };
  const of = (...argv: string[]) => {
    const parsed = parseFlash(argv);
    assert.equal(parsed.kind, 'run');
    return parsed.kind === 'run' ? mcconfigArguments(parsed.options, 'build', paths).join(' ') : '';
  };
  assert.equal(of('--debug'), '-dl -m -t build -p esp32/nodemcu -o out m.json');
  assert.equal(of('--board', 'esp32/esp32s3'), '-m -t build -p esp32/esp32s3 -o out m.json');
  assert.equal(of('--board', 'esp32c3'), '-m -t build -p esp32/esp32c3 -o out m.json');
});

test('without the SDK the check for boards is skipped with the reason, unless it is required', () => {
  const check = (env: Record<string, string | undefined>) =>
    spawnSync(process.execPath, ['--import', 'tsx', 'host-sim/esp32-tools/check.ts'], {
      cwd: root,
      encoding: 'utf8',
      env: { ...environment, MODDABLE: undefined, ...env },
    });
  const skipped = check({});
  assert.equal(skipped.status, 0);
  assert.match(skipped.stdout, /^check:esp32 skipped: MODDABLE is not set.*\n$/);
  const required = check({ MOTE_REQUIRE: 'esp32' });
  assert.equal(required.status, 1);
  assert.match(required.stdout, /^check:esp32 failed: MODDABLE is not set.*\n$/);
});
