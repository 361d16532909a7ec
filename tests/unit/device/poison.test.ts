/** One reading that the broker never takes stops no other one: it is set aside, and told. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { textOf, type VirtualDevice, virtualDevice } from '../../support/virtual-device.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** The broker acknowledges no message with this reading, or closes at it. */
function poison(board: VirtualDevice, number: number, fate: 'silence' | 'close'): void {
  board.broker.misbehave({
    poison: (_topic, payload) => (holds(payload, number) ? fate : 'none'),
  });
}

function holds(payload: Uint8Array, number: number): boolean {
  return textOf(payload).includes(`"seq":${number},`);
}

/** Connections that had a message with this reading. */
function connectionsWith(board: VirtualDevice, number: number): number[] {
  const seen = board.broker.books.published.filter(({ payload }) => holds(payload, number));
  return [...new Set(seen.map(({ connection }) => connection))];
}

function setAside(board: VirtualDevice): number[] {
  return board.told('set aside').map(({ sequence }) => sequence);
}

/** Numbers by topic, each at its first arrival. */
function firsts(board: VirtualDevice, topic: string): number[] {
  const all = board.readings().filter((reading) => reading.topic.endsWith(topic));
  return [...new Set(all.map(({ seq }) => seq))];
}

function ascends(numbers: readonly number[]): void {
  assert.deepEqual(
    numbers,
    [...numbers].sort((a, b) => a - b),
  );
}

