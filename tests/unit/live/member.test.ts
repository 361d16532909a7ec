/** A simulated board is told where it is, and in all else behaves as a flashed one. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultConfig } from '../../../firmware/device/config.ts';
import { configOf } from '../../../host-sim/fleet/member.ts';

const PLAN = {
  broker: { scheme: 'mqtt', host: 'broker.example', port: 1883, path: '/' },
  user: '',
  password: undefined,
  signIn: 'password',
  version: 'auto',
  intervalMs: 1000,
  alarms: '',
  sampleMs: 0,
  spread: false,
  onChange: '',
  silenceMs: 3_600_000,
  homeAssistant: false,
} as const;

test('a board of npm start waits as long between attempts as a flashed one, up to a minute', () => {
  const config = { ...defaultConfig('sim-1'), ...configOf(PLAN, 'sim-1') };
  assert.equal(config.reconnectMsMax, defaultConfig('sim-1').reconnectMsMax);
  assert.equal(config.reconnectMsMax, 60_000);
});

test('a board of npm start is told its name, its broker, its interval, its rules, its samples and whom to tell, and nothing else', () => {
  const told = Object.keys(configOf(PLAN, 'sim-1')).sort();
  assert.deepEqual(
    told,
    'alarms baseTopic broker discovery id intervalMs onChange password sampleMs signIn silenceMs spread user version'.split(
      ' ',
    ),
  );
});

test('simulated boards tell Home Assistant of themselves only when they are asked to', () => {
  assert.equal(configOf(PLAN, 'sim-1').discovery, 'off');
  assert.equal(configOf({ ...PLAN, homeAssistant: true }, 'sim-1').discovery, 'on');
});
