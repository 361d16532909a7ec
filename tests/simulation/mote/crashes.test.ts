/** A whole board that crashes, loses power or restarts on purpose: safe mode, and its end. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RESET } from '../../../host-sim/esp32-tools/reset-codes.ts';
import { Person } from '../../support/person.ts';
import { command, restartAs, until, working } from './whole-board.ts';

test('four crashes in a row lead to safe mode, in which nothing is sampled', () => {
  const board = working();
  for (let i = 0; i < 4; i += 1) restartAs(board, i % 2 === 0 ? RESET.panic : RESET.taskWatchdog);
  until(board, () => board.portal !== undefined);
  assert.equal(board.device, undefined);
});

test('in safe mode the saved Wi-Fi is looked for, and a board that can join it works again', () => {
  const board = working();
  for (let i = 0; i < 4; i += 1) restartAs(board, RESET.panic);
  board.queue.runFor(170_000);
  assert.ok(board.portal !== undefined, 'there is time to set it up');
  until(board, () => board.device?.state === 'online');
  assert.equal(board.ends.at(-1), 'the saved Wi-Fi can be joined again');
  restartAs(board, RESET.panic);
  until(board, () => board.device?.state === 'online', 60_000);
});

test('in safe mode somebody who fills the form in is not cut off when the Wi-Fi is back', () => {
  const board = working();
  for (let i = 0; i < 4; i += 1) restartAs(board, RESET.panic);
  const person = new Person(board).getOn();
  const html = person.page();
  for (let i = 0; i < 10; i += 1) {
    board.queue.runFor(59_000);
    assert.equal(person.ask({ path: '/state' })?.status, 200);
  }
  person.send(html, { intervalS: '5' });
  until(board, () => board.portal?.check.state === 'saved');
});

test('crashes that lie two minutes of work apart never lead to safe mode', () => {
  const board = working();
  for (let i = 0; i < 10; i += 1) {
    restartAs(board, RESET.panic);
    board.queue.runFor(125_000);
    assert.equal(board.portal, undefined);
  }
});

test('power that fails again and again is no crash', () => {
  const board = working();
  for (let i = 0; i < 10; i += 1) {
    restartAs(board, RESET.powerOn);
    board.queue.runFor(2000);
  }
  assert.equal(board.portal, undefined);
});

test('a board whose settings crash it by an exception comes up to be set up', () => {
  const board = working({ ledPin: '23' });
  board.badPin = 23;
  board.aborts = 0;
  restartAs(board, RESET.powerOn);
  until(board, () => board.portal?.state === 'open', 30_000);
  assert.equal(board.aborts, 4);
});

test('restarts on purpose are no crashes, however many', () => {
  const board = working();
  for (let i = 0; i < 6; i += 1) {
    const { boots } = board;
    command(board, 'reboot');
    until(board, () => board.boots === boots + 1 && board.device?.state === 'online');
    board.queue.runFor(2000);
  }
  assert.equal(board.portal, undefined);
});
