/** A whole board in virtual time whose thermometers are on a one-wire bus. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SimulatedInputs } from '../../host-sim/live/inputs.ts';
import { Person } from '../support/person.ts';
import { RIGHT_SETTINGS, SetUpBoard } from '../support/set-up-board.ts';
import { nameOf, OneWireBench } from '../unit/sensors/bus/one-wire-bench.ts';

const SETTINGS = Object.freeze({ ...RIGHT_SETTINGS, intervalS: '10' });
const BASE = 'mote/mote-0a1b2c';

/** A board with these chips at pin 4, which time moves along with. */
function boardWith(...serials: readonly number[]) {
  const board = new SetUpBoard();
  const bench = new OneWireBench(...serials);
  Object.defineProperty(bench, 'now', { get: () => board.queue.now });
  const inputs = new SimulatedInputs(() => board.queue.now);
  inputs.oneWire = (pin) => bench.oneWire(pin);
  board.inputs = inputs;
  return { board, bench };
}

function workWith(board: SetUpBoard, sensors: string): void {
  new Person(board).getOn().persist({ ...SETTINGS, sensors });
  assert.ok(board.queue.runUntil(() => board.device?.state === 'online', 900_000));
}

/** The next reading from now on that the broker gets. */
function reading(board: SetUpBoard): Record<string, number> {
  const telemetry = () =>
    board.broker.books.published.filter(({ topic }) => topic === `${BASE}/telemetry`);
  const before = telemetry().length;
  const limit = board.queue.now + 60_000;
  assert.ok(board.queue.runUntil(() => telemetry().length > before, limit));
  const { seq, boot, ts, tq, ...values } = JSON.parse(
    Buffer.from(telemetry()[before].payload).toString(),
  );
  assert.ok(seq > 0 && boot > 0 && ts > 0 && tq === 'sync');
  return values;
}

function restart(board: SetUpBoard): void {
  board.cutPower();
  const { boots } = board;
  const limit = board.queue.now + 900_000;
  assert.ok(
    board.queue.runUntil(() => board.boots > boots && board.device?.state === 'online', limit),
  );
}

function health(board: SetUpBoard): (readonly [string, string])[] {
  return (board.device?.sampler.health ?? []).map(({ name, reason }) => [name, reason] as const);
}

test('publishes a chip and two thermometers, and tells of the one that is pulled out', () => {
  const { board, bench } = boardWith(1);
  const loose = bench.plug(2);
  Object.assign(bench.celsius, { 1: 4.5, 2: -18 });
  workWith(board, 'bme280, ds18b20-4');
  const { temperature, humidity, pressure, ...others } = reading(board);
  assert.ok(temperature > 0 && humidity > 0 && pressure > 900);
  // A search goes to the lowest bit first.
  assert.deepEqual(others, { temperature_2: -18, temperature_3: 4.5 });
  bench.bus.unplug(loose);
  reading(board);
  const rest = reading(board);
  assert.equal(rest.temperature_2, undefined);
  assert.equal(rest.temperature_3, 4.5);
  board.broker.publish({
    topic: `${BASE}/command/diagnostics`,
    payload: new Uint8Array(0),
    qos: 1,
  });
  board.queue.runFor(2000);
  const reports = board.broker.books.published.filter(
    ({ topic }) => topic === `${BASE}/diagnostics`,
  );
  const report = JSON.parse(Buffer.from(reports.at(-1)!.payload).toString());
  assert.equal(report[`sensor_${nameOf(2)}`], 'DS18B20: does not answer');
  bench.bus.plug(loose);
  reading(board);
  assert.equal(reading(board).temperature_2, -18);
});

test('a thermometer that is dead at a boot keeps its name, until the settings are saved anew', () => {
  const { board, bench } = boardWith(1, 3);
  const loose = bench.plug(2);
  workWith(board, 'ds18b20-4');
  assert.deepEqual(reading(board), { temperature: 20, temperature_2: 20, temperature_3: 20 });
  bench.bus.unplug(loose);
  const writes = board.values.changes;
  restart(board);
  assert.deepEqual(
    health(board).map(([name]) => name),
    [nameOf(2), nameOf(1), nameOf(3)],
  );
  reading(board);
  assert.deepEqual(reading(board), { temperature_2: 20, temperature_3: 20 });
  // What was remembered is not written again: only the boot is counted.
  assert.equal(board.values.changes, writes + 1);
  const { boots } = board;
  board.broker.publish({ topic: `${BASE}/command/setup`, payload: new Uint8Array(0), qos: 1 });
  assert.ok(board.queue.runUntil(() => board.boots > boots, board.queue.now + 60_000));
  workWith(board, 'ds18b20-4');
  assert.deepEqual(health(board), [
    [nameOf(1), ''],
    [nameOf(3), ''],
  ]);
});

test('a thermometer that was taken off for good is forgotten with the command probe', () => {
  const { board, bench } = boardWith(1, 3);
  const loose = bench.plug(2);
  workWith(board, 'ds18b20-4');
  bench.bus.unplug(loose);
  const { boots } = board;
  board.broker.publish({ topic: `${BASE}/command/probe`, payload: new Uint8Array(0), qos: 1 });
  const isBack = () => board.boots > boots && board.device?.state === 'online';
  assert.ok(board.queue.runUntil(isBack, board.queue.now + 60_000));
  assert.deepEqual(
    health(board).map(([name]) => name),
    [nameOf(1), nameOf(3)],
  );
});

test('six thermometers can be named by their codes', () => {
  const serials = [1, 2, 3, 4, 5, 6];
  const { board } = boardWith(...serials);
  const names = serials.map((serial) => nameOf(serial));
  workWith(board, names.join(','));
  assert.deepEqual(
    health(board).map(([name]) => name),
    names,
  );
});

test('a name that no thermometer can have is a problem on the page', () => {
  const { board } = boardWith();
  const person = new Person(board).getOn();
  for (const sensors of ['ds18b20', 'ds18b20-4-28', nameOf(1).replace('-28', '-29')]) {
    person.send(person.page(), { ...SETTINGS, sensors });
    assert.match(person.page(), /is no sensor that this board knows/);
  }
});
