/** The message by which Home Assistant finds the device. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeUtf8 } from '../../../firmware/base/utf8.ts';
import { Discovery, type DiscoveryFacts } from '../../../firmware/telemetry/discovery.ts';

const facts: DiscoveryFacts = {
  id: 'mote-0a1b2c',
  label: '',
  hardwareId: '246f280a1b2c',
  model: 'ESP32-C3',
  baseTopic: 'mote/mote-0a1b2c',
  firmwareVersion: '0.1.0',
  certificateEndsAt: Number.POSITIVE_INFINITY,
  intervalMs: 60_000,
  quietMs: 0,
  alarmNames: [],
  quantities: [
    { name: 'temperature', kind: 'temperature', unit: '°C', decimals: 2 },
    { name: 'humidity', kind: 'humidity', unit: '%', decimals: 1 },
    { name: 'pressure', kind: 'pressure', unit: 'hPa', decimals: 1 },
    { name: 'temperature_2', kind: 'temperature', unit: '°C', decimals: 2 },
    { name: 'tank', unit: '', decimals: 0 },
    { name: 'contact_4', kind: 'contact', unit: '', decimals: 0 },
    { name: 'pulse_5', kind: 'total', unit: '', decimals: 0 },
    { name: 'pulse_5_rate', kind: 'rate', unit: '/min', decimals: 2 },
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

test('the message is on the topic of the hardware, whatever the device is called', () => {
  const { topic } = new Discovery(facts);
  assert.equal(decodeUtf8(topic, 0, topic.length), 'homeassistant/device/mote_246f280a1b2c/config');
});

test('the message says who the device is, and where its values and its status are', () => {
  const { cmps, ...rest } = read(new Discovery(facts));
  assert.deepEqual(rest, {
    dev: {
      ids: 'mote_246f280a1b2c',
      name: 'mote-0a1b2c',
      mf: 'Mote',
      mdl: 'Mote sensor board',
      hw: 'ESP32-C3',
      sw: '0.1.0',
      cns: [['mac', '24:6f:28:0a:1b:2c']],
    },
    o: { name: 'Mote', sw: '0.1.0' },
    stat_t: 'mote/mote-0a1b2c/telemetry',
    avty_t: 'mote/mote-0a1b2c/status',
    avty_tpl: "{{'online' if value in ['online','sleeping'] else 'offline'}}",
  });
  assert.equal(Object.keys(cmps).length, 8);
});

test('the device is called what people call it', () => {
  const { dev } = read(new Discovery({ ...facts, label: 'Wohnzimmer “Süd”' }));
  assert.equal((dev as { name: string }).name, 'Wohnzimmer “Süd”');
});

test('a quantity is a sensor with class, unit, precision, and a value that expires', () => {
  assert.deepEqual(read(new Discovery(facts)).cmps.temperature, {
    p: 'sensor',
    uniq_id: 'mote_246f280a1b2c_temperature',
    dev_cla: 'temperature',
    unit_of_meas: '°C',
    stat_cla: 'measurement',
    val_tpl: "{{value_json.temperature|default('None')}}",
    sug_dsp_prc: 2,
    exp_aft: 180,
  });
});

test('a class names what there is one of, and a number what there is more of', () => {
  const { cmps } = read(new Discovery(facts));
  assert.deepEqual(
    [cmps.pressure.dev_cla, cmps.pressure.name],
    ['atmospheric_pressure', undefined],
  );
  assert.deepEqual([cmps.humidity.dev_cla, cmps.humidity.name], ['humidity', undefined]);
  assert.deepEqual(
    [cmps.temperature_2.dev_cla, cmps.temperature_2.name],
    ['temperature', 'Temperature 2'],
  );
  assert.equal(cmps.tank.name, 'tank');
  assert.equal('dev_cla' in cmps.tank || 'unit_of_meas' in cmps.tank, false);
});

test('the class follows what is measured, not its unit', () => {
  const soil = { name: 'soil', kind: 'level', unit: '%', decimals: 0 };
  const trend = { name: 'trend', unit: '°C', decimals: 1 };
  const { cmps } = read(new Discovery({ ...facts, quantities: [soil, trend] }));
  assert.equal('dev_cla' in cmps.soil || 'dev_cla' in cmps.trend, false);
});

test('a contact is a binary sensor, a count a total that only grows', () => {
  const { cmps } = read(new Discovery(facts));
  const { p, pl_on, pl_off, stat_cla, name } = cmps.contact_4;
  assert.deepEqual([p, pl_on, pl_off, stat_cla], ['binary_sensor', '1', '0', undefined]);
  assert.equal(name, 'Contact on GPIO 4');
  assert.equal(cmps.pulse_5.stat_cla, 'total_increasing');
  assert.equal(cmps.pulse_5_rate.stat_cla, 'measurement');
  assert.deepEqual(
    [cmps.pulse_5.name, cmps.pulse_5_rate.name],
    ['Pulses on GPIO 5', 'Pulse rate on GPIO 5'],
  );
});

test('what was announced before and is no more is removed, until that is heard', () => {
  const before = 'sensor:temperature,sensor:co2,binary_sensor:contact_9';
  const discovery = new Discovery(facts, false, before);
  const { cmps } = read(discovery);
  assert.deepEqual([cmps.co2, cmps.contact_9], [{ p: 'sensor' }, { p: 'binary_sensor' }]);
  assert.ok(discovery.maybeKnown.split(',').includes('sensor:co2'));
  discovery.heard();
  assert.deepEqual(Object.keys(read(discovery).cmps).length, 8);
  assert.equal(discovery.maybeKnown, discovery.components);
  assert.deepEqual(read(new Discovery(facts, false, discovery.components)), read(discovery));
});

test('a device that lost all its sensors removes them, and stays', () => {
  const bare = { ...facts, quantities: [] };
  const { cmps, dev } = read(new Discovery(bare, false, 'sensor:temperature'));
  assert.deepEqual(cmps, { temperature: { p: 'sensor' } });
  assert.ok(dev);
});

test('an interval of a fraction of a second is rounded up', () => {
  const { cmps } = read(new Discovery({ ...facts, intervalMs: 500 }));
  assert.equal(cmps.tank.exp_aft, 2);
});

test('the announced room is enough for the longest names', () => {
  const id = 'x'.repeat(32);
  const quantities = Array.from({ length: 12 }, (_, i) => {
    const kind = 'temperature' as const;
    return { name: `${'q'.repeat(30)}_${i}`, kind, unit: '°C', decimals: 2 };
  });
  const baseTopic = 'b'.repeat(64);
  const before = `binary_sensor:${'c'.repeat(40)},sensor:${'d'.repeat(40)}`;
  const discovery = new Discovery(
    { ...facts, id, label: '"'.repeat(48), baseTopic, quantities },
    false,
    before,
  );
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

test('each alarm is a problem with its message as attributes, and one button acknowledges all', () => {
  const discovery = new Discovery({ ...facts, alarmNames: ['temperature_high', 'humidity_low'] });
  const { cmps } = read(discovery);
  const topic = `${facts.baseTopic}/alarm/temperature_high`;
  const { uniq_id: id, ...rest } = cmps.temperature_high;
  assert.match(String(id), /_temperature_high$/);
  assert.deepEqual(rest, {
    p: 'binary_sensor',
    name: 'Temperature high',
    dev_cla: 'problem',
    stat_t: topic,
    val_tpl: "{{'OFF' if value_json.state in ['normal','shelved'] else 'ON'}}",
    json_attr_t: topic,
  });
  const { uniq_id: buttonId, ...button } = cmps.acknowledge;
  assert.match(String(buttonId), /_acknowledge$/);
  assert.deepEqual(button, {
    p: 'button',
    name: 'Acknowledge alarms',
    cmd_t: `${facts.baseTopic}/command/acknowledge`,
    pl_prs: '{}',
  });
  assert.match(discovery.components, /binary_sensor:humidity_low,button:acknowledge$/);
});

test('an alarm that is no more is said to be none, and so is the button where it was the last', () => {
  const before = 'binary_sensor:temperature_high,button:acknowledge';
  const { cmps } = read(new Discovery(facts, false, before));
  assert.deepEqual(cmps.temperature_high, { p: 'binary_sensor' });
  assert.deepEqual(cmps.acknowledge, { p: 'button' });
});
