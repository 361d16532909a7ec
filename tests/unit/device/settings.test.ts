/** What settings mean for the device and its radio. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEFAULTS } from '../../../firmware/config/fields.ts';
import { defaultConfig } from '../../../firmware/device/config.ts';
import { deviceConfig, deviceId, wifiNetwork } from '../../../firmware/device/settings.ts';
import { accept, READY } from '../config/harness.ts';

const BOARD = Object.freeze({
  mac: new Uint8Array([0x24, 0x6f, 0x28, 0x0a, 0xb1, 0xff]),
  boot: 7,
  firmwareVersion: '1.2.3',
});

test('a board without a name is called by its MAC', () => {
  assert.equal(deviceId(DEFAULTS, BOARD.mac), 'mote-0ab1ff');
  assert.equal(deviceId(accept({ name: 'kitchen' }), BOARD.mac), 'kitchen');
});

test('plain settings are the default configuration with their broker', () => {
  assert.deepEqual(deviceConfig(READY, BOARD), {
    ...defaultConfig('mote-0ab1ff'),
    broker: { scheme: 'mqtt', host: 'broker.local', port: 1883, path: '/mqtt' },
    hardwareId: '246f280ab1ff',
    boot: 7,
    firmwareVersion: '1.2.3',
  });
});

test('every setting that the device knows reaches it', () => {
  const settings = accept({
    ...{ name: 'kitchen', baseTopic: 'home/kitchen', host: 'wss://b:8443/x', user: 'u' },
    ...{ password: 'p', version: '3.1.1', intervalS: '5', keepAliveS: '30' },
  });
  const config = deviceConfig(settings, BOARD);
  assert.equal(config.id, 'kitchen');
  assert.equal(config.baseTopic, 'home/kitchen');
  assert.deepEqual(config.broker, { scheme: 'wss', host: 'b', port: 8443, path: '/x' });
  assert.deepEqual([config.user, config.password], ['u', new Uint8Array([0x70])]);
  assert.deepEqual([config.version, config.intervalMs, config.keepAliveS], [4, 5000, 30]);
  assert.equal(deviceConfig(accept({ version: '5' }), BOARD).version, 5);
  assert.equal(deviceConfig(accept({ name: 'x' }), BOARD).baseTopic, 'mote/x');
});

test('the radio joins by DHCP, or with the address that was set', () => {
  assert.deepEqual(wifiNetwork(READY), { ssid: READY.ssid, password: 'correct horse' });
  const fixed = {
    ...{ address: '10.0.0.2', netmask: '255.255.255.0', gateway: '10.0.0.1', dns: '9.9.9.9' },
  };
  assert.deepEqual(wifiNetwork(accept(fixed)).fixed, fixed);
});
