/** A whole device in virtual time: what it says, when, and in which form. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Sensor } from '../../../firmware/sensors/sensor.ts';
import { textOf, virtualDevice } from '../../support/virtual-device.ts';

const MINUTE = 60_000;

test('the first reading is taken at once and delivered right after the first connect', () => {
  const board = virtualDevice().start().runFor(500);
  const [first] = board.readings();
  assert.equal(first.seq, 1);
  assert.ok(board.told('sampled')[0].at < 50, 'sampled without waiting for the network');
  const connectedAt = board.told('connected')[0].at;
  assert.ok(first.at - connectedAt < 10, `${first.at - connectedAt} ms after the connect`);
  board.checkBooks();
});

test('a reading is a QoS 1 message with number, boot, time, quality and values, in this order', () => {
  const board = virtualDevice({ clock: { epochMs: 1_795_204_800_000 } }).online();
  const [packet] = board.packets('telemetry');
  assert.equal(packet.qos, 1);
  assert.equal(packet.retain, false);
  assert.equal(packet.dup, false);
  const shape =
    /^\{"seq":1,"boot":1,"ts":1795204800,"tq":"sync","temperature":\d+(\.\d\d?)?,"humidity":\d+(\.\d)?,"pressure":\d+(\.\d)?\}$/;
  assert.match(textOf(packet.payload), shape);
});

test('readings come at their interval, numbered without a gap', () => {
  const board = virtualDevice({ config: { intervalMs: 5000 } })
    .start()
    .runFor(61_000);
  const readings = board.readings();
  assert.deepEqual(
    readings.map(({ seq }) => seq),
    Array.from({ length: 13 }, (_, i) => i + 1),
  );
  const times = readings.slice(1).map(({ ts }, i) => ts! - readings[i].ts!);
  assert.deepEqual(new Set(times), new Set([5]));
  board.checkBooks();
});

test('an estimated time is published as estimated', () => {
  const board = virtualDevice({ clock: { quality: 'estimated' } }).online();
  assert.equal(board.readings()[0].tq, 'estimated');
  assert.equal(board.readings()[0].ts, 1_735_689_600);
});

test('online is said after every CONNACK, retained and at QoS 1', () => {
  const board = virtualDevice().online();
  for (let connects = 2; connects <= 4; connects += 1) {
    board.runFor(6_000).broker.drop('mote-1', 'reset');
    board.until(() => board.device.counters.connects === connects).runFor(100);
  }
  const said = board.packets('status');
  assert.deepEqual(
    said.map(({ payload, qos, retain, connection }) => [textOf(payload), qos, retain, connection]),
    [1, 2, 3, 4].map((connection) => ['online', 1, true, connection]),
  );
  assert.equal(textOf(board.broker.retained('mote/mote-1/status')!), 'online');
  board.checkBooks();
});

test('the will says lost, retained and at QoS 1, five seconds after the connection was lost', () => {
  const board = virtualDevice().online();
  const wills: unknown[] = [];
  board.broker.subscriber('mote/mote-1/status', ({ payload, qos, isStored }) => {
    if (!isStored) wills.push([textOf(payload), qos]);
  });
  board.network.vanishAll();
  board.network.change({ connect: 'silent' });
  const before = board.broker.books.connections[0];
  board.until(() => before.endedAt !== undefined, 2 * MINUTE);
  board.runFor(4990);
  assert.deepEqual(wills, []);
  board.runFor(20);
  assert.deepEqual(wills, [['lost', 1]]);
  assert.equal(textOf(board.broker.retained('mote/mote-1/status')!), 'lost');
});

test('a reconnect within five seconds keeps the will quiet', () => {
  const board = virtualDevice().online();
  board.broker.drop('mote-1', 'reset');
  board.until(() => board.device.counters.reconnects === 1, 4000).runFor(MINUTE);
  assert.deepEqual(board.statusWords, ['online', 'online']);
});

test('in 3.1.1 the will says lost at once, and online follows it', () => {
  const board = virtualDevice({ config: { version: 4 } }).online();
  board.broker.drop('mote-1', 'reset');
  board.until(() => board.device.counters.reconnects === 1).runFor(100);
  assert.deepEqual(board.statusWords, ['online', 'lost', 'online']);
  assert.equal(textOf(board.broker.retained('mote/mote-1/status')!), 'online');
  board.checkBooks();
});

test('a broker of 3.1.1 only gets it by itself, and no reading is lost over it', () => {
  for (const versionRefusal of ['return code', 'reason code', 'close'] as const) {
    const board = virtualDevice({ broker: { versions: [4], versionRefusal } });
    board.start().until(() => board.told('connected').length === 1);
    assert.equal(board.told('connected')[0].text, '4 false', versionRefusal);
    board.runFor(10_000);
    assert.deepEqual(board.arrived().slice(0, 10), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    assert.deepEqual(board.broker.violations, []);
  }
});

test('diagnostics are sent after each connect and every five minutes, at QoS 0', () => {
  const board = virtualDevice({ config: { intervalMs: 10_000 } }).online();
  board.runFor(11 * MINUTE);
  const times = board.packets('diagnostics').map(({ time }) => Math.round(time / MINUTE));
  assert.deepEqual(times, [0, 5, 10]);
  for (const { qos, retain } of board.packets('diagnostics')) {
    assert.equal(qos, 0);
    assert.equal(retain, false);
  }
  board.broker.drop('mote-1', 'reset');
  board.until(() => board.device.counters.reconnects === 1).runFor(100);
  assert.equal(board.packets('diagnostics').length, 4);
});

test('diagnostics carry the radio, the heap, the link and the outbox', () => {
  const board = virtualDevice().online().runFor(20_000);
  board.broker.drop('mote-1', 'reset');
  board.until(() => board.device.counters.reconnects === 1).runFor(100);
  const { uptime, oldest_age, outbox, ...report } = board.diagnostics()[1];
  assert.ok((uptime as number) >= 20 && (uptime as number) < 60, `uptime ${uptime}`);
  assert.ok((outbox as number) >= 0 && (oldest_age === undefined || (oldest_age as number) < 60));
  assert.deepEqual(report, {
    firmware: '0.1.0',
    boots: 1,
    reset: 'power on',
    dropped: 0,
    refused: 0,
    missed_samples: 0,
    reconnects: 1,
    takeovers: 0,
    tq: 'sync',
    rssi: -61,
    channel: 11,
    bssid: '02:00:00:00:00:09',
    heap_free: 120_000,
    heap_free_min: 90_000,
    last_error: 'the connection was reset',
  });
});

test('a sensor that is dead is named with its reason, and the others go on', () => {
  const deaf: Sensor = {
    quantities: [{ name: 'light', unit: 'lx', decimals: 0 }],
    trigger: () => {
      throw new Error('no acknowledge');
    },
    collect: () => false,
    close: () => {},
  };
  const board = virtualDevice({ moreSensors: [{ name: 'bh1750', sensor: deaf }] });
  board.online().runFor(5000);
  assert.equal(board.diagnostics()[0].sensor_bh1750, 'no acknowledge');
  assert.equal(board.diagnostics()[0].sensor_bme280, undefined);
  assert.equal(board.readings().length, 6);
  for (const reading of board.readings()) {
    assert.equal(typeof reading.temperature, 'number');
    assert.ok(!('light' in reading), 'an absent value is left out');
  }
  board.checkBooks();
});

test('with its only sensor dead a board sends no reading, and says why; it mends by itself', () => {
  const board = virtualDevice({ config: { diagnosticsMs: 10_000 } });
  board.chip.setFault('absent');
  board.online().runFor(15_000);
  assert.equal(board.readings().length, 0);
  assert.match(String(board.diagnostics().at(-1)!.sensor_bme280), /BME280 does not answer/);
  board.chip.setFault();
  board.runFor(10_000);
  assert.ok(board.readings().length >= 9);
  assert.equal(board.diagnostics().at(-1)!.sensor_bme280, undefined);
  board.checkBooks();
});

test('the states of a life are told in order, each once', () => {
  const board = virtualDevice().online();
  board.stop();
  assert.deepEqual(
    board.told('state').map(({ text }) => text),
    ['joining', 'resolving', 'connecting', 'handshaking', 'online', 'stopping'],
  );
  assert.equal(board.device.state, 'stopped');
  assert.equal(board.told('stopped').length, 1);
});

test('a connection that ends is told with its reason in words', () => {
  const board = virtualDevice().online();
  board.broker.drop('mote-1', 'reset');
  board.runFor(100);
  board.network.change({ dns: 'fail' });
  board.until(() => board.told('disconnected').length === 2);
  assert.deepEqual(
    board.told('disconnected').map(({ text }) => text),
    ['the connection was reset', 'the name of the broker could not be looked up'],
  );
});

test('a take-over by another board with the same id is named and counted', () => {
  const board = virtualDevice().online();
  board.broker.takeOver('mote-1');
  board.until(() => board.told('disconnected').length === 1);
  assert.match(board.told('disconnected')[0].text, /taken over by another client with the same id/);
  board.until(() => board.device.counters.reconnects === 1, 10 * MINUTE).runFor(100);
  assert.equal(board.diagnostics().at(-1)!.takeovers, 1);
});

test('what a broker sends that MQTT forbids ends the connection, and the board comes back', () => {
  const board = virtualDevice().online();
  board.broker.send('mote-1', Uint8Array.of(0x20, 0x03, 0x00, 0x00, 0x00));
  board.until(() => board.told('disconnected').length === 1);
  assert.match(board.told('disconnected')[0].text, /^the broker sent something that MQTT forbids/);
  board.until(() => board.device.counters.reconnects === 1).runFor(2000);
  const seen = board.arrived();
  assert.deepEqual(
    seen,
    seen.map((_, i) => i + 1),
  );
});

test('a topic alias replaces the repeated topic where the broker allows it', () => {
  const size = (topicAliasMaximum: number) => {
    const board = virtualDevice({ broker: { topicAliasMaximum } }).online().runFor(9500);
    assert.equal(board.readings().length, 10);
    board.checkBooks();
    return board.broker.books.connections[0].bytesIn;
  };
  // Nine topics of 21 bytes are replaced by a property of 3; the first carries that property too.
  assert.ok(size(0) - size(4) >= 9 * (21 - 3) - 2 * 3);
});
