/** `npm run soak`: seeds over several threads, failures that end nothing, and an orderly end. */

import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { readSoak } from '../../host-sim/cli/soak-options.ts';
import { compile } from '../compile.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const [SOAK, BROKEN] = await compile(ROOT, [
  join(ROOT, 'host-sim', 'soak.ts'),
  join(ROOT, 'tests', 'simulation', 'soak-broken.ts'),
]);

function run(script: string, ...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...args], {
    encoding: 'utf8',
    timeout: 120_000,
  });
  return { status, stdout, stderr };
}

test('seeds from a given one are run in several threads, and summed up', () => {
  const { status, stdout } = run(
    SOAK,
    '--seeds',
    '4',
    '--hours',
    '1',
    '--first',
    '7',
    '--jobs',
    '2',
  );
  assert.equal(status, 0, stdout);
  assert.match(stdout, /^first seed 7, 1 hours each\nseeds 7 to 10\nOK {2}4 seeds, 0 failed\n/);
});

test('without a first seed one is drawn that nobody has tried', () => {
  const seeds = [1, 2].map(() => {
    const { stdout } = run(SOAK, '--seeds', '1', '--hours', '1', '--jobs', '1');
    return /^first seed (\d+),/.exec(stdout)?.[1];
  });
  assert.ok(Number(seeds[0]) > 1000);
  assert.notEqual(seeds[0], seeds[1]);
});

test('broken rules and dead threads are told with the line that reproduces them, and end nothing', () => {
  const { status, stdout } = run(BROKEN);
  assert.equal(status, 1, stdout);
  for (const seed of [3, 6, 9]) {
    const line = new RegExp(
      `VIOLATION {2}seed ${seed} {2}order: .*\n {2}npm run sim -- --seed ${seed} --hours 2 --until \\d+\n`,
    );
    assert.match(stdout, line);
  }
  assert.match(stdout, /BROKEN {2}seed 5 {2}its thread ended with exit code 7\n/);
  const sum = /seeds 1 to 10\nVIOLATION {2}10 seeds, 5 failed, 2 of them without an outcome\n/;
  assert.match(stdout, sum);
});

test('Ctrl-C ends it with its summary', async () => {
  const child = spawn(process.execPath, [SOAK, '--hours', '1', '--jobs', '1']);
  let stdout = '';
  child.stdout.on('data', (text) => {
    if (stdout === '') setTimeout(() => child.kill('SIGINT'), 2000);
    stdout += text;
  });
  const code = await new Promise((resolve) => child.on('exit', resolve));
  assert.equal(code, 0);
  assert.match(stdout, /seeds \d+ to \d+\nOK {2}\d+ seeds, 0 failed\n/);
});

test('bad options are one line and exit 2, and --help tells of all', () => {
  for (const [args, line] of [
    [['--minutes', '0'], /^--minutes '0' is not possible; expected 1 to 100000\n$/],
    [['--seeds', 'many'], /^--seeds 'many' is not possible/],
    [['--first', '-1'], /^--first '-1' is not possible/],
    [['--hour', '1'], /^--hour is not an option; did you mean --hours\?\n$/],
  ] as const) {
    const { status, stdout, stderr } = run(SOAK, ...args);
    assert.equal(status, 2);
    assert.equal(stdout, '');
    assert.match(stderr, line);
  }
  const { status, stdout } = run(SOAK, '--help');
  assert.equal(status, 0);
  for (const name of ['minutes', 'seeds', 'hours', 'first', 'jobs']) {
    assert.match(stdout, new RegExp(`--${name} `));
  }
});

test('without options it runs for ten minutes, with --seeds until they are done', () => {
  assert.deepEqual([readSoak({}).minutes, readSoak({}).hours], [10, 24]);
  const some = readSoak({ seeds: '20000' });
  assert.deepEqual([some.minutes, some.seeds], [Number.POSITIVE_INFINITY, 20_000]);
  assert.equal(readSoak({ seeds: '5', minutes: '2' }).minutes, 2);
});
