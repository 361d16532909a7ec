/** What a device refuses to be set up with, by the name of the setting. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigError } from '../../../firmware/base/errors.ts';
import type { DeviceConfig } from '../../../firmware/device/config.ts';
import { virtualDevice } from '../../support/virtual-device.ts';

const broker = { host: 'broker.test', port: 1883, path: '/' };

test('the configuration errors that a session finds name their field', () => {
  const cases: readonly [Partial<DeviceConfig>, string][] = [
    [{ keepAliveS: -1 }, 'keepAliveS'],
    [{ keepAliveS: 65_536 }, 'keepAliveS'],
    [{ keepAliveS: 1.5 }, 'keepAliveS'],
    [{ sessionExpiryS: -1 }, 'sessionExpiryS'],
    [{ sessionExpiryS: 2 ** 32 }, 'sessionExpiryS'],
    [{ receiveBytes: 10 }, 'receiveBytes'],
    [{ transmitBytes: 64 }, 'transmitBytes'],
    [{ id: 'x'.repeat(65_536) }, 'clientId'],
    [{ id: 'a\0b' }, 'clientId'],
    [{ user: 'u\0' }, 'username'],
    [{ user: 'u', password: new Uint8Array(65_536) }, 'password'],
  ];
  for (const [config, field] of cases) {
    assert.throws(
      () => virtualDevice({ config }),
      (error: unknown) => error instanceof ConfigError && error.field === field,
      `${JSON.stringify(config).slice(0, 40)} names ${field}`,
    );
  }
});

test('a scheme that the board has no network for is refused by name', () => {
  for (const scheme of ['mqtts', 'ws', 'wss'] as const) {
    assert.throws(
      () => virtualDevice({ config: { broker: { ...broker, scheme } } }),
      (error: unknown) =>
        error instanceof ConfigError &&
        error.field === 'broker' &&
        error.message.includes(`this board has no ${scheme}`),
    );
  }
});

test('a base topic that is no topic name is refused', () => {
  for (const baseTopic of ['mote/#', 'mote/+/x', 'mote/\0', 'a'.repeat(65_530)]) {
    assert.throws(() => virtualDevice({ config: { baseTopic } }), ConfigError);
  }
});

test('an interval of no time, a port out of range and a strange window are refused', () => {
  for (const intervalMs of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
    assert.throws(() => virtualDevice({ config: { intervalMs } }), /interval/);
  }
  for (const port of [0, 65_536, 1.5]) {
    const config = { broker: { ...broker, scheme: 'mqtt', port } } as const;
    assert.throws(() => virtualDevice({ config }), /port/);
  }
  for (const windowMax of [0, 129]) {
    assert.throws(() => virtualDevice({ config: { windowMax } }), /window/);
  }
});

test('a user name and a password reach the broker as they were set', () => {
  const seen: unknown[] = [];
  const board = virtualDevice({
    config: { user: 'board', password: Buffer.from('sécret') },
    broker: {
      authenticate: ({ clientId, username, password }) => {
        seen.push([clientId, username, Buffer.from(password!).toString()]);
        return 0;
      },
    },
  });
  board.online();
  assert.deepEqual(seen, [['mote-1', 'board', 'sécret']]);
});

test('a wrong password is named, retried slowly, and costs no reading', () => {
  let refuses = true;
  const board = virtualDevice({
    config: { user: 'board', password: Buffer.from('wrong') },
    broker: { authenticate: () => (refuses ? 0x86 : 0) },
  });
  board.start().runFor(600_000);
  const reasons = new Set(board.told('disconnected').map(({ text }) => text.split(':')[0]));
  assert.deepEqual(reasons, new Set(['the broker does not accept this user name or password']));
  assert.ok(board.network.attempts < 20, `${board.network.attempts} attempts in ten minutes`);
  refuses = false;
  board.until(() => board.told('connected').length === 1, 3_600_000).runFor(60_000);
  const seen = board.arrived();
  assert.deepEqual(
    seen,
    seen.map((_, i) => i + 1),
  );
});

test('the largest window, the smallest buffers and a keep-alive that is off all work', () => {
  const configs: Partial<DeviceConfig>[] = [
    { windowMax: 128 },
    { windowMax: 1 },
    { receiveBytes: 64, transmitBytes: 256 },
    { keepAliveS: 0 },
    { keepAliveS: 1 },
    { cleanStart: true, sessionExpiryS: 0 },
    { version: 4 },
    { version: 5 },
  ];
  for (const config of configs) {
    const board = virtualDevice({ config }).online().runFor(20_500);
    assert.equal(board.readings().length, 21, JSON.stringify(config));
    assert.equal(board.told('disconnected').length, 0, JSON.stringify(config));
    board.stop();
    board.checkBooks();
  }
});
