/**
 * What is simulated is what is flashed: every module of the firmware that is not the board's own
 * runs in `npm start` or in `npm run sim`. Imported is not enough: V8 counts the calls, and one of
 * the module's functions has to run. There is no list of exceptions: what no simulator runs is what
 * breaks on the board.
 */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { type TestContext, test } from 'node:test';
import { createServer } from 'node:tls';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { transformSync } from 'esbuild';
import { findRoom } from '../../firmware/mote/sensors.ts';
import { SIMULATED_SENSORS } from '../../host-sim/chips/board-sensors.ts';
import { namesInSettings } from '../../host-sim/chips/one-wire-sensors.ts';
import { compile } from '../compile.ts';
import { missing } from '../support/available.ts';
import { certificates } from '../support/certificates.ts';
import { startMosquitto } from '../support/mosquitto.ts';
import { ScramBroker } from './scram-broker.ts';
import { Page, pageOf } from './set-up-page.ts';
import { Started } from './start-process.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const FIRMWARE = join(ROOT, 'firmware');
const START = join(ROOT, 'host-sim', 'main.ts');
const SIM = join(ROOT, 'host-sim', 'simulate.ts');
/** Sensors that are named by their pin. */
const ON_PINS = 'analog-34,ntc-35,contact-4,pulse-5,ds18b20-16';

/** Modules with code in them that are neither the board's ports nor its entry. */
function modules(): string[] {
  return readdirSync(FIRMWARE, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !path.endsWith('.d.ts'))
    .filter((path) => !path.startsWith('esp32') && path !== 'main.ts')
    .filter((path) => codeOf(path) !== '')
    .sort();
}

/** Without its types; empty where it has nothing else. */
function codeOf(path: string): string {
  const source = readFileSync(join(FIRMWARE, path), 'utf8');
  const options = { loader: 'ts', minify: true, format: 'esm' } as const;
  return transformSync(source, options)
    .code.replace(/^export\{\};/, '')
    .trim();
}

/** What these programs import, by whatever way, types apart. */
function importedBy(...programs: string[]): Set<string> {
  const seen = new Set<string>();
  const open = [...programs];
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    if (seen.has(path)) continue;
    seen.add(path);
    const { code } = transformSync(readFileSync(path, 'utf8'), { loader: 'ts' });
    for (const [, from] of code.matchAll(/(?:from|import)\s*\(?\s*"(\.[^"]+)"/g)) {
      open.push(join(dirname(path), from));
    }
  }
  return new Set([...seen].map((path) => relative(FIRMWARE, path)));
}

interface Coverage {
  readonly result: readonly {
    readonly url: string;
    readonly functions: readonly {
      readonly functionName: string;
      readonly isBlockCoverage: boolean;
      readonly ranges: readonly { readonly startOffset: number; readonly count: number }[];
    }[];
  }[];
}

/** Where each module of a compiled program begins, in the order of the program. */
function modulesIn(program: string): { readonly path: string; readonly at: number }[] {
  const comments = readFileSync(program, 'utf8').matchAll(/^\/\/ (\S+\.ts)$/gm);
  return Array.from(comments, ({ 1: path, index }) => ({ path, at: index }));
}

/** Adds the modules of which a function ran. A module without functions counts once it is loaded. */
function addRun(folder: string, programs: readonly string[], ran: Set<string>): void {
  const sections = new Map(programs.map((path) => [pathToFileURL(path).href, modulesIn(path)]));
  for (const file of readdirSync(folder)) {
    const { result } = JSON.parse(readFileSync(join(folder, file), 'utf8')) as Coverage;
    for (const { url, functions } of result) {
      const modules = sections.get(url) ?? [];
      for (const [i, { path, at }] of modules.entries()) {
        const end = modules[i + 1]?.at ?? Number.POSITIVE_INFINITY;
        // The whole program is a function of its own, which begins before all modules.
        const own = functions.filter(({ ranges: [{ startOffset }] }) => {
          return startOffset > at && startOffset < end;
        });
        const isRun = own.length === 0 || own.some(({ ranges }) => ranges[0].count > 0);
        if (isRun) ran.add(relative('firmware', path));
      }
    }
  }
}

test('npm start and npm run sim import every module of the firmware but the ports', () => {
  const imported = importedBy(START, SIM);
  assert.ok(imported.size > 150);
  assert.deepEqual(
    modules().filter((path) => !imported.has(path)),
    [],
  );
});

