/** How the device tells Home Assistant of itself. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DeviceOwner } from '../../../firmware/device/ports.ts';
import { textOf, virtualDevice } from '../../support/virtual-device.ts';

const TOPIC = 'homeassistant/device/mote-1/config';

function announcements(board: ReturnType<typeof virtualDevice>): string[] {
  const sent = board.broker.books.published.filter(({ topic }) => topic === TOPIC);
  assert.ok(sent.every(({ retain, qos }) => retain && qos === 1));
  return sent.map(({ payload }) => textOf(payload));
}

test('a device with discovery announces its quantities once, retained, behind its status', () => {
  const board = virtualDevice({ config: { discovery: 'on' } })
    .online()
    .runFor(10_000);
  const [document, ...more] = announcements(board);
  assert.deepEqual(more, []);
  assert.deepEqual(Object.keys(JSON.parse(document).cmps), ['temperature', 'humidity', 'pressure']);
  assert.equal(board.broker.books.published[0].topic, 'mote/mote-1/status');
  board.checkBooks();
});

test('a device without discovery says nothing of it', () => {
  assert.deepEqual(announcements(virtualDevice().online().runFor(10_000)), []);
});

test('a discovery that is removed is an empty retained message', () => {
  const board = virtualDevice({ config: { discovery: 'remove' } })
    .online()
    .runFor(1000);
  assert.deepEqual(announcements(board), ['']);
});

test('a reconnect into the session announces nothing, one into a lost session all of it', () => {
  const board = virtualDevice({ config: { discovery: 'on' } }).online();
  board.network.dropAll('reset');
  board
    .until(() => board.device.state !== 'online')
    .online()
    .runFor(1000);
  assert.equal(announcements(board).length, 1);
  board.broker.restart({ keepsState: false });
  board
    .until(() => board.device.state !== 'online')
    .online()
    .runFor(1000);
  assert.equal(announcements(board).length, 2);
  board.checkBooks();
});

test('an announcement that is on its way comes again as it was, and then with the new interval', () => {
  const owner = { keepInterval: () => '', signedIn() {}, announced() {} } as unknown as DeviceOwner;
  const board = virtualDevice({
    config: { discovery: 'on', intervalMs: 60_000 },
    ports: { owner },
  });
  board.broker.misbehave({ answer: ({ topic }) => (topic === TOPIC ? 'drop' : 'send') });
  board.online().runFor(2000);
  const payload = new Uint8Array(Buffer.from('{"seconds":600}'));
  board.broker.publish({ topic: 'mote/mote-1/command/interval', payload, qos: 1 });
  board.runFor(1000);
  board.broker.behave();
  board
    .until(() => board.device.state !== 'online')
    .online()
    .runFor(2000);
  board.checkBooks();
  const seconds = announcements(board).map((text) => {
    return JSON.parse(text).cmps.temperature.exp_aft;
  });
  assert.equal(seconds.length, 3);
  assert.equal(seconds[0], seconds[1]);
  assert.ok(seconds[2] > seconds[1]);
});

test('a document larger than the configured buffer is sent whole', () => {
  const config = { discovery: 'on', transmitBytes: 512 } as const;
  const board = virtualDevice({ config }).online().runFor(5000);
  assert.equal(announcements(board).length, 1);
  JSON.parse(announcements(board)[0]);
  board.checkBooks();
});

test('a withdrawal is said before the goodbye ends, and nothing is announced after it', () => {
  const told: string[] = [];
  const owner = {
    identify() {},
    keepInterval: () => '',
    setUp: () => '',
    restart() {},
    forget: () => '',
    probe: () => '',
    signedIn() {},
    announced: (components: string) => void told.push(components),
    left() {},
  };
  const board = virtualDevice({ config: { discovery: 'on' }, ports: { owner } }).online();
  board.runFor(1000);
  const known = 'sensor:temperature,sensor:humidity,sensor:pressure';
  assert.deepEqual(told, [known, known]);
  board.device.withdraw();
  board.device.stop();
  board.runFor(5000);
  assert.equal(announcements(board).at(-1), '');
  assert.equal(board.broker.books.published.at(-1)?.topic, 'mote/mote-1/status');
  assert.equal(told.at(-1), '');
  assert.equal(board.device.state, 'stopped');
});

test('an announcement that is on its way when the device withdraws is no withdrawal', () => {
  const board = virtualDevice({ config: { discovery: 'on' } });
  let asked = 0;
  board.broker.misbehave({
    answer: ({ topic }) => {
      if (topic !== TOPIC) return 'send';
      asked += 1;
      return asked === 1 ? 'drop' : 'send';
    },
  });
  board.online().runFor(2000);
  board.device.withdraw();
  board
    .until(() => board.device.state !== 'online')
    .online()
    .runFor(2000);
  board.checkBooks();
  const documents = announcements(board);
  assert.deepEqual(
    documents.map((text) => text === ''),
    [false, false, true],
  );
  assert.equal(documents[0], documents[1]);
});

test('a withdrawal that is never acknowledged holds the goodbye up for seconds only', () => {
  const board = virtualDevice({ config: { discovery: 'on' } }).online();
  board.runFor(1000);
  board.broker.misbehave({ answer: ({ kind }) => (kind === 'puback' ? 'drop' : 'send') });
  board.device.withdraw();
  board.device.stop();
  board.runFor(8000);
  assert.equal(board.device.state, 'stopped');
});

/** What was published for Home Assistant, by topic, in the order of the first. */
function lastByTopic(board: ReturnType<typeof virtualDevice>): Map<string, string> {
  const last = new Map<string, string>();
  for (const { topic, payload } of board.broker.books.published) {
    if (topic.startsWith('homeassistant/device/')) last.set(topic, textOf(payload));
  }
  return last;
}

