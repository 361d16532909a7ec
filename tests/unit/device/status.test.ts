/** The status topic is a state: whatever happens, its last word comes true. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Answer } from '../../../host-sim/virtual/broker/settings.ts';
import { textOf, type VirtualDevice, virtualDevice } from '../../support/virtual-device.ts';

const TOPIC = 'mote/mote-1/status';
const VERSIONS = [4, 5] as const;

function status(board: VirtualDevice): string {
  return textOf(board.broker.retained(TOPIC) ?? new Uint8Array(0));
}

/** Answers to commands, more than the mailbox holds. */
function answersOf(board: VirtualDevice, count = 6): void {
  for (let i = 0; i < count; i += 1) {
    board.broker.publish({ topic: 'mote/mote-1/command/sample', payload: new Uint8Array(0) });
    board.runFor(50);
  }
}

const dropsAll = { answer: ({ kind }: Answer) => (kind === 'puback' ? 'drop' : 'send') } as const;
/** The broker has lost no word, but none is acknowledged. */
const dropsResponses = {
  answer: ({ topic }: Answer) => (topic.endsWith('/response') ? 'drop' : 'send'),
} as const;

for (const version of VERSIONS) {
  test(`version ${version}: answers that wait unacknowledged at a reconnect do not crowd out online`, () => {
    const board = virtualDevice({ config: { version } }).online();
    board.broker.misbehave(dropsResponses);
    answersOf(board);
    board.network.change({ connect: 'refused' });
    board.broker.drop('mote-1', 'reset');
    board.runFor(8_000);
    assert.equal(status(board), 'lost');
    board.network.change({ connect: 'accept' });
    board.until(() => board.told('connected').length === 2).runFor(1_000);
    assert.equal(status(board), 'online');
    board.checkBooks();
  });

  test(`version ${version}: unacknowledged answers do not crowd out offline`, () => {
    const board = virtualDevice({ config: { version } }).online();
    board.broker.misbehave(dropsResponses);
    answersOf(board);
    board.stop();
    board.runFor(60_000);
    assert.equal(status(board), 'offline');
    assert.deepEqual(board.statusWords, ['online', 'offline']);
  });

  test(`version ${version}: an online that was not acknowledged is sent with the next connection, with its identifier`, () => {
    const board = virtualDevice({ config: { version } });
    board.broker.misbehave(dropsAll);
    board.online();
    board.runFor(3_000);
    board.broker.behave();
    board.broker.drop('mote-1', 'reset');
    board.until(() => board.told('connected').length === 2).runFor(1_000);
    const [first, again, more] = board.packets('status');
    assert.deepEqual([again.packetId, again.dup, more], [first.packetId, true, undefined]);
    assert.equal(status(board), 'online');
    board.checkBooks();
  });

  test(`version ${version}: an online that the session took with it is sent anew`, () => {
    const board = virtualDevice({ config: { version } });
    board.broker.misbehave(dropsAll);
    board.online().runFor(3_000);
    board.broker.behave();
    board.broker.restart({ how: 'reset', downMs: 100, keepsState: false });
    board.until(() => board.told('connected').length === 2).runFor(1_000);
    assert.deepEqual(
      board.packets('status').map(({ dup }) => dup),
      [false, false],
    );
    assert.equal(status(board), 'online');
  });

  test(`version ${version}: a goodbye whose offline was never acknowledged leaves the will`, () => {
    const board = virtualDevice({ config: { version } }).online();
    board.broker.misbehave({ answer: ({ topic }) => (topic === TOPIC ? 'drop' : 'send') });
    const ms = board.stop();
    assert.ok(ms <= 5_000, `${ms} ms`);
    board.runFor(60_000);
    assert.equal(status(board), 'lost');
    assert.equal(board.told('disconnected').at(-1)!.text, 'goodbye');
    board.checkBooks();
  });

  test(`version ${version}: a window full of what is not acknowledged keeps offline back, and the will speaks for it`, () => {
    const board = virtualDevice({
      config: { version, windowMax: 1 },
      broker: { receiveMaximum: 1 },
    }).online();
    board.broker.misbehave({ answer: ({ topic }) => (topic.endsWith('y') ? 'drop' : 'send') });
    board.runFor(2_000);
    board.stop();
    board.runFor(60_000);
    assert.equal(status(board), version === 5 ? 'lost' : 'offline');
    board.checkBooks();
  });
}

test('a status that the broker refuses is said again, less and less often', () => {
  const board = virtualDevice();
  let refusals = 5;
  board.broker.misbehave({
    publishReason: (topic) => (topic === TOPIC && refusals-- > 0 ? 0x97 : 0),
  });
  board.online().runFor(60_000);
  assert.equal(status(board), 'online');
  const times = board.packets('status').map(({ time }) => time);
  const seconds = times.slice(1).map((time, i) => Math.round((time - times[i]) / 1000));
  assert.deepEqual(seconds, [1, 2, 4, 8, 16]);
  board.checkBooks();
});

test('a status that is refused for ever is tried every minute, and costs no reading', () => {
  const board = virtualDevice({ config: { intervalMs: 60_000 } });
  board.broker.misbehave({ publishReason: (topic) => (topic === TOPIC ? 0x87 : 0) });
  board.online().runFor(3_600_000);
  const asked = board.packets('status').length;
  assert.ok(asked >= 60 && asked <= 70, `${asked} in an hour`);
  assert.equal(board.told('disconnected').length, 0);
  assert.ok(board.arrived().length >= 60);
  board.checkBooks();
});

test('an offline that is refused is said again while the goodbye lasts, and else the will speaks', () => {
  for (const refusals of [1, 100]) {
    const board = virtualDevice().online();
    let left: number = refusals;
    board.broker.misbehave({
      publishReason: (topic) => (topic === TOPIC && left-- > 0 ? 0x97 : 0),
    });
    board.stop();
    board.runFor(60_000);
    assert.equal(status(board), refusals === 1 ? 'offline' : 'lost');
  }
});

test('a connection that comes up while offline is to be said does not say online', () => {
  const board = virtualDevice({ link: { latencyMsMin: 200, latencyMsMax: 200 } });
  board.start().until(() => board.device.state === 'handshaking');
  board.stop();
  board.runFor(60_000);
  assert.notEqual(status(board), 'online');
  for (let ms = 0; ms < 1_000; ms += 25) {
    const early = virtualDevice({ link: { latencyMsMin: 200, latencyMsMax: 200 } });
    early.start().runFor(ms);
    early.stop();
    early.runFor(60_000);
    assert.notEqual(status(early), 'online', `after ${ms} ms`);
  }
});

test('a device that starts again before its offline was acknowledged ends as online', () => {
  const board = virtualDevice().online();
  board.broker.misbehave(dropsAll);
  board.stop();
  board.broker.behave();
  board.online().runFor(60_000);
  assert.equal(status(board), 'online');
  assert.equal(board.statusWords.at(-1), 'online');
  board.checkBooks();
});