/** The set-up page saves a board's settings, and the board goes to work with them. */
async function setUp(port: number): Promise<void> {
  const run = new Started('--unprovisioned', '--json', '--id', 'box');
  await run.until(() => pageOf(run) !== '');
  const page = new Page(pageOf(run));
  await page.get();
  const broker = { host: '127.0.0.1', port: String(port), name: 'kitchen', intervalS: '1' };
  const home = { ssidHex: Buffer.from('Home').toString('hex'), wifiPassword: 'mote-demo' };
  assert.match(await page.check({ ...home, ...broker, sensors: ON_PINS }), /"saved"/);
  await page.get('done');
  await run.until(() => run.count('acknowledged', '/telemetry') > 2);
  run.child.kill('SIGINT');
  assert.equal(await run.ended, 0, run.err);
}

/** All simulated chips, in as few lists as readings have room for. */
function chipsByRoom(): string[][] {
  const lists: string[][] = [];
  const inSettings = (names: string[]) => (namesInSettings(names) ?? names.join()).split(',');
  for (const name of [...SIMULATED_SENSORS, 'ds18b20']) {
    const list = lists.find((names) => findRoom(inSettings([...names, name])));
    if (list === undefined) lists.push([name]);
    else list.push(name);
  }
  return lists;
}

/** A broker over TLS that refuses everybody with the address of another, where there is none. */
async function movedBroker(t: TestContext): Promise<number> {
  const reference = Buffer.from('127.0.0.1:1');
  const properties = [0x1c, 0, reference.length, ...reference];
  const refusal = [0, 0x9d, properties.length, ...properties];
  const { certificate, key } = certificates().server;
  const pair = { cert: readFileSync(certificate), key: readFileSync(key) };
  const server = createServer(pair, (socket) => {
    socket.on('error', () => {});
    socket.once('data', () => socket.end(Buffer.from([0x20, refusal.length, ...refusal])));
  });
  t.after(() => server.close());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

/** Settings from afar with an authority, which is judged before it is for nothing. */
function wishWithAuthority(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'mote-wish-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'wish.json');
  writeFileSync(file, JSON.stringify({ v: 1, ca: certificates().caText }));
  return file;
}

async function starts(t: TestContext): Promise<void> {
  const mosquitto = await startMosquitto({ listeners: ['tcp', 'websocket tls', 'mutual tls'] });
  t.after(() => mosquitto.remove());
  const url = `wss://localhost:${mosquitto.port('websocket tls')}`;
  const mutual = `mqtts://localhost:${mosquitto.port('mutual tls')}`;
  const { ca, client } = certificates();
  const scram = await new ScramBroker().open(t);
  const login = ['--user', 'ann', '--password', 'secret', '--sign-in', 'scram'];
  const wish = wishWithAuthority(t);
  // What is wished for is judged some seconds after the start; both go on beside the others.
  const told = new Started('--provisioned', '--desired', wish, '--duration', '8s');
  const moved = `mqtts://localhost:${await movedBroker(t)}`;
  const lost = new Started('--broker', moved, '--ca', ca, '--duration', '8s');
  const short = ['--duration', '3s', '--interval', '200ms', '--json', '--quiet'];
  for (const args of [
    ...chipsByRoom().map((names) => ['--sensors', names.join()]),
    ['--broker', `mqtt://127.0.0.1:${scram.port}`, ...login],
    ['--broker', url, '--ca', ca],
    [
      '--alarms',
      'temperature > 0; temperature changes > 1/min; temperature unusual',
      ...['--sample', '50ms', '--spread', '--on-change', 'temperature 1'],
    ],
    ['--broker', mutual, '--ca', ca, '--cert', client.certificate, '--key', client.key],
  ]) {
    const run = new Started(...args, ...short);
    assert.equal(await run.ended, 0, run.err);
  }
  assert.equal(await told.ended, 0, told.err);
  assert.equal(await lost.ended, 1);
  await setUp(mosquitto.port('tcp'));
}

test('of every module of the firmware but the ports a function runs in npm start or npm run sim', {
  skip: missing('mosquitto', 'openssl'),
}, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'mote-reach-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const environment = { NODE_V8_COVERAGE: folder };
  const programs = await compile(ROOT, [START, SIM]);
  // With an end in events they run in the program itself, where V8 counts, and not in threads.
  const args = [programs[1], '--seeds', '1..2', '--hours', '12', '--until', '1000000000'];
  const sim = spawnSync(process.execPath, args, { env: { ...process.env, ...environment } });
  assert.equal(sim.status, 0, String(sim.stdout));
  Started.program = programs[0];
  Started.environment = environment;
  await starts(t);
  const ran = new Set<string>();
  addRun(folder, programs, ran);
  assert.deepEqual(
    modules().filter((path) => !ran.has(path)),
    [],
  );
});
