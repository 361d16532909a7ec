import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Diagnostics,
  DiagnosticsWriter,
  type SensorReport,
} from '../../../firmware/telemetry/diagnostics.ts';

const FULL: Diagnostics = {
  firmwareVersion: '1.2.3',
  boots: 17,
  resetReason: 'brown-out',
  uptimeMs: 61_999,
  rssi: -71,
  channel: 6,
  bssid: '02:00:00:00:00:01',
  freeBytes: 100_000,
  freeBytesMin: 80_000,
  reconnects: 3,
  takeovers: 1,
  lastError: 'the connection was reset',
  outboxDepth: 12,
  oldestAgeMs: 3999,
  dropped: 4,
  refused: 5,
  missedSamples: 6,
  timeQuality: 'estimated',
};

/** Behind what is in use already. */
const START = 100;

function written(report: Diagnostics, sensors: readonly SensorReport[] = [], capacity = 640) {
  const bytes = new Uint8Array(START + 1000);
  const length = new DiagnosticsWriter(bytes).write(report, sensors, START, capacity);
  assert.ok(length <= capacity);
  return JSON.parse(Buffer.from(bytes.subarray(START, START + length)).toString('utf8'));
}

test('every figure is reported under its name, times in whole seconds', () => {
  assert.deepEqual(written(FULL), {
    firmware: '1.2.3',
    boots: 17,
    reset: 'brown-out',
    uptime: 61,
    outbox: 12,
    oldest_age: 3,
    dropped: 4,
    refused: 5,
    missed_samples: 6,
    reconnects: 3,
    takeovers: 1,
    tq: 'estimated',
    rssi: -71,
    channel: 6,
    bssid: '02:00:00:00:00:01',
    heap_free: 100_000,
    heap_free_min: 80_000,
    last_error: 'the connection was reset',
  });
});

test('what is not known is left out', () => {
  const report = written({
    ...FULL,
    rssi: undefined,
    channel: undefined,
    bssid: undefined,
    freeBytes: undefined,
    freeBytesMin: undefined,
    lastError: undefined,
    oldestAgeMs: undefined,
  });
  const names = ['rssi', 'channel', 'bssid', 'heap_free', 'heap_free_min', 'last_error'];
  for (const name of [...names, 'oldest_age']) assert.ok(!(name in report), name);
  assert.equal(report.uptime, 61);
});

test('a sensor is named only while it fails, with its reason', () => {
  const report = written(FULL, [
    { name: 'bme280', ok: false, reason: 'BME280 does not answer' },
    { name: 'ds18b20', ok: true, reason: '' },
  ]);
  assert.equal(report.sensor_bme280, 'BME280 does not answer');
  assert.ok(!('sensor_ds18b20' in report));
});

test('with more dead sensors than room the message is still JSON, and the figures are there', () => {
  const sensors = Array.from({ length: 10 }, (_, i) => {
    return { name: `s${i}`, ok: false, reason: 'x"'.repeat(60) };
  });
  const report = written(FULL, sensors);
  assert.equal(report.dropped, 4);
  assert.equal(report.last_error, 'the connection was reset');
});

test('a report after a longer one carries nothing of it', () => {
  const bytes = new Uint8Array(640);
  const writer = new DiagnosticsWriter(bytes);
  writer.write(FULL, [{ name: 'a', ok: false, reason: 'dead' }], 0, 640);
  const length = writer.write({ ...FULL, lastError: undefined, rssi: undefined }, [], 0, 640);
  const report = JSON.parse(Buffer.from(bytes.subarray(0, length)).toString());
  assert.equal(report.last_error, undefined);
  assert.equal(report.sensor_a, undefined);
});

test('a message for which the buffer ends too early is longer than the room, and writes nothing before it', () => {
  const bytes = new Uint8Array(100).fill(7);
  assert.ok(new DiagnosticsWriter(bytes).write(FULL, [], 60, 640) > 40);
  assert.ok(bytes.subarray(0, 60).every((byte) => byte === 7));
});
