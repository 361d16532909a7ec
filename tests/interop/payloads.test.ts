/** What `npm start` publishes, as another client receives it, is what the schemas say. */

import assert from 'node:assert/strict';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { connectAsync } from 'mqtt';
import { SIMULATED_SENSORS } from '../../host-sim/chips/board-sensors.ts';
import { type EmbeddedBroker, startBroker } from '../../host-sim/live/broker.ts';
import { type Published, problemsOf, schemaOf } from '../payloads/schemas.ts';
import { Started } from './start-process.ts';

const BASE = 'mote/desk';
const SENSORS = [
  ...SIMULATED_SENSORS.filter((name) => name !== 'bmp280'),
  'analog-34,ntc-35,contact-4,pulse-5,ds18b20-16',
].join();

/** Everything that comes to a broker but commands, from when this resolves. */
async function listen(t: TestContext, { port }: EmbeddedBroker) {
  const messages: Published[] = [];
  const client = await connectAsync(`mqtt://127.0.0.1:${port}`, { reconnectPeriod: 0 });
  t.after(() => client.end(true));
  client.on('message', (topic, payload, { qos, retain }) => {
    if (!topic.includes('/command/')) messages.push({ topic, payload, qos, retain });
  });
  await client.subscribeAsync(['mote/#', 'homeassistant/device/#'], { qos: 1 });
  return { client, messages };
}

/** Looks at all of them. @returns how many there were of each schema */
function look(messages: readonly Published[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const message of messages) {
    const name = schemaOf(message.topic, BASE);
    // To whom it is new, what is retained comes without its flag.
    const retain = ['status', 'discovery', 'controls', 'reported', 'alarm'].includes(name);
    assert.equal(problemsOf(name, { ...message, retain }), '');
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

function start(t: TestContext, port: number, ...args: string[]): Started {
  const broker = `mqtt://127.0.0.1:${port}`;
  const run = new Started('--broker', broker, '--json', '--id', 'desk', ...args);
  t.after(() => run.child.kill('SIGKILL'));
  return run;
}

async function leave(run: Started): Promise<void> {
  run.child.kill('SIGINT');
  assert.equal(await run.ended, 0, run.err);
}

test('each message of a board with all sensors is as its schema says, up to its goodbye', async (t) => {
  const broker = await startBroker();
  const { client, messages } = await listen(t, broker);
  t.after(() => broker.close());
  const run = start(
    t,
    broker.port,
    '--interval',
    '100ms',
    '--home-assistant',
    '--sensors',
    SENSORS,
  );
  await run.until(() => messages.some(({ topic }) => topic === `${BASE}/telemetry`));
  await client.publishAsync(`${BASE}/command/sample`, '{"id":7}', { qos: 1 });
  await client.publishAsync(`${BASE}/command/nonsense`, '');
  await run.until(() => run.count('acknowledged', '/telemetry') > 2);
  await leave(run);
  const { status, telemetry, diagnostics, response, discovery } = look(messages);
  assert.ok(telemetry > 2 && diagnostics > 0);
  assert.ok(status >= 2 && response >= 2 && discovery >= 2);
  assert.equal(messages.filter(({ topic }) => /config$/.test(topic)).at(-1)?.payload.length, 0);
});

/** The way to a broker, which can be cut while others stay on it. */
class Way {
  port = 0;
  readonly #broker: EmbeddedBroker;
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;

  constructor(t: TestContext, broker: EmbeddedBroker) {
    this.#broker = broker;
    t.after(() => this.cut());
  }

  /** On the same port each time. */
  async open(): Promise<void> {
    const server = createServer((near) => {
      const far = connect(this.#broker.port, '127.0.0.1');
      for (const socket of [near, far]) {
        this.#sockets.add(socket.on('error', () => socket.destroy()));
        socket.on('close', () => this.#sockets.delete(socket));
      }
      near.pipe(far).pipe(near);
    });
    await new Promise<void>((resolve) => server.listen(this.port, '127.0.0.1', resolve));
    this.#server = server;
    this.port = (server.address() as AddressInfo).port;
  }

  cut(): void {
    this.#server?.close();
    for (const socket of this.#sockets) socket.destroy();
  }
}

test('what waited while the broker was out of reach comes as its schema says', async (t) => {
  const broker = await startBroker();
  const { messages } = await listen(t, broker);
  t.after(() => broker.close());
  const way = new Way(t, broker);
  await way.open();
  const run = start(t, way.port, '--interval', '50ms');
  await run.until(() => run.count('acknowledged', '/telemetry') > 2);
  const ends = run.count('disconnected');
  way.cut();
  // It is lost, and the next attempt fails: half a second at least, ten readings.
  await run.until(() => run.count('disconnected') > ends + 1);
  await way.open();
  await run.until(() => run.count('acknowledged', '/history') > 8);
  await leave(run);
  assert.ok(look(messages).history > 0);
});