/** A board around the device that obeys, and takes settings from afar. */
function wholeOwner(): DeviceOwner {
  const remote = { isOpen: true, hadSecret: false, report: () => '{"v":0}' };
  return {
    keepInterval: () => '',
    signedIn() {},
    announced() {},
    left() {},
    remote,
  } as unknown as DeviceOwner;
}

test('controls and diagnostics follow the quantities, for the same device, in under 8 KB', () => {
  const board = virtualDevice({ config: { discovery: 'on' }, ports: { owner: wholeOwner() } });
  board.online().runFor(2000);
  const documents = lastByTopic(board);
  assert.deepEqual(
    [...documents.keys()],
    ['config', 'controls', 'diagnostics'].map((part) =>
      part === 'config' ? TOPIC : `homeassistant/device/mote-1_${part}/config`,
    ),
  );
  let bytes = 0;
  for (const [topic, text] of documents) {
    assert.equal(JSON.parse(text).dev.ids, 'mote-1');
    bytes += topic.length + Buffer.byteLength(text);
  }
  assert.ok(bytes < 8192, `${bytes} bytes`);
  const { cmps } = JSON.parse(documents.get('homeassistant/device/mote-1_controls/config')!);
  assert.deepEqual(Object.keys(cmps), [
    'sample',
    'identify',
    'reboot',
    'setup',
    'interval',
    'home_assistant',
  ]);
  assert.equal(cmps.interval.cmd_t, 'mote/mote-1/desired/intervalS');
  board.checkBooks();
});

test('a device whose settings come from elsewhere offers none to change', () => {
  const owner = { ...wholeOwner(), remote: undefined };
  const board = virtualDevice({ config: { discovery: 'on' }, ports: { owner } });
  board.online().runFor(2000);
  const text = lastByTopic(board).get('homeassistant/device/mote-1_controls/config')!;
  assert.deepEqual(Object.keys(JSON.parse(text).cmps), ['sample', 'identify', 'reboot']);
});

test('all three messages are taken back', () => {
  const board = virtualDevice({ config: { discovery: 'on' }, ports: { owner: wholeOwner() } });
  board.online().runFor(2000);
  board.device.withdraw();
  board.device.stop();
  board.runFor(6000);
  const documents = lastByTopic(board);
  assert.deepEqual([...documents.values()], ['', '', '']);
});

test('a broker that takes no message so large is spared each of them once, and gets the readings', () => {
  const config = { discovery: 'on', version: 5 } as const;
  const broker = { maximumPacketSize: 256 };
  const board = virtualDevice({ config, broker, ports: { owner: wholeOwner() } }).online();
  board.runFor(10_000);
  assert.deepEqual([...lastByTopic(board).keys()], []);
  assert.ok(board.readings().length >= 9);
});
