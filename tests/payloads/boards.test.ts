/** Whatever simulated boards publish is what the schemas say, and the schemas say no more. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createPinSensors, type PinInputs } from '../../firmware/sensors/pin-sensors.ts';
import type { NamedSensor } from '../../firmware/sensors/probe.ts';
import { calibrated } from '../../firmware/sensors/with-offsets.ts';
import { type Diagnostics, DiagnosticsWriter } from '../../firmware/telemetry/diagnostics.ts';
import { boardSensors, SIMULATED_SENSORS } from '../../host-sim/chips/board-sensors.ts';
import { forbidding } from '../../host-sim/virtual/broker/policy.ts';
import { World } from '../../host-sim/virtual/world/world.ts';
import { BASE, working } from '../simulation/mote/whole-board.ts';
import { HOUR_MS, planOf } from '../simulation/run.ts';
import {
  textOf,
  type VirtualDevice,
  type VirtualDeviceOptions,
  virtualDevice,
} from '../support/virtual-device.ts';
import { faultsOf, type Published, problemsOf, SCHEMAS, schemaOf } from './schemas.ts';

const MINUTE = 60_000;
/** Where the operator of a world wants answers. */
const OPERATOR = /^operator\//;
/** By schema: its fields that were seen, and how many messages were looked at. */
const seen = new Map<string, { readonly fields: Set<string>; messages: number }>();

function look(message: Published, base: string): void {
  const name = schemaOf(message.topic, base, OPERATOR);
  assert.equal(problemsOf(name, message), '');
  const of = seen.get(name) ?? { fields: new Set<string>(), messages: 0 };
  seen.set(name, of);
  of.messages += 1;
  if (name === 'status' || message.payload.length === 0) return;
  const value: object | object[] = JSON.parse(textOf(message.payload));
  for (const one of [value].flat()) for (const field of Object.keys(one)) of.fields.add(field);
}

/** Looks at all that a virtual device has published, and says that no books are wrong. */
function lookAt(board: VirtualDevice): void {
  const { published } = board.broker.books;
  assert.ok(published.length > 3);
  for (const message of published) look(message, board.base);
  board.checkBooks();
}

/** Each kind of input that a board has; the contact opens and closes. */
function inputs(now: () => number): PinInputs {
  const close = () => {};
  return {
    analog: () => ({ read: () => 0.37, close }),
    digital: () => ({ read: () => Math.floor(now() / 1000) % 2, close }),
    pulses: () => ({ read: () => Math.floor(now() / 700), close }),
  };
}

/** A board with a sensor of each kind. */
function measuring(unit: 'C' | 'F', options: VirtualDeviceOptions = {}): VirtualDevice {
  let board: VirtualDevice | undefined;
  const now = () => board?.queue.now ?? 0;
  const chips = SIMULATED_SENSORS.filter((name) => name !== 'bmp280');
  const pins = ['analog-34', 'ntc-35', 'contact-4', 'pulse-5'];
  const made: NamedSensor[] = [
    ...boardSensors(chips, 7, now, 1000),
    ...createPinSensors(pins, inputs(now), now),
  ];
  const sensors = calibrated(made, { temperature: 0.5, humidity: -1, pressure: 2 }, unit);
  board = virtualDevice({ ...options, sensors, config: { discovery: 'on', ...options.config } });
  return board;
}

test('boards under faults, with an operator and Home Assistant, publish what the schemas say', () => {
  for (let seed = 1; seed <= 8; seed += 1) {
    const world = new World(planOf(seed, { devices: 2, durationMs: 2 * HOUR_MS }));
    const { books } = world.broker;
    const inner = books.onPublish;
    books.onPublish = (record) => {
      look(record, `mote/${record.clientId}`);
      inner?.(record);
    };
    world.run();
    assert.equal(world.outcome.violation, undefined);
  }
  for (const name of ['status', 'telemetry', 'history', 'diagnostics', 'response', 'discovery']) {
    const messages = seen.get(name)?.messages ?? 0;
    assert.ok(messages > 10, `${name}: ${messages}`);
  }
});

for (const unit of ['C', 'F'] as const) {
  test(`what each kind of sensor measures is in the schemas, temperatures in °${unit}`, () => {
    const board = measuring(unit).online().runFor(20_000);
    lookAt(board);
    const [announced] = board.broker.books.published.filter(({ topic }) => /config$/.test(topic));
    assert.equal(JSON.parse(textOf(announced.payload)).cmps.temperature.unit_of_meas, `°${unit}`);
  });
}

