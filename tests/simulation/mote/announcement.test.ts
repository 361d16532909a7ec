/** A whole board and Home Assistant: told of it, told what is gone, told to forget it. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RESET } from '../../../host-sim/esp32-tools/reset-codes.ts';
import { VirtualBroker } from '../../../host-sim/virtual/broker/broker.ts';
import { Person } from '../../support/person.ts';
import type { SetUpBoard } from '../../support/set-up-board.ts';
import { textOf } from '../../support/virtual-device.ts';
import { BASE, command, restartAs, until, working } from './whole-board.ts';

/** The message of the quantities; those of controls and diagnostics follow it. */
const QUANTITIES = /^homeassistant\/device\/mote_[0-9a-f]{12}\/config$/;

test('Home Assistant is told of the board, and told to forget it when that is turned off', () => {
  const board = working({ homeAssistant: 'on' });
  const announced = () =>
    board.broker.books.published
      .filter(({ topic }) => QUANTITIES.test(topic))
      .map(({ payload }) => payload.length > 0);
  assert.deepEqual(announced(), [true]);
  command(board, 'setup');
  until(board, () => board.portal?.state === 'open');
  new Person(board).getOn().persist({ homeAssistant: 'off' });
  until(board, () => board.device?.state === 'online');
  board.queue.runFor(1000);
  assert.deepEqual(announced(), [true, false]);
  restartAs(board, RESET.powerOn);
  until(board, () => board.device?.state === 'online');
  board.queue.runFor(1000);
  assert.deepEqual(announced(), [true, false], 'the broker has it: it is not said again');
});

test('a board that is reset by command takes its announcement back before it leaves', () => {
  const board = working({ homeAssistant: 'on' });
  command(board, 'forget', '{"confirm":"forget"}');
  until(board, () => board.portal?.state === 'open');
  const said = board.broker.books.published.filter(({ retain }) => retain);
  const [last] = said.filter(({ topic }) => topic.startsWith('homeassistant/device/')).slice(-1);
  assert.equal(last.payload.length, 0);
  assert.equal(textOf(said[said.length - 1].payload), 'offline');
});

test('a sensor that is there no more is removed from Home Assistant, once', () => {
  const board = working({ homeAssistant: 'on', sensors: 'bme280,contact-4' });
  const last = () => {
    const said = board.broker.books.published.filter(({ topic }) => QUANTITIES.test(topic));
    return JSON.parse(textOf(said[said.length - 1].payload)).cmps;
  };
  assert.equal(last().contact_4.name, 'Contact on GPIO 4');
  command(board, 'setup');
  until(board, () => board.portal?.state === 'open');
  new Person(board).getOn().persist({ sensors: 'bme280' });
  until(board, () => board.device?.state === 'online');
  board.queue.runFor(1000);
  assert.deepEqual(last().contact_4, { p: 'binary_sensor' });
  restartAs(board, RESET.powerOn);
  until(board, () => board.device?.state === 'online');
  board.queue.runFor(1000);
  command(board, 'rediscover');
  board.queue.runFor(1000);
  assert.equal(last().contact_4, undefined);
});

test('Home Assistant is told to forget the board until the broker has acknowledged that', () => {
  const board = working({ homeAssistant: 'on' });
  command(board, 'setup');
  until(board, () => board.portal?.state === 'open');
  board.broker.misbehave({ answer: ({ kind }) => (kind === 'puback' ? 'drop' : 'send') });
  new Person(board).getOn().persist({ homeAssistant: 'off' });
  const removals = () =>
    board.broker.books.published.filter(
      ({ topic, payload }) => QUANTITIES.test(topic) && payload.length === 0,
    ).length;
  until(board, () => removals() === 1);
  restartAs(board, RESET.powerOn);
  board.broker.misbehave({ answer: () => 'send' });
  until(board, () => removals() === 2);
  board.queue.runFor(1000);
  restartAs(board, RESET.powerOn);
  until(board, () => board.device?.state === 'online');
  board.queue.runFor(1000);
  assert.equal(removals(), 2);
});

/** A password that is saved goes to no other host. */
const ELSEWHERE = Object.freeze({ host: 'other.home', user: 'mote', password: 'pass+word%' });