for (const version of [4, 5] as const) {
  for (const fate of ['silence', 'close'] as const) {
    const does = fate === 'silence' ? 'never acknowledges' : 'closes at';
    for (const intervalMs of [1_000, MINUTE]) {
      test(`version ${version}: a live reading that the broker ${does} is set aside after three connections, at one each ${intervalMs / 1000} s`, () => {
        const board = virtualDevice({ config: { version, intervalMs, windowMax: 4 } });
        poison(board, 5, fate);
        board.online();
        board.until(() => setAside(board).length > 0, 20 * MINUTE);
        assert.deepEqual(setAside(board), [5]);
        if (fate === 'silence') {
          const ends = board.told('disconnected').length;
          assert.ok(ends === 3 || ends === 4, `${ends} connections`);
        }
        board.until(() => board.device.state === 'online', 5 * MINUTE).runFor(2 * MINUTE);
        // The rest flows, on one connection, in order.
        const { connects } = board.device.counters;
        board.runFor(5 * MINUTE);
        assert.equal(board.device.counters.connects, connects);
        assert.ok(board.outbox.depth <= 2, `${board.outbox.depth} wait`);
        assert.deepEqual([board.outbox.aside, board.outbox.dropped], [1, 0]);
        assert.equal(board.arrived().length >= board.outbox.accepted - 2, true);
        ascends(firsts(board, 'telemetry'));
        // Its number is told, and once the broker takes it, it arrives.
        assert.equal(board.diagnostics().at(-1)?.set_aside, '5');
        board.broker.behave();
        board.until(() => board.outbox.aside === 0, HOUR + 10 * MINUTE);
        assert.ok(board.arrived().includes(5));
        board.stop();
        assert.equal(board.outbox.depth, 0);
        board.checkBooks();
      });
    }

    test(`version ${version}: a batch of history with a reading that the broker ${does} is taken apart, and that one alone is set aside`, () => {
      const board = virtualDevice({ config: { version } }).online().runFor(2_000);
      board.broker.stop('vanish');
      board.runFor(4 * MINUTE);
      poison(board, 40, fate);
      board.broker.start();
      board.until(() => setAside(board).length > 0, 40 * MINUTE);
      assert.deepEqual(setAside(board), [40]);
      board.until(() => board.device.state === 'online', 5 * MINUTE).runFor(MINUTE);
      assert.ok(board.outbox.depth <= 2, `${board.outbox.depth} wait`);
      assert.equal(board.outbox.aside, 1);
      ascends(firsts(board, 'history').filter((seq) => seq !== 40));
      ascends(firsts(board, 'telemetry'));
      board.broker.behave();
      board.until(() => board.outbox.aside === 0, HOUR + 10 * MINUTE);
      board.stop();
      const { accepted, dropped } = board.device.counters;
      assert.equal(dropped, 0);
      assert.equal(board.arrived().length, accepted);
      board.checkBooks();
    });
  }

  test(`version ${version}: what is set aside is tried alone, after ten minutes and then once an hour`, () => {
    const board = virtualDevice({ config: { version, intervalMs: MINUTE } });
    poison(board, 3, 'silence');
    board.online();
    board.until(() => setAside(board).length > 0, 20 * MINUTE);
    board.until(() => board.device.state === 'online', 5 * MINUTE);
    const from = board.queue.now;
    const tried = () => board.packets('history').filter(({ payload }) => holds(payload, 3));
    board.runFor(4 * HOUR);
    const at = tried().map(({ time }) => Math.round((time - from) / MINUTE));
    assert.deepEqual(at.length, 4, `${at}`);
    assert.ok(at[0] >= 10 && at[0] <= 11, `${at}`);
    for (let i = 1; i < 4; i += 1) assert.ok(at[i] - at[i - 1] >= 60 && at[i] - at[i - 1] <= 62);
    for (const { payload } of tried()) assert.equal(JSON.parse(textOf(payload)).length, 1);
    assert.equal(board.outbox.dropped, 0);
    board.checkBooks();
  });

  test(`version ${version}: after a reboot what was set aside is tried from the start, by the same rule`, () => {
    const board = virtualDevice({ config: { version } });
    poison(board, 5, 'silence');
    board.online();
    board.until(() => setAside(board).length > 0, 20 * MINUTE);
    board.reboot();
    const before = connectionsWith(board, 5).length;
    board.runFor(20 * MINUTE);
    assert.ok(board.outbox.depth <= 3, `${board.outbox.depth} wait`);
    assert.ok(connectionsWith(board, 5).length - before <= 5);
    board.checkBooks();
  });

  test(`version ${version}: a broker that was taken for one that closes at the status hears it again once the reading is found`, () => {
    const board = virtualDevice({ config: { version, intervalMs: MINUTE } });
    const isStatus = (topic: string) => topic.endsWith('/status');
    const isLeftOut = () => board.told('disconnected').some(({ text }) => /status/.test(text));
    board.broker.misbehave({
      poison: (topic, payload) => {
        if (setAside(board).length > 0) return holds(payload, 5) ? 'close' : 'none';
        return (isStatus(topic) && !isLeftOut()) || holds(payload, 5) ? 'close' : 'none';
      },
    });
    board.start().until(() => isLeftOut(), HOUR);
    board.until(() => setAside(board).length > 0, 30 * MINUTE);
    board.runFor(MINUTE);
    assert.equal(board.statusWords.at(-1), 'online');
    board.checkBooks();
  });

  test(`version ${version}: a broker that closes at the status, too, has it left out ever longer`, () => {
    const board = virtualDevice({ config: { version, intervalMs: MINUTE } });
    board.broker.misbehave({
      poison: (topic, payload) =>
        topic.endsWith('/status') || holds(payload, 5) ? 'close' : 'none',
    });
    board.start().until(() => setAside(board).length > 0, 2 * HOUR);
    const ends = board.told('disconnected').length;
    board.runFor(30 * MINUTE);
    // At the status ever more rarely, from half a minute on, and anew once the reading was tried.
    const more = board.told('disconnected').length - ends;
    assert.ok(more >= 3 && more <= 14, `${more} ends`);
    assert.ok(board.outbox.depth <= 3, `${board.outbox.depth} wait`);
    board.checkBooks();
  });

  for (const receiveMaximum of [1, 2]) {
    test(`version ${version}: readings that the broker never acknowledges are found, and the status said, with ${receiveMaximum} in flight at most`, () => {
      const config = { version, intervalMs: MINUTE, windowMax: receiveMaximum } as const;
      const board = virtualDevice({ config, broker: { receiveMaximum } });
      const bad = [5, 6].slice(0, receiveMaximum);
      board.broker.misbehave({
        poison: (_topic, payload) => (bad.some((n) => holds(payload, n)) ? 'silence' : 'none'),
      });
      board.online();
      board.until(() => setAside(board).length === receiveMaximum, 40 * MINUTE);
      board.until(() => board.device.state === 'online', 5 * MINUTE).runFor(5 * MINUTE);
      assert.ok(board.outbox.depth <= receiveMaximum + 1, `${board.outbox.depth} wait`);
      assert.equal(board.statusWords.at(-1), 'online');
      assert.deepEqual(setAside(board).sort(), bad);
      board.broker.behave();
      board.until(() => board.outbox.aside === 0, 2 * HOUR);
      board.checkBooks();
    });
  }

  test(`version ${version}: a broker that acknowledges nothing has no reading set aside`, () => {
    const board = virtualDevice({ config: { version } }).online().runFor(3_000);
    board.broker.misbehave({ answer: ({ kind }) => (kind === 'puback' ? 'drop' : 'send') });
    board.runFor(20 * MINUTE);
    board.broker.behave();
    board.runFor(10 * MINUTE);
    assert.deepEqual(setAside(board), []);
    assert.ok(board.outbox.depth <= 2);
    board.checkBooks();
  });

  test(`version ${version}: a broker that closes whatever comes has no reading set aside`, () => {
    for (const diesAfterMs of [0, 30, 500, 3_000]) {
      const link = { latencyMsMin: 40, latencyMsMax: 40 };
      const board = virtualDevice({ config: { version, intervalMs: 100 }, link });
      board.broker.misbehave({ diesAfterMs, diesHow: 'close' });
      board.start().runFor(30 * MINUTE);
      assert.deepEqual(setAside(board), [], `${diesAfterMs}`);
      board.broker.behave();
      board.runFor(10 * MINUTE);
      assert.ok(board.outbox.depth <= 20, `${board.outbox.depth}`);
      board.checkBooks();
    }
  });
}

test('a goodbye does not wait for what is set aside', () => {
  const board = virtualDevice({ config: { intervalMs: MINUTE } });
  poison(board, 2, 'silence');
  board.online();
  board.until(() => setAside(board).length > 0, 20 * MINUTE);
  board.until(() => board.device.state === 'online', 5 * MINUTE).runFor(5_000);
  assert.ok(board.stop() < 1_000);
  assert.equal(board.outbox.depth, 1);
});

test('four readings that the broker never takes: three are set aside, none is lost, and all come in the end', () => {
  const board = virtualDevice();
  const bad = [3, 5, 7, 9];
  board.broker.misbehave({
    poison: (_topic, payload) => (bad.some((n) => holds(payload, n)) ? 'silence' : 'none'),
  });
  board.online().runFor(30 * MINUTE);
  assert.equal(board.outbox.aside, 3);
  assert.equal(board.outbox.dropped, 0);
  board.broker.behave();
  board.runFor(2 * HOUR);
  assert.deepEqual([board.outbox.aside, board.outbox.depth <= 2], [0, true]);
  for (const n of bad) assert.ok(board.arrived().includes(n));
  board.checkBooks();
});
