/** A whole board's button and light. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RESET } from '../../../host-sim/esp32-tools/reset-codes.ts';
import { Person } from '../../support/person.ts';
import { RIGHT_SETTINGS as SETTINGS, SetUpBoard } from '../../support/set-up-board.ts';
import { command, restartAs, until, working } from './whole-board.ts';

test('a button pressed at power-up opens the set-up network and keeps the settings', () => {
  const board = working();
  board.buttonIsHeld = true;
  restartAs(board, RESET.powerOn);
  board.buttonIsHeld = false;
  until(board, () => board.portal?.state === 'open');
  board.queue.runFor(60_000);
  assert.equal(board.saved?.host, 'broker.home');
  assert.ok(board.portal !== undefined, 'it stays open although the saved Wi-Fi is there');
});

test('a button held for five seconds at power-up is a factory reset', () => {
  const board = working();
  board.buttonIsHeld = true;
  board.pressMs = 8000;
  restartAs(board, RESET.powerOn);
  const { boots } = board;
  board.queue.runFor(4900);
  assert.notEqual(board.saved, undefined);
  until(board, () => board.boots === boots + 1);
  assert.equal(board.saved, undefined);
  until(board, () => board.portal?.state === 'open');
  assert.equal(board.ends.at(-1), 'the settings are erased');
});

test('the light blinks while the board waits to be set up, and is dark at work', () => {
  const board = new SetUpBoard();
  board.queue.runFor(10_000);
  assert.ok(board.light.length >= 8);
  new Person(board).getOn().persist(SETTINGS);
  until(board, () => board.device?.state === 'online');
  assert.equal(board.light.at(-1), 'off');
  const changes = board.light.length;
  board.queue.runFor(10_000);
  assert.equal(board.light.length, changes);
  command(board, 'identify', '{"seconds":2}');
  board.queue.runFor(5000);
  assert.ok(board.light.length >= changes + 14);
  assert.equal(board.light.at(-1), 'off');
});
