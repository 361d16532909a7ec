/** The embedded broker, which is there without any installation: 3.1.1 only, TCP and WebSocket. */

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type EmbeddedBroker, startBroker } from '../../host-sim/live/broker.ts';
import { liveClient } from './live-client.ts';

describe('a client and the embedded broker', { concurrency: true }, () => {
  let broker: EmbeddedBroker;
  before(async () => {
    broker = await startBroker();
  });
  after(() => broker?.close());

  test('a client that tries 5.0 first falls back to 3.1.1 by itself', async (t) => {
    const client = await liveClient(t, { clientId: 'auto', port: broker.port }).online();
    assert.deepEqual(client.connects, ['4 false']);
    assert.match(client.ends[0], /MQTT/);
    assert.equal(client.supervisor.preferredVersion, 4);
    assert.deepEqual(await client.publish({ topic: 'a', payload: 'b' }), [0]);
    client.tap.cut();
    await client.online(2);
    assert.equal(client.connects[1].split(' ')[0], '4', 'the version is remembered');
  });

  test('a client that insists on 5.0 is told that the broker does not speak it', async (t) => {
    const client = liveClient(t, { clientId: 'five', port: broker.port, version: 5 });
    const words = await client.ended(2);
    assert.match(words, /does not speak this MQTT version|closed without answering/);
    assert.deepEqual(client.connects, []);
  });

  for (const [name, scheme] of [
    ['TCP', 'mqtt'],
    ['WebSocket', 'ws'],
  ] as const) {
    const on = (clientId: string) => {
      const port = scheme === 'ws' ? broker.webSocketPort : broker.port;
      return { clientId: `${clientId}-${scheme}`, port, scheme, version: 4, path: '/' } as const;
    };

    test(`messages of every QoS go both ways over ${name}`, async (t) => {
      const client = await liveClient(t, on('both')).online();
      const topic = `both/${scheme}`;
      assert.deepEqual(await client.subscribe({ filter: topic, qos: 2 }), [2]);
      const messages = Array.from({ length: 30 }, (_, i) => {
        return { topic, payload: `${i}`, qos: (i % 3) as 0 | 1 | 2 };
      });
      await client.publish(...messages);
      await client.until(() => client.messages.length >= 30, 'thirty messages');
      const sorted = (texts: string[]) => texts.sort((a, b) => Number(a) - Number(b));
      assert.deepEqual(
        sorted(client.messages.map(({ text }) => text)),
        sorted(messages.map(({ payload }) => payload)),
      );
    });

    test(`a connection that is cut brings the will over ${name}`, async (t) => {
      const watcher = await liveClient(t, on('watcher')).online();
      const topic = `will/${scheme}`;
      await watcher.subscribe({ filter: topic, qos: 1 });
      const will = { topic: Buffer.from(topic), payload: Buffer.from('lost'), qos: 1 } as const;
      const dying = await liveClient(t, {
        ...{ ...on('dying'), will: { ...will, retain: false } },
        supervisor: { backoff: { floorMs: 30_000, baseMs: 30_000, capMs: 30_000 } },
      }).online();
      dying.tap.cut();
      assert.equal((await watcher.message(() => true)).text, 'lost');
    });

    test(`a retained message comes to a later subscriber over ${name}`, async (t) => {
      const client = await liveClient(t, on('keeper')).online();
      const topic = `kept/${scheme}`;
      await client.publish({ topic, payload: 'kept', retain: true });
      await client.subscribe({ filter: topic, qos: 1 });
      const message = await client.message(() => true);
      assert.deepEqual([message.text, message.retain], ['kept', true]);
    });
  }

  test('a persistent session gets what was published while it was away', async (t) => {
    const where = { port: broker.port, version: 4 } as const;
    const sleeper = { ...where, clientId: 'sleeper', cleanStart: false, sessionExpiryS: 60 };
    const first = await liveClient(t, sleeper).online();
    await first.subscribe({ filter: 'to/sleeper', qos: 1 });
    await first.stop();
    const other = await liveClient(t, { ...where, clientId: 'other' }).online();
    await other.publish({ topic: 'to/sleeper', payload: 'good morning' });
    const second = await liveClient(t, sleeper).online();
    assert.deepEqual(second.connects, ['4 true']);
    await second.message(({ text }) => text === 'good morning');
  });
});
