/** Commands by MQTT, from the broker to what the device does and answers. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DeviceOwner } from '../../../firmware/device/ports.ts';
import type { Answer } from '../../../host-sim/virtual/broker/settings.ts';
import { textOf, type VirtualDevice, virtualDevice } from '../../support/virtual-device.ts';

function owner() {
  const asked: string[] = [];
  const note = (what: string) => {
    asked.push(what);
    return '';
  };
  const port: DeviceOwner = {
    identify: (seconds) => void note(`identify ${seconds}`),
    keepInterval: (seconds) => note(`interval ${seconds}`),
    setUp: () => note('set up'),
    restart: () => void note('restart'),
    forget: () => note('forget'),
    probe: () => note('probe'),
    signedIn() {},
    announced() {},
    left() {},
  };
  return { asked, port };
}

/** Sends a command once the device is subscribed; the answers so far come back. */
function command(board: VirtualDevice, name: string, payload = '', retain = false) {
  const bytes = new Uint8Array(Buffer.from(payload));
  board.broker.publish({ topic: `mote/mote-1/command/${name}`, payload: bytes, qos: 1, retain });
  board.runFor(200);
  return board.packets('response').map(({ payload }) => JSON.parse(textOf(payload)));
}

/** The message of the quantities; those of controls and diagnostics follow it. */
const ANNOUNCEMENT = 'homeassistant/device/mote-1/config';

test('a command that is known is done and answered, with the id of its request', () => {
  const { asked, port } = owner();
  const board = virtualDevice({ ports: { owner: port } }).online();
  assert.deepEqual(command(board, 'identify', '{"id":7,"seconds":3}'), [
    { command: 'identify', id: 7, ok: true },
  ]);
  assert.deepEqual(asked, ['identify 3']);
  board.checkBooks();
});

test('restart, set-up and forget are the business of the board around the device', () => {
  const { asked, port } = owner();
  const board = virtualDevice({ ports: { owner: port } }).online();
  command(board, 'reboot');
  command(board, 'setup');
  command(board, 'forget', '{"confirm":"forget"}');
  assert.deepEqual(asked, ['restart', 'set up', 'forget']);
});

test('a device without a board around it says that it cannot', () => {
  const board = virtualDevice().online();
  const [answer] = command(board, 'reboot');
  assert.deepEqual(answer, { command: 'reboot', ok: false, error: 'this device cannot do that' });
});

test('an unknown command and a malformed one are answered in words, and do nothing', () => {
  const { asked, port } = owner();
  const board = virtualDevice({ ports: { owner: port } }).online();
  const answers = [
    ...command(board, 'explode'),
    ...command(board, 'identify', '{"seconds":').slice(1),
  ];
  assert.deepEqual(
    answers.map(({ ok }) => ok),
    [false, false],
  );
  assert.match(answers[0].error, /no such command/);
  assert.deepEqual(asked, []);
});

test('seconds that are null are no seconds that were left out', () => {
  const { asked, port } = owner();
  const board = virtualDevice({ ports: { owner: port } }).online();
  const [answer] = command(board, 'identify', '{"seconds":null}');
  assert.match(answer.error, /seconds must be a whole number from 1 to 300/);
  assert.deepEqual(asked, []);
});

test('a retained command does nothing, also when it was retained before the device came', () => {
  const { asked, port } = owner();
  const board = virtualDevice({ ports: { owner: port } });
  board.broker.publish({
    topic: 'mote/mote-1/command/reboot',
    payload: new Uint8Array([0x7b, 0x7d]),
    qos: 1,
    retain: true,
  });
  board.online().runFor(1000);
  assert.deepEqual(asked, []);
});

test('a sample out of turn comes at once, and a new interval from then on', () => {
  const { asked, port } = owner();
  const config = { intervalMs: 600_000 };
  const board = virtualDevice({ config, ports: { owner: port } })
    .online()
    .runFor(1000);
  assert.equal(board.readings().length, 1);
  command(board, 'sample');
  assert.equal(board.readings().length, 2);
  command(board, 'interval', '{"seconds":2}');
  board.runFor(10_000);
  assert.deepEqual(asked, ['interval 2']);
  assert.equal(board.readings().length, 7);
});

test('diagnostics come when they are asked for', () => {
  const board = virtualDevice().online().runFor(1000);
  const before = board.diagnostics().length;
  command(board, 'diagnostics');
  assert.equal(board.diagnostics().length, before + 1);
});

test('rediscover announces the device anew, or says that discovery is off', () => {
  const off = virtualDevice().online();
  assert.match(command(off, 'rediscover')[0].error, /discovery is off/);
  const board = virtualDevice({ config: { discovery: 'on' } }).online();
  assert.equal(command(board, 'rediscover')[0].ok, true);
  const sent = board.broker.books.published.filter(({ topic }) => topic === ANNOUNCEMENT);
  assert.equal(sent.length, 2);
});