/** What a broker has for those who come later. */
function kept(broker: VirtualBroker): string[] {
  const topics = broker.books.published.filter(({ retain }) => retain).map(({ topic }) => topic);
  return [...new Set(topics)].filter((topic) => broker.retained(topic) !== undefined);
}

/** A board that announces itself at the first broker, and beside it another broker. */
function withTwoBrokers(): { board: SetUpBoard; other: VirtualBroker } {
  const board = working({ homeAssistant: 'on', alarms: 'temperature > 50' });
  const other = new VirtualBroker(board.queue, board.random.fork('other broker'));
  other.listen(board.outside, '10.0.0.2', 1883);
  board.outside.name('other.home', '10.0.0.2');
  board.queue.runFor(5000);
  return { board, other };
}

function move(board: SetUpBoard, way: 'page' | 'from afar'): void {
  if (way === 'from afar') {
    const payload = new Uint8Array(Buffer.from(JSON.stringify({ v: 1, ...ELSEWHERE })));
    board.broker.publish({ topic: `${BASE}/desired`, payload, qos: 1 });
    return;
  }
  command(board, 'setup');
  until(board, () => board.portal?.state === 'open');
  new Person(board).getOn().persist(ELSEWHERE);
}

test('a board that moves to another broker leaves nothing retained at the one before', () => {
  for (const way of ['page', 'from afar'] as const) {
    const { board, other } = withTwoBrokers();
    assert.equal(
      kept(board.broker).length,
      6,
      'three messages, an alarm, the settings, the status',
    );
    move(board, way);
    until(board, () => other.isOnline('mote-0a1b2c') && board.device?.state === 'online');
    board.queue.runFor(5000);
    assert.deepEqual(kept(board.broker), [], way);
    assert.equal(board.broker.session('mote-0a1b2c'), undefined, way);
    assert.equal(kept(other).length, 6, way);
    assert.deepEqual(board.broker.books.violations, [], way);
    const { boots } = board;
    restartAs(board, RESET.powerOn);
    until(board, () => board.device?.state === 'online');
    assert.equal(board.boots, boots + 1, 'it is said once');
  }
});

test('a board that gets another base topic leaves nothing retained below the one before', () => {
  const board = working({ alarms: 'temperature > 50', homeAssistant: 'off' });
  const payload = new Uint8Array(Buffer.from('{"v":1,"baseTopic":"house/hall"}'));
  board.broker.publish({ topic: `${BASE}/desired`, payload, qos: 1 });
  until(board, () => board.broker.retained('house/hall/reported') !== undefined);
  board.queue.runFor(5000);
  const names = ['alarm/temperature_high', 'reported', 'status'];
  const topics = names.map((name) => `house/hall/${name}`);
  assert.deepEqual(kept(board.broker).sort(), topics);
  assert.deepEqual(board.broker.books.violations, []);
});

test('a broker that is gone, or refuses the board now, keeps nobody from moving to another', () => {
  for (const trouble of ['gone', 'refuses'] as const) {
    const { board, other } = withTwoBrokers();
    command(board, 'setup');
    until(board, () => board.portal?.state === 'open');
    if (trouble === 'gone') board.broker.stop('vanish');
    else board.broker.configure({ authenticate: () => 0x86 });
    const from = board.queue.now;
    new Person(board).getOn().persist(ELSEWHERE);
    until(board, () => other.isOnline('mote-0a1b2c') && board.device?.state === 'online');
    assert.ok(board.queue.now - from < 90_000, `${trouble}: ${board.queue.now - from} ms`);
    const { boots } = board;
    restartAs(board, RESET.powerOn);
    until(board, () => board.device?.state === 'online');
    assert.equal(board.boots, boots + 1, 'it is tried once');
  }
});

test('a farewell that a power cut ends is said again, twice in all', () => {
  const { board, other } = withTwoBrokers();
  move(board, 'from afar');
  for (let i = 0; i < 2; i += 1) {
    until(board, () => board.mote?.state === 'parting');
    board.queue.runFor(50);
    restartAs(board, RESET.powerOn);
  }
  until(board, () => other.isOnline('mote-0a1b2c') && board.device?.state === 'online');
  board.queue.runFor(5000);
  assert.equal(kept(other).length, 6);
});
