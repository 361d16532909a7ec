/** `npm run sim` as a command: what it prints, what it refuses, how it exits. */

import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parseSim } from '../../host-sim/cli/sim-options.ts';
import { scenarioNames } from '../../host-sim/cli/sim-scenarios.ts';
import { compile } from '../compile.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const source = join(ROOT, 'host-sim', 'simulate.ts');
const [program] = await compile(ROOT, [source]);

function run(...argv: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, argv, {
    encoding: 'utf8',
    timeout: 60_000,
  });
  return { status, stdout, stderr };
}

const sim = (...args: string[]) => run(program, ...args);

function problemOf(...args: string[]): string {
  const parsed = parseSim(args);
  return parsed.kind === 'problem' ? parsed.line : parsed.kind;
}

test('a run ends with verdict, hash, readings, wear and speed', () => {
  const { status, stdout } = sim('--seed', '7', '--hours', '1', '--faults', 'none');
  assert.equal(status, 0);
  assert.match(stdout, /^OK {2}seed 7 {2}hash [0-9a-f]{16} {2}\d+ events\n/);
  assert.match(stdout, /readings +\d+ accepted, \d+ delivered, 0 dropped, 0 duplicates/);
  assert.match(stdout, /commands +\d+ sent, \d+ answers/);
  assert.match(stdout, /flash +\d+ erases, \d+ years of life/);
  assert.match(stdout, /\d+ device-hours per second, \d+ devices per core/);
});

test('a trace shows what is asked for, as text or as JSON, and the run stays the same', () => {
  const seed = ['--seed', '7', '--hours', '0.1'];
  const plain = sim(...seed).stdout.split('\n')[0];
  const { stdout } = sim(...seed, '--trace=packets,flash,timers');
  assert.ok(stdout.includes(plain), 'the same hash');
  assert.match(
    stdout,
    /^ +\d+\.\d{3} s +\d+ {2}packet {2}mote-001 → CONNECT v(5\.0|3\.1\.1) mote-001/m,
  );
  assert.match(stdout, / {2}packet {2}mote-001 ← CONNACK no session/);
  assert.match(stdout, / {2}flash {2}mote-001 write block \d+ at \d+, \d+ bytes/);
  assert.match(stdout, / {2}timer {2}mote-001/);
  assert.doesNotMatch(stdout, / {2}(boot|publish|connected) {2}/);
  const lines = sim(...seed, '--trace', '--json')
    .stdout.trimEnd()
    .split('\n');
  const [first, ...rest] = lines.map((line) => JSON.parse(line));
  assert.equal(first.what, 'boot');
  assert.deepEqual(Object.keys(first), ['timeMs', 'event', 'what', 'text']);
  assert.equal(rest.at(-1).verdict, 'OK');
  assert.equal(
    problemOf('--trace=packet'),
    "--trace 'packet' is not known; expected world, packets, flash, timers",
  );
});

test('a reader that goes away ends the command without a word', async () => {
  const child = spawn(process.execPath, [program, '--hours', '200', '--trace']);
  let err = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text;
  });
  child.stdout.once('data', () => child.stdout.destroy());
  const status = await new Promise((resolve) => child.once('close', resolve));
  assert.deepEqual([status, err], [141, '']);
});

test('help names every scenario, and the form of one', () => {
  // From its sources, as people run it.
  const { status, stdout } = run('--import', 'tsx', source, '--help');
  assert.equal(status, 0);
  for (const name of scenarioNames()) assert.ok(stdout.includes(`  ${name}\n`), name);
  for (const field of ['about', 'duration', 'faults', 'expect', 'kind', 'boards']) {
    assert.ok(stdout.includes(`"${field}"`), field);
  }
  const scenarios = stdout.slice(stdout.indexOf('Scenarios:'));
  for (const line of scenarios.split('\n')) assert.ok(line.length <= 100, line);
});