test('Home Assistant starting has the device announced again within ten seconds', () => {
  const board = virtualDevice({ config: { discovery: 'on' } }).online();
  const payload = new Uint8Array(Buffer.from('online'));
  board.broker.publish({ topic: 'homeassistant/status', payload });
  board.runFor(11_000);
  const sent = board.broker.books.published.filter(({ topic }) => topic === ANNOUNCEMENT);
  assert.equal(sent.length, 2);
});

test('a request of 5.0 is answered where it wants, with its correlation data', () => {
  const board = virtualDevice().online();
  board.broker.publish({
    topic: 'mote/mote-1/command/sample',
    payload: new Uint8Array(0),
    qos: 1,
    properties: {
      responseTopic: 'answers/here',
      correlationData: Buffer.from([1, 2, 3]),
    },
  });
  board.runFor(200);
  const answers = board.broker.books.published.filter(({ topic }) => topic === 'answers/here');
  assert.equal(answers.length, 1);
  assert.deepEqual([...(answers[0].properties?.correlationData ?? [])], [1, 2, 3]);
  assert.deepEqual(board.packets('response'), []);
  assert.equal(board.told('published', 'answers/here').length, 1, 'the observer hears where');
});

test('a request of 5.0 with an empty response topic is answered on the usual one', () => {
  const board = virtualDevice().online();
  board.broker.publish({
    topic: 'mote/mote-1/command/sample',
    payload: new Uint8Array(0),
    qos: 1,
    properties: { responseTopic: '' },
  });
  board.runFor(200);
  assert.equal(board.packets('response').length, 1);
  assert.equal(board.device.state, 'online');
});

test('commands reach the device again after the broker has lost its session', () => {
  const board = virtualDevice().online();
  board.broker.restart({ keepsState: false });
  board.until(() => board.device.state !== 'online').online();
  assert.equal(command(board, 'sample').length, 1);
  board.checkBooks();
});

test('a flood of commands is answered a few times, and readings go on', () => {
  const board = virtualDevice().online();
  for (let i = 0; i < 100; i += 1) {
    board.broker.publish({
      topic: 'mote/mote-1/command/sample',
      payload: new Uint8Array(0),
      qos: 1,
    });
  }
  board.runFor(5000);
  assert.ok(board.packets('response').length <= 10);
  assert.ok(board.readings().length >= 5);
  board.checkBooks();
});

test('a broker that cannot take the subscription gets readings all the same', () => {
  for (const broker of [{ wildcardsAvailable: false }, { maximumPacketSize: 160 }]) {
    const config = { baseTopic: `m/${'o'.repeat(90)}`, version: 5 as const };
    const board = virtualDevice({ broker, config }).online().runFor(5000);
    assert.equal(board.device.state, 'online');
    assert.equal(board.told('disconnected').length, 0);
  }
});

test('a subscription that was refused or not confirmed is asked for with the next connection', () => {
  for (const isRefused of [true, false]) {
    let asked = 0;
    const grant = (_filter: string, qos: number) => {
      asked += 1;
      return isRefused && asked === 1 ? 0x80 : qos;
    };
    const board = virtualDevice({ broker: { grant } });
    const answer = ({ kind }: Answer) => (kind === 'suback' && !isRefused ? 'drop' : 'send');
    board.broker.misbehave({ answer });
    board.online();
    board.broker.misbehave({ answer: () => 'send' });
    board.broker.restart({ keepsState: true });
    board.until(() => board.device.state !== 'online').online();
    assert.equal(asked, 2);
    assert.equal(command(board, 'sample').length, 1);
    board.broker.restart({ keepsState: true });
    board.until(() => board.device.state !== 'online').online();
    assert.equal(asked, 2, 'confirmed once, and kept in the session');
  }
});

test('with another interval the values expire later: Home Assistant is told', () => {
  const { port } = owner();
  const board = virtualDevice({ config: { discovery: 'on' }, ports: { owner: port } }).online();
  command(board, 'interval', '{"seconds":60}');
  const sent = board.broker.books.published.filter(({ topic }) => topic === ANNOUNCEMENT);
  const expiries = sent.map(({ payload }) => JSON.parse(textOf(payload)).cmps.temperature.exp_aft);
  assert.deepEqual(expiries, [3, 180]);
});

test('in 5.0 a command that comes retained, or is cleared, while the device listens does nothing', () => {
  const { asked, port } = owner();
  const board = virtualDevice({ ports: { owner: port } }).online();
  assert.deepEqual(command(board, 'reboot', '{}', true), []);
  assert.deepEqual(command(board, 'reboot', '', true), []);
  assert.deepEqual(asked, []);
});

for (const version of [5, 4] as const) {
  test(`a session whose CONNACK was lost is a new one: it is subscribed again, version ${version}`, () => {
    const board = virtualDevice({ config: { version } }).online().runFor(1000);
    board.network.resetAll();
    board.broker.drop('mote-1', 'reset');
    board.broker.forgetSessions();
    // The broker makes a session for this one, and its answer never arrives.
    board.network.change({ losesDown: true });
    board.runFor(8000);
    board.network.change({ losesDown: false });
    board.until(() => board.device.state === 'online').runFor(1000);
    assert.equal(board.told('connected').at(-1)?.text, `${version} true`);
    assert.equal(command(board, 'sample').length, 1);
  });
}