test('the least and the greatest of each quantity are in the schemas', () => {
  const config = { sampleMs: 100, spread: true, onChange: 'temperature 50', silenceMs: 3000 };
  const board = measuring('C', { config }).online().runFor(20_000);
  lookAt(board);
  const names = Object.keys(board.readings().at(-1)!);
  for (const name of ['humidity_max', 'analog_34_min', 'pulse_5_rate_max']) {
    assert.ok(names.includes(name), name);
  }
  assert.ok(!names.includes('contact_4_min'));
  assert.ok(Number(board.diagnostics().at(-1)?.unchanged) >= 0);
});

test('readings of a boot that never had the time have their uptime, live and as backlog', () => {
  const board = virtualDevice({ clock: { quality: 'none' } })
    .online()
    .runFor(10_000);
  board.broker.stop('vanish');
  board.runFor(MINUTE);
  board.broker.start();
  board.online().runFor(MINUTE);
  lookAt(board);
  for (const topic of ['telemetry', 'history']) {
    const readings = board.readings().filter((one) => one.topic.endsWith(topic));
    assert.ok(readings.some(({ up, ts }) => Number(up) > 0 && ts === undefined));
  }
  assert.equal(board.diagnostics().at(-1)?.tq, 'none');
});

test('a sensor that fails, a message that is forbidden and a reading that is set aside are told as the schemas say', () => {
  const dead = { name: 'ds18b20-4-28ff641e83160349', sensor: neverThere() };
  const policy = forbidding(['/response']);
  const board = virtualDevice({ broker: { policy }, moreSensors: [dead] });
  board.broker.misbehave({
    poison: (_topic, payload) => (textOf(payload).includes('"seq":5,') ? 'silence' : 'none'),
  });
  board.online();
  for (let i = 0; i < 4; i += 1) {
    board.broker.publish({ topic: `${board.base}/command/sample`, payload: '', qos: 1 });
    board.runFor(4 * MINUTE);
  }
  board.runFor(10 * MINUTE);
  lookAt(board);
  const report = board.diagnostics().at(-1)!;
  assert.ok(board.diagnostics().some(({ left_out: kinds }) => kinds === 'responses'));
  assert.equal(report.set_aside, '5');
  assert.ok(String(report['sensor_ds18b20-4-28ff641e83160349']).length > 0);
});

function neverThere() {
  const trigger = (): never => {
    throw new Error('the sensor does not answer');
  };
  return { quantities: [], trigger, collect: () => false, close: () => {} };
}

test('a client certificate that expires soon is told as the schemas say', () => {
  const certificateEndsAt = Date.UTC(2025, 0, 12);
  const board = virtualDevice({ config: { certificateEndsAt, discovery: 'on' } });
  lookAt(board.online().runFor(5000));
  assert.equal(board.diagnostics()[0].certificate_days, 10);
});

test('an announcement that is taken back is empty, and what is no more is named in the next', () => {
  lookAt(
    measuring('C', { config: { discovery: 'remove' } })
      .online()
      .runFor(5000),
  );
  const announced = 'sensor:co2_2,binary_sensor:contact_9';
  const board = measuring('C', { config: { announced } }).online().runFor(5000);
  lookAt(board);
  board.device.stop();
  board.runFor(10_000);
  lookAt(board);
});

test('a broker that ends the connection without a goodbye says the will, which is in the schema', () => {
  const board = virtualDevice().online();
  const will = { topic: `${board.base}/status`, qos: 1, retain: true };
  board.network.vanishAll();
  board.alarm.stop();
  board.runFor(5 * MINUTE);
  assert.equal(board.statusWords.at(-1), 'lost');
  look({ ...will, payload: new TextEncoder().encode(board.statusWords.at(-1)) }, board.base);
});

/** Every figure that a report can have: a new one does not compile until it is here. */
const WHOLE: Required<Diagnostics> = {
  firmwareVersion: '0.1.0',
  boots: 17,
  resetReason: 'brown-out',
  uptimeMs: 61_999,
  rssi: -71,
  channel: 6,
  bssid: 'F4:92:BF:00:00:01',
  freeBytes: 100_000,
  freeBytesMin: 80_000,
  reconnects: 3,
  takeovers: 1,
  certificateDays: 29,
  lastError: 'the connection was reset',
  leftOut: 'status,discovery,diagnostics,responses,subscriptions',
  outboxDepth: 12,
  setAside: '5,17,4294967295',
  oldestAgeMs: 3999,
  dropped: 4,
  oversized: 1,
  refused: 5,
  missedSamples: 6,
  unchanged: 7,
  timeQuality: 'estimated',
  learning: 'temperature_unusual,humidity_unusual',
  alarmsMissing: 'co2_high',
};

