/** What `npm start` publishes, as another client receives it, is what the schemas say. */

import assert from 'node:assert/strict';
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
    const retain = name === 'status' || name === 'discovery';
    assert.equal(problemsOf(name, { ...message, retain }), '');
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

function start(t: TestContext, { port }: EmbeddedBroker, ...args: string[]): Started {
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
  const run = start(t, broker, '--interval', '100ms', '--home-assistant', '--sensors', SENSORS);
  await run.until(() => messages.some(({ topic }) => topic === `${BASE}/telemetry`));
  await client.publishAsync(`${BASE}/command/sample`, '{"id":7}', { qos: 1 });
  await client.publishAsync(`${BASE}/command/nonsense`, '');
  await run.until(() => run.count('acknowledged', '/telemetry') > 2);
  await leave(run);
  const { status, telemetry, diagnostics, response, discovery } = look(messages);
  assert.ok(telemetry > 2 && diagnostics > 0);
  assert.deepEqual([status, response, discovery], [2, 2, 2]);
  assert.equal(messages.filter(({ topic }) => /config$/.test(topic)).at(-1)?.payload.length, 0);
});

test('what waited while the broker was away comes as its schema says', async (t) => {
  const first = await startBroker();
  const run = start(t, first, '--interval', '50ms');
  await run.until(() => run.count('acknowledged', '/telemetry') > 2);
  const ends = run.count('disconnected');
  await first.close();
  // It is closed, and the next attempt fails: half a second at least, ten readings.
  await run.until(() => run.count('disconnected') > ends + 1);
  const second = await startBroker(undefined, first.port);
  const { messages } = await listen(t, second);
  t.after(() => second.close());
  await run.until(() => run.count('acknowledged', '/history') > 8);
  await leave(run);
  assert.ok(look(messages).history > 0);
});
