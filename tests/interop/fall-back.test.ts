/** `npm start` against brokers that speak 3.1.1 alone, however they refuse 5.0. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { startBroker } from '../../host-sim/live/broker.ts';
import { findTool, missing } from '../support/available.ts';
import { closedPort, listen } from '../unit/live/transport-harness.ts';
import { Started } from './start-process.ts';

function start(t: TestContext, ...args: string[]): Started {
  const started = new Started(...args);
  t.after(() => started.child.kill('SIGKILL'));
  return started;
}

async function aedes(t: TestContext): Promise<number> {
  const broker = await startBroker();
  t.after(() => broker.close());
  return broker.port;
}

/** Answers a 5.0 CONNECT with these bytes and closes; everything else goes to the port behind. */
async function refusingFive(t: TestContext, answer: readonly number[], behind: number) {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', (first) => {
      // Fixed header, then the name "MQTT" with its length, then the level.
      if (first[8] === 5) {
        socket.end(Buffer.from(answer));
        return;
      }
      const other: Socket = connect(behind, '127.0.0.1');
      other.on('error', () => socket.destroy());
      other.write(first);
      socket.pipe(other).pipe(socket);
    });
  });
  const port = await listen(server);
  t.after(() => server.close());
  return port;
}

/** It fell back, delivered everything, and had nothing to complain about. */
async function assertDelivers(t: TestContext, port: number): Promise<void> {
  const url = `mqtt://127.0.0.1:${port}`;
  const run = start(t, '--broker', url, '--duration', '4s', '--interval', '100ms', '--json');
  assert.equal(await run.ended, 0, run.err);
  assert.deepEqual(run.problems, []);
  const connected = run.events.filter(({ event }) => event === 'connected');
  assert.deepEqual(
    connected.map(({ version }) => version),
    ['3.1.1'],
  );
  const { accepted, acknowledged } = run.events.at(-1)!;
  assert.ok((accepted as number) >= 10, run.out);
  assert.equal(acknowledged, accepted);
}

test('a board falls back to 3.1.1 at aedes', async (t) => {
  await assertDelivers(t, await aedes(t));
});

for (const [form, answer] of [
  ['the form of 3.1.1', [0x20, 2, 0, 1]],
  ['the form of 5.0', [0x20, 3, 0, 0x84, 0]],
] as const) {
  test(`a board falls back to 3.1.1 when 5.0 is refused in ${form}`, async (t) => {
    await assertDelivers(t, await refusingFive(t, answer, await aedes(t)));
  });
}

test('a board works with the broker that another npm start has brought', async (t) => {
  const first = start(t, '--id', 'first', '--interval', '100ms');
  await first.until(() => /-p \d+/.test(first.out));
  const [, port] = /-p (\d+)/.exec(first.out)!;
  await assertDelivers(t, Number(port));
});

test('a board falls back to 3.1.1 at NATS', { skip: missing('nats-server') }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'mote-nats-'));
  const port = await closedPort(createServer());
  const config = `listen: "127.0.0.1:-1"\nserver_name: mote\njetstream { store_dir: "${folder}" }\nmqtt { listen: "127.0.0.1:${port}" }\n`;
  writeFileSync(join(folder, 'nats.conf'), config);
  const nats = spawn(findTool('nats-server')!, ['-c', join(folder, 'nats.conf')]);
  t.after(async () => {
    const gone = new Promise((resolve) => nats.once('exit', resolve));
    nats.kill('SIGKILL');
    await gone;
    rmSync(folder, { recursive: true, force: true });
  });
  for (let tries = 0; tries < 100; tries += 1) {
    const isUp = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1');
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
      socket.once('connect', () => socket.destroy());
    });
    if (isUp) break;
    await sleep(100);
  }
  await assertDelivers(t, port);
});

for (const [what, answers] of [
  [
    'both versions',
    [
      [0x20, 3, 0, 0x84, 0],
      [0x20, 2, 0, 1],
    ],
  ],
  [
    'the user',
    [
      [0x20, 3, 0, 0x86, 0],
      [0x20, 2, 0, 4],
    ],
  ],
] as const) {
  test(`a broker that refuses ${what} in words ends the run with 1`, async (t) => {
    const server = createServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', (first) => socket.end(Buffer.from(answers[first[8] === 5 ? 0 : 1])));
    });
    const port = await listen(server);
    t.after(() => server.close());
    const run = start(t, '--broker', `mqtt://127.0.0.1:${port}`, '--user', 'a', '--json');
    assert.equal(await run.ended, 1, run.err);
    assert.equal(run.problems.length, 1, run.err);
    assert.match(run.problems[0], what === 'the user' ? /--user/ : /this MQTT version/);
  });
}
