/** The message by which Home Assistant finds the device. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeUtf8 } from '../../../firmware/base/text.ts';
import { Discovery, type DiscoveryFacts } from '../../../firmware/telemetry/discovery.ts';

const facts: DiscoveryFacts = {
  id: 'mote-0a1b2c',
  baseTopic: 'mote/mote-0a1b2c',
  firmwareVersion: '0.1.0',
  intervalMs: 60_000,
  quantities: [
    { name: 'temperature', unit: '°C', decimals: 2 },
    { name: 'humidity', unit: '%', decimals: 1 },
    { name: 'pressure', unit: 'hPa', decimals: 1 },
    { name: 'temperature_sht4x', unit: '°C', decimals: 2 },
    { name: 'tank', unit: '', decimals: 0 },
  ],
};

interface Component {
  readonly p: string;
  readonly [key: string]: unknown;
}

function read(discovery: Discovery): Record<string, unknown> & {
  cmps: Record<string, Component>;
} {
  const into = new Uint8Array(discovery.bytesMax + 1);
  const end = discovery.write(into, 0);
  return JSON.parse(decodeUtf8(into, 0, end));
}

test('the message is on the topic of the device', () => {
  const { topic } = new Discovery(facts);
  assert.equal(decodeUtf8(topic, 0, topic.length), 'homeassistant/device/mote-0a1b2c/config');
});

test('the message says who the device is, and where its values and its status are', () => {
  const { cmps, ...rest } = read(new Discovery(facts));
  assert.deepEqual(rest, {
    dev: { ids: 'mote-0a1b2c', name: 'mote-0a1b2c', mf: 'Mote', sw: '0.1.0' },
    o: { name: 'Mote' },
    stat_t: 'mote/mote-0a1b2c/telemetry',
    avty_t: 'mote/mote-0a1b2c/status',
    avty_tpl: "{{'online' if value in ['online','sleeping'] else 'offline'}}",
  });
  assert.equal(Object.keys(cmps).length, 5);
});

test('a quantity is a sensor with class, unit, precision, and a value that expires', () => {
  assert.deepEqual(read(new Discovery(facts)).cmps.temperature, {
    p: 'sensor',
    uniq_id: 'mote-0a1b2c_temperature',
    dev_cla: 'temperature',
    unit_of_meas: '°C',
    stat_cla: 'measurement',
    val_tpl: '{{value_json.temperature}}',
    sug_dsp_prc: 2,
    exp_aft: 180,
  });
});

test('a name that its class does not say is given, and an unknown unit has no class', () => {
  const { cmps } = read(new Discovery(facts));
  assert.equal(cmps.pressure.dev_cla, 'atmospheric_pressure');
  assert.equal(cmps.pressure.name, 'pressure');
  assert.equal(cmps.temperature_sht4x.name, 'temperature_sht4x');
  assert.equal(cmps.humidity.dev_cla, 'humidity');
  assert.equal('dev_cla' in cmps.tank || 'unit_of_meas' in cmps.tank, false);
});

test('an interval of a fraction of a second is rounded up', () => {
  const { cmps } = read(new Discovery({ ...facts, intervalMs: 500 }));
  assert.equal(cmps.tank.exp_aft, 2);
});

test('the announced room is enough for the longest names', () => {
  const id = 'x'.repeat(32);
  const quantities = Array.from({ length: 12 }, (_, i) => {
    return { name: `${'q'.repeat(30)}${i}`, unit: '°C', decimals: 2 };
  });
  const baseTopic = 'b'.repeat(64);
  const discovery = new Discovery({ ...facts, id, baseTopic, quantities });
  const into = new Uint8Array(8192);
  assert.ok(discovery.write(into, 0) <= discovery.bytesMax);
});

test('without room the position says how much was missing', () => {
  const discovery = new Discovery(facts);
  const whole = discovery.write(new Uint8Array(4096), 0);
  assert.equal(discovery.write(new Uint8Array(100), 0), whole);
});

test('a removal is an empty message', () => {
  const discovery = new Discovery(facts, true);
  assert.equal(discovery.write(new Uint8Array(10), 3), 3);
});
