/** `npm run sim -- --seeds`: one after the other and side by side give the same, in the same order. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { onInterrupt } from '../../host-sim/cli/interrupt.ts';
import { parseSim } from '../../host-sim/cli/sim-options.ts';
import { compile } from '../compile.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const [SIMULATE, BROKEN] = await compile(ROOT, [
  join(ROOT, 'host-sim', 'simulate.ts'),
  join(ROOT, 'tests', 'simulation', 'sweep-broken.ts'),
]);

const folder = mkdtempSync(join(tmpdir(), 'mote-sweep-'));
after(() => rmSync(folder, { recursive: true }));

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** @param interruptOn what has to be printed before the command is interrupted */
async function run(script: string, args: readonly string[], interruptOn?: string): Promise<Ended> {
  const child = spawn(process.execPath, [script, ...args], { cwd: ROOT });
  let out = '';
  let err = '';
  let isInterrupted = interruptOn === undefined;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
    if (isInterrupted || !out.includes(`${interruptOn}`)) return;
    isInterrupted = true;
    child.kill('SIGINT');
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text;
  });
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { code, out, err };
}

/** How fast it was, and with how many jobs, is no verdict. */
function verdicts({ code, out, err }: Ended): Ended {
  const told = out.replace(/^speed .*\n/m, '').replace(/"(deviceHours\w+|jobs)":\d+,?/g, '');
  return { code, out: told, err };
}

/** A scenario that some seeds keep and others do not. */
function scenario(expect: unknown): string {
  const path = join(folder, 'some.json');
  const faults = [{ at: '5m', kind: 'wifi-lost', for: '2m' }];
  writeFileSync(path, JSON.stringify({ about: '', duration: '20m', faults, expect }));
  return path;
}

test('one and two jobs print the same violations, in the order of the seeds', async () => {
  const args = ['--seeds', '1..9', '--scenario', scenario({ accepted: [21, 21] })];
  const [one, two, here] = await Promise.all([
    run(SIMULATE, [...args, '--jobs', '1']),
    run(SIMULATE, [...args, '--jobs', '2']),
    // Without a thread.
    run(SIMULATE, [...args, '--until', '1000000']),
  ]);
  assert.equal(one.code, 1, one.err);
  const seeds = [...one.out.matchAll(/--seed (\d+) --scenario/g)].map(([, seed]) => Number(seed));
  assert.ok(seeds.length > 0 && seeds.length < 9, `${seeds} failed`);
  assert.deepEqual(
    seeds,
    [...seeds].sort((a, b) => a - b),
  );
  assert.deepEqual(verdicts(two), verdicts(one));
  assert.deepEqual(verdicts(here), verdicts(one));
});

test('under random faults the sums and the hashes of what failed are those of one job', async () => {
  const args = ['--seeds', '1..6', '--hours', '1', '--devices', '2', '--json'];
  const [one, two] = await Promise.all(
    ['1', '2'].map((jobs) => run(SIMULATE, [...args, '--jobs', jobs])),
  );
  assert.equal(one.code, 0, one.out);
  assert.deepEqual(verdicts(two), verdicts(one));
  assert.equal(JSON.parse(one.out).jobs, 1);
  assert.equal(JSON.parse(two.out).jobs, 2);
});

test('a thread that dies is told at its seed with what ended it, and the sweep goes on', async () => {
  const { code, out } = await run(BROKEN, []);
  assert.equal(code, 1);
  const told = [...out.matchAll(/^(\w+) {2}seed (\d+) {2}(.*)\n {2}npm run sim -- (.*)$/gm)];
  assert.deepEqual(
    told.map(([, verdict, seed]) => `${verdict} ${seed}`),
    ['VIOLATION 3', 'BROKEN 5', 'VIOLATION 6', 'VIOLATION 9', 'BROKEN 10'],
  );
  assert.deepEqual(told[1].slice(3), ['its thread ended with exit code 7', '--seed 5 --hours 2']);
  assert.match(out, /\nVIOLATION {2}10 seeds, 5 failed, 2 of them without an outcome\n/);
  const json = await run(BROKEN, ['--json']);
  const lines = json.out.trim().split('\n');
  assert.deepEqual(JSON.parse(lines[1]), {
    seed: 5,
    verdict: 'BROKEN',
    why: 'its thread ended with exit code 7',
    reproduce: 'npm run sim -- --seed 5 --hours 2',
  });
  assert.equal(JSON.parse(lines[5]).broken, 2);
});

test('Ctrl-C ends a sweep with the sum of what is done, and 130', async () => {
  const path = scenario({ accepted: [1, 1] });
  for (const jobs of ['1', '2']) {
    const args = ['--seeds', '1..1000000', '--scenario', path, '--jobs', jobs];
    const { code, out, err } = await run(SIMULATE, args, 'seed 3 ');
    assert.deepEqual([code, err], [130, ''], `${jobs} jobs`);
    assert.match(out, /\nVIOLATION {2}(\d+) seeds, \1 failed\nreadings .*\nworld .*\nspeed .*\n$/);
  }
});

test('one Ctrl-C that arrives twice, from the terminal and handed on by npm, is one', () => {
  let stops = 0;
  const release = onInterrupt(() => {
    stops += 1;
  });
  process.emit('SIGINT');
  process.emit('SIGINT');
  release();
  assert.equal(stops, 1);
  assert.equal(process.listenerCount('SIGINT'), 0);
});

test('without --jobs there are as many as there are cores', () => {
  const parsed = parseSim(['--seeds', '1..9']);
  assert.ok(parsed.kind === 'run');
  assert.equal(parsed.options.jobs, availableParallelism());
});