test('with --json there is one object at the end', () => {
  const { status, stdout } = sim('--seed', '7', '--hours', '1', '--json');
  assert.equal(status, 0);
  const told = JSON.parse(stdout);
  assert.equal(told.verdict, 'OK');
  assert.equal(told.seed, 7);
  assert.match(told.hash, /^[0-9a-f]{16}$/);
  for (const figure of [
    'accepted',
    'delivered',
    'dropped',
    'duplicates',
    'reconnects',
    'commands',
    'answers',
    'powerCuts',
    'deviceHoursPerSecond',
  ]) {
    assert.equal(typeof told[figure], 'number', figure);
  }
  assert.ok(!('violation' in told) && !('reproduce' in told));
});

test('a broken rule exits 1 with the line that reproduces it, and that line does', () => {
  const folder = mkdtempSync(join(tmpdir(), 'mote-sim-'));
  const file = join(folder, 'impossible.json');
  const expect = { delivered: [1, 2] };
  writeFileSync(file, JSON.stringify({ about: '', duration: '5m', faults: [], expect }));
  try {
    const first = sim('--seed', '3', '--scenario', file);
    assert.equal(first.status, 1);
    assert.match(first.stdout, /violation +expected: delivered is \d+ and not 1 to 2\n/);
    const [, line] = /reproduce +npm run sim -- (.*)\n/.exec(first.stdout) ?? [];
    assert.match(line, /^--seed 3 --scenario \S+ --until \d+$/);
    const again = sim(...line.split(' '), '--json');
    assert.equal(again.status, 1);
    assert.match(JSON.parse(again.stdout).violation, /delivered is/);
    const sweep = sim('--seeds', '1..2', '--scenario', file);
    assert.equal(sweep.status, 1);
    assert.match(sweep.stdout, /2 seeds, 2 failed/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('a sweep prints totals and nothing about seeds that hold', () => {
  const { status, stdout } = sim('--seeds', '1..3', '--hours', '0.5');
  assert.equal(status, 0);
  assert.match(stdout, /^OK {2}3 seeds, 0 failed\nreadings .*\nworld .*\nspeed .*\n$/);
});

test('a trace has a line for each thing that happened', () => {
  const { stdout } = sim('--seed', '7', '--hours', '0.1', '--faults', 'none', '--trace');
  assert.match(stdout, /^ +\d+\.\d{3} s +\d+ {2}boot {2}mote-001 1\n/);
  assert.match(stdout, /publish {2}mote-001 telemetry \{"seq":1,/);
});

test('bad options are refused by name with what is accepted, and exit 2', () => {
  const { status, stdout, stderr } = sim('--days', 'many');
  assert.equal(status, 2);
  assert.equal(stdout, '');
  assert.match(stderr, /--days 'many' is not possible; expected a number/);
  const missing = sim('--scenario', 'nowhere');
  assert.equal(missing.status, 2);
  assert.match(missing.stderr, /'nowhere' is not there; expected a JSON file or broker-restart/);
});

test('each option names itself and what it accepts', () => {
  assert.match(problemOf('--seed', '-1'), /^--seed '-1' is not possible; expected a whole number/);
  assert.match(problemOf('--seed'), /^--seed needs a value/);
  assert.match(problemOf('--seeds', '9..3'), /^--seeds '9..3' is not a range; expected A..B/);
  assert.match(problemOf('--devices', '0'), /^--devices '0' .* from 1 to 1000/);
  assert.match(problemOf('--interval', '60'), /^--interval '60' is not possible; expected 500ms/);
  assert.match(
    problemOf('--faults', 'rain'),
    /^--faults 'rain' is not a fault; expected none, def/,
  );
  assert.match(problemOf('--until', 'x'), /^--until 'x' is not possible/);
  assert.match(problemOf('--jobs', '0'), /^--jobs '0' .* from 1 to 256/);
  assert.match(problemOf('--hours', '0'), /^--hours '0' is not possible/);
  assert.match(problemOf('--days', '1', '--hours', '1'), /exclude each other/);
  assert.match(problemOf('--seed', '1', '--seeds', '1..2'), /exclude each other/);
  assert.match(problemOf('--sed', '1'), /^--sed is not an option; did you mean --seed\?$/);
  assert.match(problemOf('7'), /^'7' is not an option; options start with --$/);
  assert.match(problemOf('--json=yes'), /^--json takes no value/);
  assert.equal(problemOf('--help'), 'help');
  assert.equal(problemOf('--faults', 'power-cut,bit-rot'), 'run');
});
