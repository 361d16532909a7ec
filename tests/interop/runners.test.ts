/** Every command of the project and every runner of its tests tells how it is used. */

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { compile } from '../compile.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const RUNNERS = [
  'host-sim/main.ts',
  'host-sim/simulate.ts',
  'host-sim/esp32-tools/flash.ts',
  'host-sim/esp32-tools/check.ts',
  'tests/run.ts',
  'tests/bench/main.ts',
  'tests/conformance/print.ts',
  'tests/simulation/power-cuts.ts',
  'tests/soak/outage.ts',
  'tests/soak/portal-bytes.ts',
];
const compiled = await compile(
  ROOT,
  RUNNERS.map((path) => join(ROOT, path)),
);

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

function run(runner: string, ...args: string[]): Promise<Ended> {
  const path = compiled[RUNNERS.indexOf(runner)];
  return new Promise((resolve) => {
    execFile(process.execPath, [path, ...args], { timeout: 20_000 }, (error, out, err) => {
      resolve({ code: error === null ? 0 : Number(error.code), out, err });
    });
  });
}

for (const runner of RUNNERS) {
  test(`${runner} answers --help, and refuses another option in one line with code 2`, async () => {
    const [helped, refused] = await Promise.all([run(runner, '--help'), run(runner, '--hepl')]);
    assert.deepEqual([helped.code, helped.err], [0, '']);
    assert.match(helped.out, /^(?:npm|npx|usage: npm) /m);
    assert.deepEqual([refused.code, refused.out], [2, '']);
    assert.match(refused.err, /^[^\n]*'?--hepl'?[^\n]*\n$/);
  });
}

test('a runner refuses a value beyond its range, and names the range', async () => {
  const cases = [
    [
      'tests/simulation/power-cuts.ts',
      '--operations',
      '0..3',
      /expected A\.\.B within 1\.\.\d+\n$/,
    ],
    ['tests/soak/outage.ts', '--outages', '1001', /expected 1 to 1000\n$/],
    ['tests/soak/portal-bytes.ts', '--rounds', 'many', /expected 1 to 10000\n$/],
    ['tests/bench/main.ts', '--only', 'speed', /expected footprint or throughput\n$/],
  ] as const;
  for (const [runner, option, value, expected] of cases) {
    const { code, err } = await run(runner, option, value);
    assert.equal(code, 2, runner);
    assert.match(err, expected);
  }
});
