/** A whole board that forgets its owner: settings go, and no reading goes uncounted or to the next one. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RESET } from '../../../host-sim/esp32-tools/reset-codes.ts';
import { Person } from '../../support/person.ts';
import { RIGHT_SETTINGS as SETTINGS, type SetUpBoard } from '../../support/set-up-board.ts';
import { command, restartAs, until, working } from './whole-board.ts';

/** Readings that were taken and are neither acknowledged nor dropped nor waiting. */
function uncounted(board: SetUpBoard): number {
  const { headSequence, depth, dropped } = board.outbox;
  const settled = board.log.filter((line) => /^acknowledged .*\/(telemetry|history)$/.test(line));
  return headSequence - 1 - depth - dropped - settled.length;
}

function sentReadings(board: SetUpBoard, from: number): { seq: number }[] {
  return board.broker.books.published.slice(from).flatMap(({ topic, payload }) => {
    if (!/telemetry|history/.test(topic)) return [];
    return [JSON.parse(Buffer.from(payload).toString())].flat();
  });
}

/** Cuts the power at a write of the command `forget` while readings wait. */
function forgetAndCut(change: number, isAfter: boolean): SetUpBoard {
  const board = working();
  board.broker.stop('vanish');
  board.queue.runFor(300_000);
  board.broker.start();
  command(board, 'forget', '{"confirm":"forget"}');
  let isCut = false;
  board.values.cutAt(change, isAfter, () => {
    isCut = true;
    board.cutPower();
  });
  until(board, () => isCut || board.saved === undefined);
  // What waits is not sent before the restart either.
  board.broker.stop('vanish');
  until(board, () => isCut);
  board.broker.start();
  until(board, () => board.portal?.state === 'open' || board.device?.state === 'online');
  return board;
}

test('the command forget leaves a board that has to be set up, and no reading is lost', () => {
  const board = working();
  command(board, 'forget', '{"confirm":"forget"}');
  until(board, () => board.portal?.state === 'open');
  assert.equal(board.saved, undefined);
  assert.equal(board.outbox.depth, 0);
});

test('after a factory reset no reading of the last owner goes to the next one, nor is it uncounted', () => {
  const board = working();
  board.broker.stop('vanish');
  board.queue.runFor(300_000);
  const { headSequence, depth } = board.outbox;
  assert.ok(depth > 3, `${depth} readings wait`);
  board.buttonIsHeld = true;
  board.pressMs = 15_000;
  restartAs(board, RESET.powerOn);
  until(board, () => board.saved === undefined && board.portal?.state === 'open');
  board.buttonIsHeld = false;
  assert.deepEqual([board.outbox.depth, board.outbox.dropped], [0, depth]);
  board.broker.start();
  const before = board.broker.books.published.length;
  new Person(board).getOn().persist(SETTINGS);
  until(board, () => board.device?.state === 'online');
  board.queue.runFor(120_000);
  const sent = sentReadings(board, before);
  assert.ok(sent.length > 0);
  assert.ok(sent.every(({ seq }) => seq >= headSequence));
});

test('power that goes at any write of forget leaves the old settings, or no reading of theirs', () => {
  const seen = new Set<string>();
  for (let change = 1; change <= 8; change += 1) {
    for (const isAfter of [false, true]) {
      const board = forgetAndCut(change, isAfter);
      seen.add(board.saved === undefined ? 'erased' : 'kept');
      assert.equal(uncounted(board), 0);
      if (board.saved !== undefined) {
        assert.equal(board.saved.host, SETTINGS.host);
        continue;
      }
      const { headSequence, depth, dropped } = board.outbox;
      assert.equal(depth, 0);
      assert.ok(dropped > 3);
      const from = board.broker.books.published.length;
      new Person(board).getOn().persist(SETTINGS);
      until(board, () => board.device?.state === 'online');
      board.queue.runFor(60_000);
      const sent = sentReadings(board, from);
      assert.ok(sent.length > 0 && sent.every(({ seq }) => seq >= headSequence));
    }
  }
  assert.deepEqual([...seen], ['kept', 'erased']);
});

test('readings that cannot be given up now are given up at a later boot, and the board goes on', () => {
  const board = working();
  let discards = 0;
  board.outbox.discard = () => {
    discards += 1;
    throw new Error('the flash is worn');
  };
  command(board, 'forget', '{"confirm":"forget"}');
  until(board, () => board.portal?.state === 'open');
  restartAs(board, RESET.powerOn);
  until(board, () => board.portal?.state === 'open');
  assert.equal(discards, 2);
});
