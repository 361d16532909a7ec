/** A reading that was accepted is delivered or counted as dropped, whatever the link goes through. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type VirtualDevice, virtualDevice } from '../../support/virtual-device.ts';

const MINUTE = 60_000;

/** Runs until everything that waited has arrived, and checks that it was everything. */
function recovered(board: VirtualDevice): void {
  const { connects } = board.device.counters;
  const isDown = !board.broker.isUp || board.device.state !== 'online';
  if (isDown) board.until(() => board.device.counters.connects > connects, 20 * MINUTE);
  board.until(() => board.device.state === 'online' && board.outbox.depth <= 1, 20 * MINUTE);
  board.stop();
  const { accepted, dropped } = board.device.counters;
  assert.equal(dropped, 0);
  assert.deepEqual(
    board.arrived(),
    Array.from({ length: accepted }, (_, i) => i + 1),
    'every accepted reading has arrived',
  );
  board.checkBooks();
}

/** Each topic's readings are in order, redeliveries aside. */
function inOrder(board: VirtualDevice): void {
  for (const name of ['telemetry', 'history']) {
    const fresh = new Set<number>();
    for (const { topic, seq } of board.readings()) {
      if (topic.endsWith(name)) fresh.add(seq);
    }
    const order = [...fresh];
    assert.deepEqual(
      order,
      [...order].sort((a, b) => a - b),
      name,
    );
  }
}

/** Numbers that arrived more than once. */
function repeated(board: VirtualDevice): number[] {
  const seen = new Set<number>();
  return board
    .readings()
    .map(({ seq }) => seq)
    .filter((seq) => seen.has(seq) || !seen.add(seq));
}

test('readings of an outage of ten minutes are delivered after it, in order, none twice', () => {
  const board = virtualDevice().online().runFor(5000);
  board.broker.stop('vanish');
  board.runFor(10 * MINUTE);
  assert.ok(board.outbox.depth >= 595, `${board.outbox.depth} wait`);
  board.broker.start();
  recovered(board);
  inOrder(board);
  assert.ok(repeated(board).length <= 8, 'no more than was in flight');
});

test('a short outage shows in no other way than late messages on the telemetry topic', () => {
  const board = virtualDevice().online();
  board.broker.restart({ how: 'reset', downMs: 3000 });
  board.until(() => board.device.counters.reconnects === 1).runFor(2000);
  recovered(board);
  inOrder(board);
  const topics = new Set(board.readings().map(({ topic }) => topic));
  assert.ok(topics.has('mote/mote-1/telemetry'));
});

test('live readings do not wait for the backlog of an outage', () => {
  const board = virtualDevice().online();
  board.broker.stop('vanish');
  board.runFor(30 * MINUTE);
  board.broker.start();
  board.until(() => board.told('connected').length === 2, 10 * MINUTE);
  board.runFor(1);
  const head = board.outbox.headSequence;
  board.runFor(3000);
  const live = board.readings().filter(({ topic, seq }) => {
    return topic.endsWith('/telemetry') && seq >= head;
  });
  assert.equal(live.length, 3);
  assert.ok(board.outbox.depth > 100, 'while most of the backlog still waits');
  recovered(board);
  inOrder(board);
});

test('a broker that crashed without its state gets everything once more that was in flight', () => {
  const board = virtualDevice({ link: { latencyMsMin: 200, latencyMsMax: 200 } }).online();
  board.until(() => board.outbox.inFlight > 0);
  board.broker.restart({ how: 'vanish', downMs: MINUTE, keepsState: false });
  recovered(board);
  inOrder(board);
});

test('acknowledgements that were lost lead to redeliveries with DUP and the same identifier', () => {
  const board = virtualDevice().online();
  board.broker.misbehave({ answer: ({ kind }) => (kind === 'puback' ? 'drop' : 'send') });
  board.runFor(5000);
  board.broker.drop('mote-1', 'vanish');
  board.broker.behave();
  recovered(board);
  const twice = repeated(board);
  assert.ok(twice.length >= 4, 'those whose PUBACK was lost');
  const ids = new Map<number, number>();
  board.packets('telemetry').forEach(({ packetId, dup, connection }, i) => {
    const { seq } = board.readings().filter(({ topic }) => topic.endsWith('telemetry'))[i];
    if (connection === 2 && twice.includes(seq) && ids.has(seq)) {
      assert.equal(dup, true);
      assert.equal(packetId, ids.get(seq));
    }
    ids.set(seq, packetId);
  });
});