test('what became of settings from afar is told as the schema says', () => {
  const board = working();
  const wishes = [
    '{"v":1,"host":"nowhere.home","colour":1,"password":"x"}',
    '{"v":2,"intervalS":5}',
  ];
  for (const wish of wishes) {
    const payload = new Uint8Array(Buffer.from(wish));
    board.broker.publish({ topic: `${BASE}/desired`, payload, qos: 1, retain: true });
    board.queue.runFor(2 * MINUTE);
  }
  const reports = board.broker.books.published.filter(({ topic }) => topic === `${BASE}/reported`);
  assert.ok(reports.length >= 4, `${reports.length} reports`);
  for (const report of reports) look(report, BASE);
});

test('each figure of the diagnostics is in the schema', () => {
  const bytes = new Uint8Array(1024);
  const writer = new DiagnosticsWriter(bytes);
  const sensors = [{ name: 'bme280-77', ok: false, reason: 'BME280 does not answer' }];
  const payload = bytes.subarray(0, writer.write(WHOLE, sensors, 0, 1024));
  look({ topic: 'mote/x/diagnostics', payload, qos: 0, retain: false }, 'mote/x');
});

test('an alarm in each of its states is as the schema says, and so is what Home Assistant is told', () => {
  let celsius = 20;
  const quantities = [
    { name: 'temperature', kind: 'temperature', unit: '°C', decimals: 2 },
  ] as const;
  const collect = (into: Float64Array) => {
    into[0] = celsius;
    return true;
  };
  const sensors = [
    { name: 'tmp117', sensor: { quantities, trigger: () => 0, collect, close() {} } },
  ];
  const alarms = 'temperature > 30 latched; temperature silent for 60s; temperature unusual';
  const board = virtualDevice({ sensors, config: { alarms, discovery: 'on' } }).online();
  const send = (name: string, payload: string) => {
    board.broker.publish({ topic: `${board.base}/command/${name}`, payload, qos: 1 });
    board.runFor(3000);
  };
  celsius = 31;
  board.runFor(3000);
  send('acknowledge', '');
  send('shelve', '{"alarm":"temperature_high","seconds":5}');
  board.runFor(5000);
  celsius = 20;
  board.runFor(3000);
  lookAt(board);
  const told = board.packets('alarm/temperature_high').map(({ payload }) => textOf(payload));
  const states = told.map((text) => JSON.parse(text).state);
  assert.deepEqual(states, ['normal', 'active', 'acknowledged', 'shelved', 'active', 'cleared']);
  const early = virtualDevice({ sensors, config: { alarms }, clock: { quality: 'none' } }).online();
  celsius = 40;
  lookAt(early.runFor(5000));
});

test('the schemas describe no field that no board publishes', () => {
  for (const name of [
    'telemetry',
    'alarm',
    'diagnostics',
    'response',
    'discovery',
    'controls',
    'reported',
  ]) {
    const { properties = {}, patternProperties = {} } = SCHEMAS.get(name)!;
    const fields = [...seen.get(name)!.fields];
    const unseen = [
      ...Object.keys(properties).filter((field) => !fields.includes(field)),
      ...Object.keys(patternProperties).filter((pattern) => {
        return !fields.some((field) => new RegExp(pattern).test(field));
      }),
    ];
    assert.deepEqual(unseen, [], name);
  }
});

test('a message that is not what the schemas say is found', () => {
  const reading = '{"seq":1,"boot":1,"ts":1795204800,"tq":"sync","temperature":21.4}';
  const by = (text: string, name = 'telemetry', qos = 1, retain = false) => {
    return problemsOf(name, { topic: `mote/x/${name}`, payload: Buffer.from(text), qos, retain });
  };
  assert.equal(by(reading), '');
  for (const [from, to, problem] of [
    ['"seq":1', '"seq":0', /seq must be >= 1/],
    ['"ts"', '"up"', /telemetry/],
    ['"ts":1795204800', '"ts":60', /ts must be >= 1735689600/],
    ['"sync"', '"none"', /up/],
    ['"temperature"', '"temperatur"', /must NOT have additional properties/],
    ['21.4', '"21.4"', /must be number/],
    ['21.4', '21.40', /not written as JSON.stringify/],
    [',"temp', ', "temp', /not written as JSON.stringify/],
    [',"temperature":21.4', '', /fewer than 5/],
    ['"boot":1', '"boot":1,"boot":1', /not written as JSON.stringify/],
  ] as const) {
    assert.match(by(reading.replace(from, to)), problem, to);
  }
  assert.match(by(reading, 'telemetry', 0), /flags/);
  assert.match(by(reading, 'telemetry', 1, true), /flags/);
  assert.match(by(reading, 'temperature'), /no board publishes/);
  assert.match(by('awake', 'status', 1, true), /must be equal to one of/);
  assert.match(by('[]', 'history'), /fewer than 1/);
  assert.match(faultsOf('response', { command: 'sample', ok: true, error: 'x' }), /error/);
  assert.match(faultsOf('response', { command: 'sample', ok: false }), /error/);
});
