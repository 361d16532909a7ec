/** `npm run flash` as people call it in a fresh clone, with stand-ins for the SDK's programs. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, beforeEach, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { compile } from '../../compile.ts';
import { standInSdk } from '../../support/stand-in-sdk.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'mote-flash-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const sdk = standInSdk(join(folder, 'sdk'));

const clone = join(folder, 'clone');
for (const part of ['host-sim', 'firmware', 'manifest.json', 'package.json']) {
  cpSync(join(root, part), join(clone, part), { recursive: true });
}
symlinkSync(join(root, 'node_modules'), join(clone, 'node_modules'));
const [PROGRAM] = await compile(clone, [join(clone, 'host-sim', 'esp32-tools', 'flash.ts')]);
/** The bundle of JavaScript stays: to make it anew each time would take minutes. */
const output = join(clone, 'build', 'board');
beforeEach(() => rmSync(output, { recursive: true, force: true }));

interface Ending {
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
}

function run(program: string, argv: readonly string[], env = {}): Ending {
  const options = { cwd: clone, encoding: 'utf8', env: { ...sdk.environment, ...env } } as const;
  const result = spawnSync(program, argv, options);
  return { status: result.status, out: result.stdout, err: result.stderr };
}

/** What `npm run flash` runs. @param env variables that are set otherwise, or not at all */
function flash(argv: readonly string[], env: Record<string, string | undefined> = {}): Ending {
  return run(process.execPath, [PROGRAM, ...argv], env);
}

test('in a fresh clone a board is built, flashed, and its log shown', () => {
  sdk.behave('builds', 1_700_000);
  const { status, out, err } = run('npm', [
    ...['run', '--silent', 'flash', '--'],
    ...['--board', 'esp32c3', '--port', '/dev/ttyUSB7'],
  ]);
  assert.equal(status, 0, err);
  const rest = `esp32/esp32c3 release port=/dev/ttyUSB7 table=partitions.csv in=${clone}`;
  assert.deepEqual(sdk.calls(), [`build ${rest}`, `deploy ${rest}`, `xsbug ${rest}`]);
  const size = "the image takes 1,700,000 bytes of the slot's 1,900,544, 10 % are free";
  assert.ok(out.includes(`mote: esp32/esp32c3: ${size}\n`), out);
  assert.match(out, /set-up network Mote-1B2C\n$/);
});

test('--build-only flashes nothing', () => {
  sdk.behave('builds', 1_700_000);
  const { status, err } = flash(['--build-only']);
  assert.equal(status, 0, err);
  assert.match(sdk.calls().join('; '), /^build esp32\/nodemcu release [^;]*$/);
});

test('an image that its slot cannot hold is not flashed, with exit code 1 and the bytes', () => {
  for (const argv of [[], ['--build-only']]) {
    sdk.behave('builds', 1_900_545);
    const { status, err } = flash(argv);
    assert.equal(status, 1);
    const problem = 'the image takes 1,900,545 bytes, and its slot has 1,900,544: 1 too many';
    assert.equal(err, `mote: esp32/nodemcu: ${problem}; nothing was flashed\n`);
    assert.match(sdk.calls().join('; '), /^build [^;]*$/);
  }
  sdk.behave('builds', 1_900_544);
  assert.equal(flash(['--build-only']).status, 0);
  sdk.calls();
});

test('a debug build has a table of its own, with room for it, and is measured against that', () => {
  sdk.behave('builds', 1_925_120);
  const { status, err } = flash(['--debug']);
  assert.equal(status, 0, err);
  for (const line of sdk.calls()) assert.match(line, / debug port= table=partitions-debug\.csv /);
  sdk.behave('builds', 3_801_089);
  rmSync(output, { recursive: true });
  const large = flash(['--debug']);
  assert.equal(large.status, 1);
  assert.match(large.err, /3,801,089 bytes, and its slot has 3,801,088: 1 too many/);
  sdk.calls();
});

test('a build that fails half-way flashes nothing, not even the image of the build before', () => {
  sdk.behave('builds', 1_700_000);
  assert.equal(flash(['--build-only']).status, 0);
  sdk.calls();
  for (const [behaviour, words] of [
    ['compile error', 'mcconfig ended with exit code 2; its output above says why'],
    ['idf error', 'ESP-IDF failed; its output says why'],
  ] as const) {
    sdk.behave(behaviour, 1_700_000);
    const { status, err } = flash([]);
    assert.equal(status, 1, behaviour);
    assert.equal(err, `mote: esp32/nodemcu was not built: ${words}\n`);
    assert.match(sdk.calls().join('; '), /^build [^;]*$/);
  }
});

test('the next build after a failed one, or of other sources, makes its own image', () => {
  sdk.behave('builds', 1_700_000);
  assert.equal(flash(['--build-only']).status, 0);
  sdk.behave('builds', 1_700_001);
  const { out } = flash(['--build-only']);
  assert.match(out, /takes 1,700,001 bytes/);
  sdk.calls();
});

test('a board that is not there is told from a build that failed', () => {
  sdk.behave('no board', 1_700_000);
  const { status, err } = flash([]);
  assert.equal(status, 1);
  assert.match(
    err,
    /^mote: esp32\/nodemcu was built, but not flashed: mcconfig ended with exit co/,
  );
  assert.deepEqual(
    sdk.calls().map((line) => line.split(' ')[0]),
    ['build', 'deploy'],
  );
});

test('what is missing ends the command with exit code 1, before anything is built', () => {
  const { status, out, err } = flash([], { IDF_PATH: undefined });
  assert.equal(status, 1);
  assert.match(err, /^mote: IDF_PATH is not set.*\n$/);
  assert.equal(out, '');
  assert.deepEqual(sdk.calls(), []);
});

test('bad options end with exit code 2; help needs no SDK', () => {
  const { status, err, out } = flash(['--board', 'uno']);
  assert.equal(status, 2);
  const known = 'nodemcu, esp32c3, esp32s3';
  assert.equal(err, `mote: --board 'uno' is not known; expected one of ${known}\n`);
  assert.equal(out, '');
  const help = flash(['--help'], { MODDABLE: undefined });
  assert.equal(help.status, 0);
  assert.match(help.out, /--board NAME {7}nodemcu, esp32c3, esp32s3/);
  assert.deepEqual(sdk.calls(), []);
});