test('Wi-Fi that is lost for minutes loses no reading', () => {
  const board = virtualDevice().online();
  for (let times = 0; times < 3; times += 1) {
    board.wifi.lose(board.network);
    board.runFor(4 * MINUTE);
    assert.notEqual(board.device.state, 'online');
    board.wifi.failure = undefined;
    board.until(() => board.device.state === 'online', 10 * MINUTE).runFor(MINUTE);
  }
  recovered(board);
  inOrder(board);
});

test('a half-open link is noticed within one and a half keep-alives and costs no reading', () => {
  const board = virtualDevice({ config: { keepAliveS: 30, intervalMs: 5000 } }).online();
  board.network.change({ losesUp: true, losesDown: true });
  const from = board.queue.now;
  board.until(() => board.told('disconnected').length === 1);
  assert.ok(board.queue.now - from <= 45_000, `${board.queue.now - from} ms`);
  board.network.change({ losesUp: false, losesDown: false });
  recovered(board);
  inOrder(board);
});

test('with the outbox full the oldest readings are dropped and counted, the rest delivered', () => {
  const board = virtualDevice({ outboxBytes: 16 * 1024 }).online();
  board.broker.stop('vanish');
  board.runFor(20 * MINUTE);
  const { accepted, acknowledged, dropped } = board.device.counters;
  assert.ok(dropped > 500, `${dropped} dropped`);
  assert.equal(accepted, acknowledged + dropped + board.outbox.depth);
  board.broker.start();
  board.until(() => board.told('connected').length === 2, 10 * MINUTE);
  const oldest = board.device.counters.accepted - board.outbox.depth + 1;
  board.runFor(2 * MINUTE).stop();
  const seen = board.arrived().filter((seq) => seq >= oldest);
  const all = board.device.counters.accepted;
  assert.deepEqual(
    seen,
    Array.from({ length: all - oldest + 1 }, (_, i) => oldest + i),
  );
  assert.equal(board.outbox.depth, 0);
  board.checkBooks();
});

test('diagnostics after an outage say how many readings were dropped', () => {
  const board = virtualDevice({ outboxBytes: 16 * 1024 }).online();
  board.broker.stop('vanish');
  board.runFor(20 * MINUTE);
  const { dropped } = board.device.counters;
  board.broker.start();
  board.until(() => board.told('connected').length === 2, 10 * MINUTE).runFor(100);
  const report = board.diagnostics().at(-1)!;
  assert.ok((report.dropped as number) >= dropped);
  assert.ok((report.outbox as number) > 0);
  assert.ok((report.oldest_age as number) > 60);
});

test('after an outage of hours the status is online again', () => {
  // Short reports, so that many of them would fit where messages wait.
  const memory = { freeBytes: () => undefined, freeBytesMin: () => undefined };
  const board = virtualDevice({ config: { intervalMs: MINUTE }, ports: { memory } }).online();
  board.broker.stop('vanish');
  board.runFor(180 * MINUTE);
  board.broker.start();
  board.until(() => board.told('connected').length === 2, 10 * MINUTE).runFor(MINUTE);
  assert.equal(board.statusWords.at(-1), 'online');
});

test('diagnostics are about now: none that was made during an outage is sent after it', () => {
  const board = virtualDevice({ config: { intervalMs: MINUTE } }).online();
  board.broker.stop('vanish');
  board.runFor(60 * MINUTE);
  board.broker.start();
  board.until(() => board.told('connected').length === 2, 10 * MINUTE).runFor(1000);
  const since = board.diagnostics().slice(1);
  assert.equal(since.length, 1);
  assert.ok((since[0].uptime as number) >= 3600);
});

test('connections that die young over and over leave one online to be said, not many', () => {
  const board = virtualDevice().online();
  board.broker.misbehave({
    diesAfterMs: 20,
    diesHow: 'reset',
    answer: ({ kind }) => (kind === 'puback' ? 'drop' : 'send'),
  });
  board.broker.drop('mote-1', 'reset');
  board.until(() => board.told('connected').length >= 8, 60 * MINUTE);
  const { connects } = board.device.counters;
  board.until(() => board.device.state !== 'online');
  board.broker.behave();
  const reports = board.packets('diagnostics').length;
  const before = board.packets('status').length;
  board.until(() => board.device.counters.connects > connects, 20 * MINUTE).runFor(MINUTE);
  assert.equal(board.statusWords.at(-1), 'online');
  assert.ok(board.packets('status').length - before <= 2, 'online is not repeated in a burst');
  assert.ok(board.packets('diagnostics').length > reports);
  board.stop();
  assert.equal(board.statusWords.at(-1), 'offline');
});

