/** How a device leaves: in order, within five seconds, whatever the network does. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { textOf, type VirtualDevice, virtualDevice } from '../../support/virtual-device.ts';

const GOODBYE_MS_MAX = 5000;

function deliveredAll(board: VirtualDevice): void {
  const { accepted, acknowledged } = board.device.counters;
  assert.equal(acknowledged, accepted);
  assert.equal(board.outbox.depth, 0);
  board.checkBooks();
}

test('a goodbye says offline, retained, then DISCONNECT, and the will stays unsaid', () => {
  const board = virtualDevice().online();
  const ms = board.stop();
  board.runFor(60_000);
  assert.ok(ms < 100, `${ms} ms`);
  assert.deepEqual(board.statusWords, ['online', 'offline']);
  assert.equal(textOf(board.broker.retained('mote/mote-1/status')!), 'offline');
  assert.equal(board.told('disconnected').at(-1)!.text, 'goodbye');
  assert.match(board.broker.books.connections[0].end, /DISCONNECT/);
  deliveredAll(board);
});

test('in 3.1.1 too a goodbye leaves without the will', () => {
  const board = virtualDevice({ config: { version: 4 } }).online();
  board.stop();
  board.runFor(60_000);
  assert.deepEqual(board.statusWords, ['online', 'offline']);
});

test('what waits is acknowledged before offline is said', () => {
  const board = virtualDevice({ link: { latencyMsMin: 150, latencyMsMax: 150 } }).online();
  board.until(() => board.outbox.inFlight > 0);
  board.stop();
  const offline = board.packets('status').at(-1)!;
  assert.equal(textOf(offline.payload), 'offline');
  const late = board.packets('telemetry').filter(({ acknowledgedAt }) => {
    return acknowledgedAt === undefined || acknowledgedAt > offline.time;
  });
  assert.deepEqual(late, []);
  deliveredAll(board);
});

test('a backlog that fits into the time is sent before the goodbye', () => {
  const board = virtualDevice().online();
  board.broker.stop('vanish');
  board.runFor(60_000);
  board.broker.start();
  board.until(() => board.told('connected').length === 2, 600_000);
  assert.ok(board.outbox.depth > 40, 'there is a backlog');
  const ms = board.stop();
  assert.ok(ms <= GOODBYE_MS_MAX, `${ms} ms`);
  assert.equal(board.statusWords.at(-1), 'offline');
  deliveredAll(board);
});

test('acknowledgements are stored before the goodbye is over', () => {
  const board = virtualDevice().online();
  const flushes: string[] = [];
  board.outbox.flush = () => flushes.push(board.device.state);
  board.stop();
  assert.deepEqual(flushes, ['stopping']);
});

test('no reading is taken once the goodbye has begun', () => {
  const board = virtualDevice({ link: { latencyMsMin: 400, latencyMsMax: 400 } }).online();
  const before = board.device.counters.accepted;
  board.stop();
  board.runFor(10_000);
  assert.equal(board.device.counters.accepted, before);
});

test('a broker that stalls holds a goodbye for five seconds at most', () => {
  const board = virtualDevice().online();
  board.broker.misbehave({ readsNothing: true });
  board.runFor(3000);
  const ms = board.stop();
  assert.ok(ms <= GOODBYE_MS_MAX, `${ms} ms`);
  assert.ok(board.outbox.depth > 0, 'what was not acknowledged is kept');
  board.checkBooks();
});

test('a half-open link holds a goodbye for five seconds at most', () => {
  for (const losses of [{ losesUp: true }, { losesDown: true }, { paused: true }]) {
    const board = virtualDevice().online();
    board.network.change(losses);
    board.runFor(2500);
    const ms = board.stop();
    assert.ok(ms <= GOODBYE_MS_MAX, `${JSON.stringify(losses)}: ${ms} ms`);
    assert.ok(board.outbox.depth > 0);
  }
});

test('a broker that takes everything and acknowledges nothing still hears offline', () => {
  const board = virtualDevice().online();
  board.broker.misbehave({ answer: ({ kind }) => (kind === 'puback' ? 'drop' : 'send') });
  board.runFor(3000);
  const ms = board.stop();
  assert.ok(ms <= GOODBYE_MS_MAX, `${ms} ms`);
  assert.equal(board.statusWords.at(-1), 'offline');
});

test('a link that ends during the goodbye ends the goodbye', () => {
  const board = virtualDevice({ link: { latencyMsMin: 300, latencyMsMax: 300 } }).online();
  board.device.stop();
  board.runFor(10);
  board.broker.drop('mote-1', 'reset');
  board.until(() => board.told('stopped').length === 1, 2000);
  board.checkBooks();
});

test('a stop while offline is done at once, and keeps what waits', () => {
  const board = virtualDevice().online();
  board.broker.stop('reset');
  board.runFor(10_000);
  const ms = board.stop();
  assert.ok(ms < 50, `${ms} ms`);
  assert.ok(board.outbox.depth >= 9);
  board.checkBooks();
});

test('a stop is done at once in every state on the way to online', () => {
  const steps = ['joining', 'resolving', 'connecting', 'handshaking'];
  for (const step of steps) {
    const board = virtualDevice({
      link: { latencyMsMin: 50, latencyMsMax: 50, dnsMsMin: 50, dnsMsMax: 50 },
    });
    board.start().until(() => board.device.state === step);
    const ms = board.stop();
    assert.ok(ms < 50, `${step}: ${ms} ms`);
    const attempts = board.network.attempts;
    board.runFor(60_000);
    assert.equal(board.network.attempts, attempts, `${step}: nothing goes on afterwards`);
    assert.equal(board.alarm.at, Number.POSITIVE_INFINITY);
    board.checkBooks();
  }
});

test('a stop before the start does nothing, and the board still starts', () => {
  const board = virtualDevice();
  board.device.stop();
  board.runFor(1000);
  assert.deepEqual(board.events, []);
  assert.equal(board.device.state, 'stopped');
  board.online();
  assert.equal(board.readings()[0].seq, 1);
});

test('a second stop changes nothing', () => {
  const board = virtualDevice().online();
  board.device.stop();
  board.device.stop();
  board.until(() => board.told('stopped').length > 0);
  board.device.stop();
  board.runFor(20_000);
  assert.equal(board.told('stopped').length, 1);
  assert.deepEqual(board.statusWords, ['online', 'offline']);
});

test('a second start while running changes nothing', () => {
  const board = virtualDevice().online();
  board.device.start();
  board.runFor(2500);
  assert.equal(board.broker.books.connections.length, 1);
  assert.deepEqual(board.arrived(), [1, 2, 3]);
});

test('a device that was stopped starts again, and numbers its readings on', () => {
  const board = virtualDevice().online().runFor(2000);
  board.stop();
  board.runFor(5000).online().runFor(2000);
  assert.deepEqual(board.statusWords, ['online', 'offline', 'online']);
  const seen = board.arrived();
  assert.deepEqual(
    seen,
    seen.map((_, i) => i + 1),
  );
  board.stop();
  assert.equal(board.told('stopped').length, 2);
  deliveredAll(board);
});

test('nothing is told after stopped', () => {
  const board = virtualDevice().online();
  board.stop();
  const told = board.events.length;
  board.runFor(3_600_000);
  assert.equal(board.events.length, told);
});
