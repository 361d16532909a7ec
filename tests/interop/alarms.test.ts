/** Alarms over the real simulator and Mosquitto: raised in an outage, acknowledged, and killed. */

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { missing } from '../support/available.ts';
import { startMosquitto } from '../support/mosquitto.ts';
import { Started } from './start-process.ts';

const TOPIC = 'mote/box/alarm/temperature_high';
/** It is always warmer where simulated boards are. */
const RULES = 'temperature > 5 for 3s latched; temperature < -50';

test('an alarm of an outage comes before the backlog, once, with its own time, is acknowledged, and outlives a kill', {
  skip: missing('mosquitto', 'mosquitto_sub', 'mosquitto_pub'),
}, async (t) => {
  const broker = await startMosquitto({ persistence: 'on every change' });
  t.after(() => broker.remove());
  const folder = mkdtempSync(join(tmpdir(), 'mote-alarms-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const received = await broker.subscribe('mote/box/#', { qos: 1, persistentId: 'watch' });
  while (!broker.database().includes('watch')) await sleep(20);
  const options = ['--id', 'box', '--interval', '50ms', '--alarms', RULES, '--state', folder];
  const args = ['--broker', broker.url('tcp'), ...options, '--json'];
  // What is retained comes again to whoever subscribes again, under its number.
  const states = (): string[] => {
    const told = received.messages.filter(({ topic }) => topic === TOPIC);
    return [...new Set(told.map(({ text }) => text))].map((text) => JSON.parse(text).state);
  };

  const first = new Started(...args);
  await first.until(() => first.count('acknowledged', '/telemetry') >= 3);
  await broker.kill();
  await sleep(4500);
  const backAt = Date.now();
  await broker.start();
  await received.waitFor(({ topic }) => topic === 'mote/box/history', 60_000);
  assert.deepEqual(states(), ['normal', 'active']);
  const told = received.messages.findIndex(({ topic, text }) => {
    return topic === TOPIC && text.includes('"active"');
  });
  const late = received.messages.findIndex(({ topic }) => topic === 'mote/box/history');
  assert.ok(told < late, 'the alarm goes first');
  const { seq, ts, since, value, limit } = JSON.parse(received.messages[told].text);
  assert.ok(ts * 1000 < backAt - 500, 'the time is that of the alarm');
  assert.ok(ts - since >= 2 && ts - since <= 4 && value > 5 && limit === 5);

  await broker.publish('mote/box/command/acknowledge', '{"alarm":"temperature_high"}');
  await received.waitFor(({ topic, text }) => topic === TOPIC && text.includes('acknowledged'));
  await first.until(() => first.count('acknowledged', TOPIC) >= 3);
  first.child.kill('SIGKILL');
  await first.ended;
  const second = new Started(...args, '--duration', '5s');
  assert.equal(await second.ended, 0, second.err);
  assert.deepEqual(states(), ['normal', 'active', 'acknowledged']);
  const late2 = await broker.subscribe(TOPIC, { qos: 1 });
  const kept = await late2.waitFor(({ topic }) => topic === TOPIC);
  assert.equal(JSON.parse(kept.text).state, 'acknowledged');
  assert.ok(JSON.parse(kept.text).seq > seq);
});
