/** A broker whose policy ends connections at something that is no reading. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { forbidding, type Policy } from '../../../host-sim/virtual/broker/policy.ts';
import type { BrokerSettings } from '../../../host-sim/virtual/broker/settings.ts';
import { virtualDevice } from '../../support/virtual-device.ts';

const SECOND = 1_000;
const HOUR = 3_600_000;

function board(policy: Policy, settings: Partial<BrokerSettings> = {}, seed = 7) {
  const config = { discovery: 'on' } as const;
  return virtualDevice({ broker: { policy, ...settings }, config, seed });
}

const FORBIDDEN = [
  ['subscriptions', ['/command/+', 'homeassistant/status'], /a subscription to its commands/],
  ['discovery', ['/config'], /its announcement to Home Assistant/],
  ['diagnostics', ['/diagnostics'], /its diagnostics/],
  ['status', ['mote-1/status'], /its status/],
] as const;

for (const [kind, topics, words] of FORBIDDEN) {
  for (const [how, versions, end] of [
    ['closes in 3.1.1', [4], 'close'],
    ['closes in 5.0', [5], 'close'],
    ['says 0x87 in 5.0', [5], 0x87],
  ] as const) {
    test(`a broker that ${how} at ${kind} gets all readings, and it is told what it does not take`, () => {
      const device = board(forbidding(topics, end), { versions });
      device.start().runFor(75 * SECOND);
      const { length } = device.arrived();
      assert.ok(length >= 68, `${length} readings in 75 s`);
      const reasons = device.told('disconnected').map(({ text }) => text);
      assert.match(reasons.at(-1)!, words);
      assert.match(reasons.at(-1)!, /left out for a while/);
      for (const reason of reasons) assert.doesNotMatch(reason, /taken over/);
      const seen = ['status', 'diagnostics'].filter((name) => device.packets(name).length > 0);
      assert.deepEqual(
        seen,
        ['status', 'diagnostics'].filter((name) => name !== kind),
      );
      if (kind !== 'diagnostics') {
        const report = device.diagnostics().at(-1)!;
        assert.equal(report.left_out, kind);
        assert.match(String(report.last_error), words);
      }
      device.checkBooks();
    });
  }
}

test('a kind that is forbidden is tried again ever more rarely, at last once an hour, and for good where it is allowed by then', () => {
  const device = board(forbidding(['/diagnostics']));
  device.start().runFor(HOUR);
  const within = device.broker.books.connections.length;
  assert.ok(within <= 10, `${within} connections in the first hour`);
  device.runFor(2 * HOUR);
  const connects = device.broker.books.connections.length;
  device.runFor(2 * HOUR);
  assert.equal(device.broker.books.connections.length, connects + 2, 'one connection an hour');
  assert.match(device.told('disconnected').at(-1)!.text, /its diagnostics/);
  device.broker.configure({ policy: forbidding([]) });
  device.runFor(HOUR + 60 * SECOND);
  assert.equal(device.broker.books.connections.length, connects + 2);
  assert.ok(device.diagnostics().length >= 1);
  assert.equal(device.diagnostics().at(-1)!.left_out, undefined);
  device.checkBooks();
});

/** A device that took it for forbidden to say its status, which it is not any more. */
function withoutStatus() {
  const device = board(forbidding(['mote-1/status']));
  device.start().until(() => {
    return device.told('disconnected').some(({ text }) => text.includes('its status'));
  });
  device.broker.configure({ policy: forbidding([]) });
  device.until(() => device.device.state === 'online');
  return device;
}

test('where two connections ended at the status by chance, it is right again within a minute', () => {
  const device = withoutStatus();
  device.runFor(60 * SECOND);
  assert.equal(device.statusWords.at(-1), 'online');
  device.checkBooks();
});

test('a device that leaves says so also where it has left out its status', () => {
  const device = withoutStatus();
  device.stop();
  assert.equal(device.statusWords.at(-1), 'offline');
  device.checkBooks();
});

test('answers to commands that are forbidden are left out, and commands are still obeyed', () => {
  const device = board(forbidding(['/response'])).online();
  device.runFor(10 * SECOND);
  for (let i = 0; i < 3; i += 1) {
    const topic = `${device.base}/command/sample`;
    device.broker.publish({ topic, payload: Buffer.from('{}'), qos: 1 });
    device.runFor(20 * SECOND);
  }
  const reasons = device.told('disconnected').map(({ text }) => text);
  assert.equal(reasons.length, 2);
  assert.match(reasons[1], /answers to commands: left out for a while/);
  assert.equal(device.device.state, 'online');
  device.checkBooks();
});

test('two kinds that are forbidden are both found', () => {
  const device = board(forbidding(['/command/+', '/diagnostics']));
  device.start().runFor(120 * SECOND);
  const told = device.told('disconnected').filter(({ text }) => text.includes('left out'));
  assert.equal(new Set(told.map(({ text }) => text)).size, 2);
  assert.ok(device.arrived().length >= 112, `${device.arrived().length}`);
  assert.equal(device.device.state, 'online');
  device.checkBooks();
});

test('a broker that restarts right after CONNACK costs nothing but a moment', () => {
  const device = board(forbidding([])).start();
  device.until(() => device.told('published').length > 0);
  device.broker.drop('mote-1', 'close');
  device.runFor(30 * SECOND);
  assert.deepEqual(
    device.told('disconnected').map(({ text }) => /left out/.test(text)),
    [false],
  );
  assert.equal(device.statusWords.at(-1), 'online');
  assert.ok(device.diagnostics().length > 0);
  device.checkBooks();
});

test('another client with the same id is told as such, and no kind is left out', () => {
  const device = board(forbidding([]), { versions: [4] }).start();
  for (let i = 0; i < 600; i += 1) {
    if (device.device.state === 'online') device.broker.drop('mote-1', 'close');
    device.runFor(700);
  }
  const reasons = device.told('disconnected').map(({ text }) => text);
  assert.ok(
    reasons.some((text) => /taken over/.test(text)),
    reasons.join('\n'),
  );
  assert.ok(!reasons.some((text) => /left out/.test(text)), reasons.join('\n'));
});