test('a reading that the broker refuses is counted as dropped and not sent again', () => {
  const board = virtualDevice().online();
  board.broker.misbehave({ publishReason: (topic) => (topic.endsWith('telemetry') ? 0x97 : 0) });
  board.runFor(3000);
  board.broker.behave();
  board.runFor(3000);
  const { accepted, acknowledged, dropped, published } = board.device.counters;
  assert.equal(dropped, 3);
  assert.equal(published, accepted);
  assert.equal(acknowledged, accepted - 3);
  const refused = board.packets('telemetry').filter(({ reason }) => reason >= 0x80);
  assert.equal(refused.length, 3);
  const told = board.told('acknowledged', 'mote/mote-1/telemetry').map(({ sequence }) => sequence);
  assert.equal(told.length, accepted - 3, 'a refusal is not told as an acknowledgement');
  board.checkBooks();
});

test('a power cut keeps the numbering and every reading that was not acknowledged', () => {
  const board = virtualDevice().online().runFor(3000);
  board.network.change({ losesUp: true });
  board.runFor(5000);
  board.network.change({ losesUp: false });
  board.reboot();
  board.until(() => board.told('connected').length === 2, MINUTE).runFor(5000);
  const boots = new Map(board.readings().map(({ seq, boot }) => [seq, boot]));
  assert.equal(boots.get(1), 1);
  assert.equal(boots.get(board.outbox.headSequence - 1), 2);
  recovered(board);
});

test('with a receive maximum of one, readings and a backlog still all arrive', () => {
  const board = virtualDevice({ broker: { receiveMaximum: 1 } }).online();
  board.broker.stop('vanish');
  board.runFor(5 * MINUTE);
  board.broker.start();
  recovered(board);
  inOrder(board);
});

test('a broker that takes only small packets gets the backlog in small ones', () => {
  const board = virtualDevice({ broker: { maximumPacketSize: 400 } }).online();
  board.broker.stop('vanish');
  board.runFor(5 * MINUTE);
  board.broker.start();
  recovered(board);
});

for (const versionRefusal of ['return code', 'reason code', 'close'] as const) {
  test(`a fall-back to 3.1.1 after a refusal by ${versionRefusal} is no error in the diagnostics`, () => {
    const board = virtualDevice({ broker: { versions: [4], versionRefusal } });
    board.online().until(() => board.diagnostics().length > 0);
    assert.equal(board.diagnostics()[0].last_error, undefined);
    board.checkBooks();
  });
}

test('a broker that takes small packets gets its backlog in batches that fill them', () => {
  const board = virtualDevice({ broker: { maximumPacketSize: 256 } }).online();
  board.broker.stop('reset');
  board.runFor(2 * MINUTE);
  board.broker.start();
  recovered(board);
  const batches = board.packets('history').map(({ payload }) => payload.length);
  // A reading takes some 105 bytes, and a batch has room for 220.
  const full = batches.filter((bytes) => bytes > 180);
  assert.ok(full.length >= batches.length - 2, `${batches}`);
});

test('a board that restarts takes its session up, with what was sent to it meanwhile', () => {
  const old = virtualDevice({ config: { version: 5 } }).online();
  old.broker.publish({ topic: 'mote/mote-1/command/sample', payload: new Uint8Array(0), qos: 1 });
  old.reboot();
  old.online().runFor(5_000);
  assert.deepEqual(
    old.told('connected').map(({ text }) => text),
    ['5 false', '5 true'],
  );
  const { connections } = old.broker.books;
  assert.deepEqual(
    connections.map(({ cleanStart }) => cleanStart),
    [false, false],
  );
  old.checkBooks();
});

for (const version of [4, 5] as const) {
  test(`version ${version}: one acknowledgement that never comes stops no other reading`, () => {
    const board = virtualDevice({ config: { version, windowMax: 4 } }).online();
    board.broker.misbehave({
      answer: ({ kind, packetId }) => (kind === 'puback' && packetId === 5 ? 'drop' : 'send'),
    });
    board.until(() => board.outbox.accepted === 5).runFor(18_000);
    assert.equal(board.told('disconnected').length, 0);
    assert.ok(board.outbox.depth <= 2);
    assert.ok(board.arrived().length >= 22, `${board.arrived().length} have arrived`);
    // What was not acknowledged goes first on the next connection, as the same message.
    board.broker.behave();
    board.until(() => board.told('connected').length === 2).runFor(1_000);
    const again = board.readings().filter(({ seq }) => seq === 5);
    assert.deepEqual(
      again.map(({ dup }) => dup),
      [false, true],
    );
    assert.ok(board.outbox.depth <= 1);
    board.checkBooks();
  });
}
