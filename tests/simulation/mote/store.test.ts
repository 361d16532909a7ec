/** A whole board whose store takes nothing. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RESET } from '../../../host-sim/esp32-tools/reset-codes.ts';
import { Person } from '../../support/person.ts';
import { SetUpBoard } from '../../support/set-up-board.ts';
import { answers, command, restartAs, until, working } from './whole-board.ts';

test('a board whose store takes nothing any more works on, and says what it cannot keep', () => {
  const board = working();
  board.values.isFull = true;
  restartAs(board, RESET.powerOn);
  until(board, () => board.device?.state === 'online');
  board.queue.runFor(500);
  command(board, 'interval', '{"seconds":7}');
  board.queue.runFor(500);
  const [answer] = answers(board).slice(-1);
  assert.equal(answer.ok, false);
  assert.match(String(answer.error), /stored/);
  command(board, 'setup');
  until(board, () => board.portal?.state === 'open');
});

test('a board without settings whose store takes nothing can still be reached', () => {
  const board = new SetUpBoard();
  board.values.isFull = true;
  new Person(board).getOn().page();
});
