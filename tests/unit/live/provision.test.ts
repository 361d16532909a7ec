/** Boards that `npm start -- --provisioned` sets up: what the command line says becomes settings. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEFAULTS } from '../../../firmware/config/fields.ts';
import { ConfigStore } from '../../../firmware/config/store.ts';
import { parseBroker } from '../../../host-sim/cli/broker-url.ts';
import { provision, settingsOf, type Told } from '../../../host-sim/fleet/provision.ts';
import { VirtualKeyValue } from '../../../host-sim/virtual/key-value.ts';

function told(url: string, more: Partial<Told> = {}): Told {
  const broker = parseBroker(url);
  assert.ok(typeof broker === 'object');
  const plain = {
    user: '',
    signIn: 'password',
    identity: {},
    intervalMs: 2000,
    sampleMs: 0,
    spread: false,
    onChange: '',
    silenceMs: 3_600_000,
    alarms: '',
  } as const;
  return { ...plain, broker, sensors: ['bme280'], homeAssistant: false, ...more };
}

test('what is said becomes the settings of a board, in the simulated Wi-Fi', () => {
  const given = told('wss://h:8084/a', {
    user: 'ann',
    password: 'x',
    mqtt: 5,
    alarms: 'pressure < 9',
  });
  const { ssid, host, port, encryption, path, ...more } = settingsOf(given, 'box');
  assert.deepEqual(
    [Buffer.from(ssid).toString(), host, port, encryption, path],
    ['Home', 'h', 8084, 'tls-websocket', '/a'],
  );
  assert.deepEqual(
    [more.user, Buffer.from(more.password).toString(), more.version, more.name, more.intervalS],
    ['ann', 'x', '5', 'box', 2],
  );
  assert.deepEqual(
    [more.sensors, more.alarms, more.homeAssistant, more.wifiPassword],
    ['', 'pressure < 9', false, 'mote-demo'],
  );
  assert.match(
    settingsOf(told('mqtt://h', { sensors: ['contact-4'] }), 'box').sensors,
    /contact-4/,
  );
});

test('what no board takes is refused in a line that names the setting', () => {
  const user = 'u'.repeat(129);
  assert.throws(
    () => settingsOf(told('mqtt://h', { user }), 'box'),
    /^Error: --provisioned: user: /,
  );
});

test('a board that has settings keeps them, and one that was reset gets some', () => {
  const values = new VirtualKeyValue();
  const store = new ConfigStore(values);
  const given = (id: string) => () => settingsOf(told('mqtt://h'), id);
  provision(values, given('one'));
  provision(values, given('two'));
  assert.equal(store.load()?.name, 'one');
  store.erase();
  store.save(DEFAULTS);
  provision(values, given('three'));
  assert.equal(store.load()?.name, 'three');
});
