/** The benchmark measures what it says: real messages, and honest arithmetic. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { missing } from '../support/available.ts';
import { startMosquitto } from '../support/mosquitto.ts';
import { openMoteClient } from './mote-client.ts';
import { openMqttJsClient } from './mqtt-js-client.ts';
import { openPreEncodedClient } from './pre-encoded-client.ts';
import { type CellFigures, figures, line, median, verdict } from './report.ts';

const skip = missing('mosquitto', 'mosquitto_sub');
const clients = { openPreEncodedClient, openMqttJsClient, openMoteClient };

test('what each peer counts as acknowledged is what a subscriber receives', { skip }, async (t) => {
  const config = ['max_queued_messages 0'];
  const broker = await startMosquitto({ quiet: true, maxInflight: 0, config });
  t.after(() => broker.remove());
  for (const version of [4, 5] as const) {
    for (const [name, open] of Object.entries(clients)) {
      const topic = `${name}/${version}`;
      const subscription = await broker.subscribe(topic);
      const { host } = broker;
      const cell = { version, window: 16, payloadBytes: 64 } as const;
      const client = await open({ ...cell, host, port: broker.port(), topic });
      const acknowledged = (await client.run(10)) + (await client.run(10));
      await client.close();
      await subscription.waitUntil(({ length }) => length >= acknowledged);
      await subscription.stop();
      const { messages } = subscription;
      assert.ok(acknowledged > 16, `${topic} sent more than its first window`);
      assert.equal(messages.length, acknowledged, topic);
      assert.ok(messages.every(({ qos, payload }) => qos === 1 && payload.length === 64));
    }
  }
});

test('a ratio is taken within a round and its median over the rounds', () => {
  const slice = (acknowledged: number) => ({ acknowledged, elapsedMs: 1000, cpuMs: 10 });
  const cell = figures({
    version: 4,
    window: 16,
    payloadBytes: 64,
    slices: {
      bound: [slice(100), slice(1000), slice(10)],
      'mqtt.js': [slice(50), slice(500), slice(5)],
      mote: [slice(80), slice(900), slice(7)],
    },
  });
  assert.equal(cell.rates.bound, 100);
  assert.equal(cell.moteToBound, 0.8);
  assert.equal(cell.moteToMqttJs, 1.6);
  assert.equal(cell.mqttJsToBound, 0.5);
  assert.equal(cell.cpuMicros.bound, 100);
  assert.match(line(cell), /3\.1\.1 +16 +64 B +100 +50 +80 +0\.80 +1\.60 +0\.50/);
});

test('the verdict is on the median over the cells of one version', () => {
  const cell = (version: 4 | 5, moteToBound: number, moteToMqttJs: number) =>
    ({ version, moteToBound, moteToMqttJs }) as CellFigures;
  const others = [cell(4, 0.9, 3), cell(4, 0.9, 3), cell(5, 0.1, 0.1), cell(5, 0.1, 0.1)];
  assert.equal(verdict([...others, cell(4, 0.1, 0.1)], 4).reached, true);
  assert.equal(verdict([...others, cell(4, 0.5, 3), cell(4, 0.59, 3)], 4).reached, false);
  assert.equal(verdict([...others, cell(4, 0.9, 1), cell(4, 0.9, 1)], 4).reached, true);
  assert.equal(verdict([cell(4, 0.9, 1.59)], 4).reached, false);
  assert.equal(verdict([], 4).reached, false, 'nothing measured is nothing reached');
});

test('the median of an even number of values lies between the middle two', () => {
  assert.equal(median([9, 1, 2, 4]), 3);
  assert.equal(median([9, 1, 2]), 2);
  assert.ok(Number.isNaN(median([])));
});
