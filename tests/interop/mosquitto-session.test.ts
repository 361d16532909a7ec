/** A persistent session on a real Mosquitto that restarts, is killed, or forgets. */

import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { missing } from '../support/available.ts';
import { startMosquitto } from '../support/mosquitto.ts';
import type { MosquittoOptions } from '../support/mosquitto-config.ts';
import { type LiveClientOptions, liveClient } from './live-client.ts';

const skip = missing('mosquitto', 'mosquitto_sub', 'mosquitto_pub');
const KEPT = { cleanStart: false, sessionExpiryS: 3600 } as const;

async function broker(t: TestContext, options: MosquittoOptions) {
  const started = await startMosquitto(options);
  t.after(() => started.remove());
  return started;
}

describe('a persistent session', { skip, concurrency: 4 }, () => {
  for (const version of [4, 5] as const) {
    const spoken = version === 5 ? '5.0' : '3.1.1';
    const options = (clientId: string, port: number): LiveClientOptions => {
      return { clientId, port, version, ...KEPT };
    };

    test(`is present after a restart, with its subscription, in ${spoken}`, async (t) => {
      const mosquitto = await broker(t, { persistence: 'on stop' });
      const client = await liveClient(t, options('board', mosquitto.port())).online();
      await client.subscribe({ filter: 'to/board', qos: 1 });
      await mosquitto.restart();
      await client.online(2);
      assert.deepEqual(client.connects, [`${version} false`, `${version} true`]);
      await mosquitto.publish('to/board', 'still there?');
      await client.message(({ text }) => text === 'still there?');
    });

    test(`gets what was published while it was away, in order, in ${spoken}`, async (t) => {
      const mosquitto = await broker(t, { persistence: 'on stop' });
      const first = await liveClient(t, options('sleeper', mosquitto.port())).online();
      await first.subscribe({ filter: 'to/sleeper', qos: 2 });
      await first.stop();
      for (const qos of [1, 2, 1, 2] as const) {
        await mosquitto.publish('to/sleeper', `${qos}`, { qos });
      }
      await mosquitto.restart();
      const again = { ...options('sleeper', mosquitto.port()), hasSession: true };
      const second = await liveClient(t, again).online();
      assert.deepEqual(second.connects, [`${version} true`]);
      await second.until(() => second.messages.length >= 4, 'four messages');
      assert.deepEqual(
        second.messages.map(({ text, qos }) => [text, qos]),
        ['1', '2', '1', '2'].map((text) => [text, Number(text)]),
      );
    });

    test(`sends again what was in flight, and nothing else, in ${spoken}`, async (t) => {
      const mosquitto = await broker(t, { persistence: 'on stop' });
      const client = await liveClient(t, {
        ...options('sender', mosquitto.port()),
        windowMax: 4,
      }).online();
      const witness = await mosquitto.subscribe('from/sender', { persistentId: 'witness', qos: 2 });
      await client.publish({ topic: 'from/sender', payload: 'before' });
      // Frozen, the broker acknowledges nothing: four messages are in flight, four wait.
      mosquitto.pause();
      const messages = Array.from({ length: 8 }, (_, i) => {
        return { topic: 'from/sender', payload: `${i}`, qos: i % 2 === 0 ? 1 : 2 } as const;
      });
      const tokens = client.send(...messages);
      client.tap.cut();
      await client.until(() => client.ends.length > 0, 'the end');
      // What was in flight is there to be read when it wakes up: some will arrive twice.
      mosquitto.resume();
      await client.online(2);
      const reasons = await client.settled(tokens);
      assert.ok(reasons.every((reason) => reason < 0x80));
      assert.equal(client.connects[1], `${version} true`);
      const inFlight = tokens.slice(0, 4);
      assert.ok(client.source.redelivered.every((token) => inFlight.includes(token)));
      const texts = () => witness.messages.map(({ text }) => text);
      await witness.waitUntil(() => messages.every(({ payload }) => texts().includes(payload)));
      const twice = texts().filter((text, i) => texts().indexOf(text) !== i);
      const allowed = ['0', '2'];
      assert.ok(
        twice.every((text) => allowed.includes(text)),
        `only QoS 1 that was in flight may come twice: ${texts()}`,
      );
    });

    test(`that a killed broker forgot is begun anew, and nothing is lost, in ${spoken}`, async (t) => {
      const mosquitto = await broker(t, {});
      const client = await liveClient(t, options('orphan', mosquitto.port())).online();
      mosquitto.pause();
      const tokens = client.send(
        ...Array.from({ length: 20 }, (_, i) => ({ topic: 'from/orphan', payload: `${i}` })),
      );
      await mosquitto.kill();
      await mosquitto.start();
      await client.online(2);
      assert.equal(client.connects[1], `${version} false`);
      const reasons = await client.settled(tokens);
      assert.ok(reasons.every((reason) => reason < 0x80));
      assert.deepEqual(client.source.redelivered, [], 'a new session knows no redelivery');
    });

    test(`keeps QoS 2 exactly once over a cut connection, in ${spoken}`, async (t) => {
      const mosquitto = await broker(t, {});
      const client = await liveClient(t, {
        ...options('exact', mosquitto.port()),
        windowMax: 8,
      }).online();
      const witness = await mosquitto.subscribe('from/exact', { qos: 2 });
      const messages = Array.from({ length: 100 }, (_, i) => {
        return { topic: 'from/exact', payload: `${i}`, qos: 2 } as const;
      });
      const tokens = client.send(...messages);
      for (const [cuts, share] of [20, 40, 60, 80].entries()) {
        const done = () => tokens.filter((token) => client.source.reasonOf(token) >= 0).length;
        await client.until(() => done() >= share, `${share} messages`);
        client.tap.cut();
        await client.online(cuts + 2);
      }
      await client.settled(tokens);
      await witness.waitUntil((seen) => seen.length >= 100);
      assert.deepEqual(
        witness.messages.map(({ text }) => text),
        messages.map(({ payload }) => payload),
      );
    });
  }

  test('a clean start drops what the session held', async (t) => {
    const mosquitto = await broker(t, {});
    const port = mosquitto.port();
    const first = await liveClient(t, { clientId: 'fresh', port, ...KEPT }).online();
    await first.subscribe({ filter: 'to/fresh', qos: 1 });
    await first.stop();
    await mosquitto.publish('to/fresh', 'old');
    const second = await liveClient(t, { clientId: 'fresh', port, cleanStart: true }).online();
    assert.deepEqual(second.connects, ['5 false']);
    await second.subscribe({ filter: 'to/fresh', qos: 1 });
    await mosquitto.publish('to/fresh', 'new');
    await second.message(({ text }) => text === 'new');
    assert.equal(second.messages.length, 1);
  });
});
