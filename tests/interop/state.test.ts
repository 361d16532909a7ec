/** Promise 1 on the desk: a process that is killed again and again loses no reading. */

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { missing } from '../support/available.ts';
import { startMosquitto } from '../support/mosquitto.ts';
import { Started } from './start-process.ts';

const KILLS = 10;

/** The sequence numbers on a topic, the first time that each was seen, in order of arrival. */
function firstSeen(texts: readonly string[]): number[] {
  const readings = texts.flatMap((text) => JSON.parse(text) as { seq: number } | { seq: number }[]);
  return [...new Set(readings.map(({ seq }) => seq))];
}

function assertAscending(sequences: readonly number[]): void {
  sequences.forEach((sequence, i) => {
    if (i > 0) assert.ok(sequence > sequences[i - 1], `${sequence} after ${sequences[i - 1]}`);
  });
}

test('a board that is killed at ten random moments delivers every reading, each topic in order', {
  skip: missing('mosquitto', 'mosquitto_sub'),
}, async (t) => {
  const broker = await startMosquitto();
  t.after(() => broker.remove());
  const folder = mkdtempSync(join(tmpdir(), 'mote-state-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const received = await broker.subscribe('mote/box/#', { qos: 1, persistentId: 'watch' });
  const args = ['--broker', broker.url('tcp'), '--id', 'box', '--interval', '40ms', '--json'];
  for (let kill = 0; kill < KILLS; kill++) {
    const run = new Started(...args, '--state', folder);
    const few = Math.floor(Math.random() * 12);
    await run.until(() => run.count('acknowledged', '/telemetry') >= few);
    await sleep(Math.random() * 40);
    run.child.kill('SIGKILL');
    await run.ended;
  }
  const last = new Started(...args, '--state', folder, '--duration', '3s');
  assert.equal(await last.ended, 0, last.err);
  assert.equal(last.events.at(-1)!.dropped, 0);
  await received.waitFor(({ topic, text }) => topic.endsWith('status') && text === 'offline');

  const on = (name: string) =>
    received.messages.filter(({ topic }) => topic === `mote/box/${name}`).map((m) => m.text);
  assertAscending(firstSeen(on('telemetry')));
  assertAscending(firstSeen(on('history')));
  const all = firstSeen([...on('telemetry'), ...on('history')]).sort((a, b) => a - b);
  assert.equal(all[0], 1);
  assert.equal(all.at(-1), all.length, 'a gap that nobody counted');
});

test('a folder that is in use is refused with one line', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'mote-state-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const first = new Started('--state', folder, '--json');
  t.after(() => first.child.kill('SIGKILL'));
  await first.until(() => first.count('connected') > 0);
  const second = new Started('--state', folder, '--json');
  assert.equal(await second.ended, 2);
  assert.match(
    second.problems.join('\n'),
    /^mote: --state: the folder .* is in use by process \d+$/,
  );
});
