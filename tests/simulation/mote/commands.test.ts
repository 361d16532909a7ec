/** A whole board, told what to do by MQTT: set-up, reboot, its interval. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answers, BASE, command, until, working } from './whole-board.ts';

test('the command setup says goodbye, opens the set-up network for ten minutes, and goes on', () => {
  const board = working();
  command(board, 'setup');
  until(board, () => board.portal?.state === 'open');
  assert.deepEqual(answers(board), [{ command: 'setup', ok: true }]);
  assert.equal(Buffer.from(board.broker.retained(`${BASE}/status`)!).toString(), 'offline');
  const openedAt = board.queue.now;
  const boots = board.boots;
  until(board, () => board.boots > boots);
  const openMs = board.queue.now - openedAt;
  assert.ok(openMs > 590_000 && openMs < 620_000, `open for ${openMs} ms`);
  until(board, () => board.device?.state === 'online');
  assert.equal(board.ends.at(-1), 'nobody used the page');
});

test('the command reboot is answered, then the board says goodbye and starts again', () => {
  const board = working();
  const { boots } = board;
  command(board, 'reboot', '{"id":1}');
  until(board, () => board.boots === boots + 1);
  assert.deepEqual(answers(board), [{ command: 'reboot', id: 1, ok: true }]);
  until(board, () => board.device?.state === 'online');
  assert.deepEqual(board.broker.violations, []);
});

test('an interval that was commanded is kept over a restart', () => {
  const board = working();
  command(board, 'interval', '{"seconds":7}');
  board.queue.runFor(1000);
  assert.equal(board.saved?.intervalS, 7);
});

test('the same interval commanded again is not written again', () => {
  const board = working();
  command(board, 'interval', '{"seconds":7}');
  board.queue.runFor(1000);
  const { changes } = board.values;
  for (let i = 0; i < 5; i += 1) {
    command(board, 'interval', '{"seconds":7}');
    board.queue.runFor(900_000);
  }
  assert.equal(board.values.changes, changes);
});

test('an interval that changes all the time is written every ten minutes at most, then as it is', () => {
  const board = working();
  const { changes } = board.values;
  for (let i = 0; i < 1190; i += 1) {
    command(board, 'interval', `{"seconds":${2 + (i % 2)}}`);
    board.queue.runFor(1000);
  }
  // A slot is emptied before it is written.
  assert.ok(board.values.changes - changes <= 2 * 2, `${board.values.changes - changes} changes`);
  assert.ok(answers(board).every(({ ok }) => ok === true));
  command(board, 'interval', '{"seconds":9}');
  board.queue.runFor(600_000);
  assert.equal(board.saved?.intervalS, 9);
});

test('an interval that is still to be written is kept over an orderly restart, not over a reset', () => {
  for (const [last, kept] of [
    ['reboot', 9],
    ['forget', undefined],
  ] as const) {
    const board = working();
    command(board, 'interval', '{"seconds":8}');
    command(board, 'interval', '{"seconds":9}');
    board.queue.runFor(1000);
    assert.equal(board.saved?.intervalS, 8);
    command(board, last, '{"confirm":"forget"}');
    const { boots } = board;
    until(board, () => board.boots > boots);
    assert.equal(board.saved?.intervalS, kept);
  }
});

test('an interval that could not be written when it was due is written later', () => {
  const board = working();
  command(board, 'interval', '{"seconds":20}');
  board.queue.runFor(1000);
  command(board, 'interval', '{"seconds":30}');
  board.queue.runFor(1000);
  board.values.isFull = true;
  board.queue.runFor(700_000);
  assert.equal(board.saved?.intervalS, 20);
  board.values.isFull = false;
  board.queue.runFor(700_000);
  assert.equal(board.saved?.intervalS, 30);
});

test('an interval that comes right behind forget is not kept', () => {
  const board = working();
  command(board, 'forget', '{"confirm":"forget"}');
  command(board, 'interval', '{"seconds":77}');
  until(board, () => board.portal?.state === 'open');
  assert.equal(board.saved, undefined);
});
