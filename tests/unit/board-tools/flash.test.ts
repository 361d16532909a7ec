/** `npm run flash` and `npm run check:esp32` as people call them, with tools that only take notes. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { mcconfigArguments, parseFlash } from '../../../host-sim/board/flash-options.ts';
import { findSdk, missingIdf } from '../../../host-sim/board/sdk.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'mote-tools-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const moddable = join(folder, 'moddable');
const idf = join(folder, 'idf');
const bin = join(folder, 'bin');
const notes = join(folder, 'notes');
put(join(moddable, 'examples', 'manifest_base.json'), '{}');
put(join(idf, 'tools', 'cmake', 'version.cmake'), 'set(IDF_VERSION_MAJOR 6)\n');

function put(path: string, text: string, mode = 0o644): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text, { mode });
}

/** A tool that notes how it was called. */
function tool(name: string, script: string): void {
  put(join(bin, name), `#!/bin/sh\n${script}\n`, 0o755);
}

tool('tsc', 'echo Version 6.0.1');
tool('idf.py', 'exit 0');
tool('mcconfig', `echo "$UPLOAD_PORT|$PWD|$*" >> ${notes}`);

interface Ending {
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
}

/** @param env variables that are set otherwise, or not at all */
function run(script: string, argv: string[], env: Record<string, string | undefined> = {}): Ending {
  const PATH = `${bin}:${dirname(process.execPath)}:/usr/bin:/bin`;
  const result = spawnSync(
    process.execPath,
    ['--import', 'tsx', join(root, 'host-sim', 'board', script), ...argv],
    {
      cwd: root,
      encoding: 'utf8',
      env: { PATH, HOME: folder, MODDABLE: moddable, IDF_PATH: idf, ...env },
    },
  );
  return { status: result.status, out: result.stdout, err: result.stderr };
}

test('a build is mcconfig for the board, with the port, in the project’s folder', () => {
  const { status, err } = run('flash.ts', ['--board', 'esp32c3', '--port', '/dev/ttyUSB7']);
  assert.equal(status, 0, err);
  const [port, cwd, argv] = readFileSync(notes, 'utf8').trim().split('|');
  assert.equal(port, '/dev/ttyUSB7');
  assert.equal(join(cwd, '/'), root);
  assert.match(argv, /^-m -p esp32\/esp32c3 -o .*build.board manifest\.json$/);
});

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
    const PATH = path(bin, '/usr/bin', '/bin');
    const sdk = findSdk({ PATH, MODDABLE: moddable, IDF_PATH: idf, ...env });
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

test('what is missing ends the command with exit code 1, before anything is built', () => {
  const { status, out, err } = run('flash.ts', [], { IDF_PATH: undefined });
  assert.equal(status, 1);
  assert.match(err, /^mote: IDF_PATH is not set.*\n$/);
  assert.equal(out, '');
});

test('bad options are one line and exit code 2; help needs no SDK', () => {
  for (const argv of [['--bord', 'x'], ['x'], ['--port'], ['--port='], ['--debug=1']]) {
    const parsed = parseFlash(argv);
    assert.ok(parsed.kind === 'problem' && !parsed.line.includes('\n'), argv.join(' '));
  }
  const { status, err, out } = run('flash.ts', ['--board', 'uno']);
  assert.equal(status, 2);
  const known = 'nodemcu, esp32c3, esp32s3';
  assert.equal(err, `mote: --board 'uno' is not known; expected one of ${known}\n`);
  assert.equal(out, '');
  const help = run('flash.ts', ['--help'], { MODDABLE: undefined });
  assert.equal(help.status, 0);
  assert.match(help.out, /--board NAME {7}nodemcu, esp32c3, esp32s3/);
});

test('a debug build has the log of the debugger; --build-only flashes nothing', () => {
  const of = (...argv: string[]) => {
    const parsed = parseFlash(argv);
    assert.equal(parsed.kind, 'run');
    return parsed.kind === 'run' ? mcconfigArguments(parsed.options, 'out').join(' ') : '';
  };
  assert.equal(of('--debug'), '-dl -m -p esp32/nodemcu -o out manifest.json');
  assert.equal(of('--build-only'), '-m -t build -p esp32/nodemcu -o out manifest.json');
  assert.equal(of('--board', 'esp32/esp32s3'), '-m -p esp32/esp32s3 -o out manifest.json');
});

test('without the SDK the check for boards is skipped with the reason, unless it is required', () => {
  const env = { MODDABLE: undefined };
  const skipped = run('check.ts', [], env);
  assert.equal(skipped.status, 0);
  assert.match(skipped.out, /^check:esp32 skipped: MODDABLE is not set.*\n$/);
  const required = run('check.ts', [], { ...env, MOTE_REQUIRE: 'esp32' });
  assert.equal(required.status, 1);
  assert.match(required.out, /^check:esp32 failed: MODDABLE is not set.*\n$/);
});
