/**
 * Closed sockets are released by the platform a little later. A board that leaves its network, moves
 * or closes its access point, or restarts before that panics: every way there is waits.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RESET } from '../../host-sim/esp32-tools/reset-codes.ts';
import { Person } from '../support/person.ts';
import { RIGHT_SETTINGS as SETTINGS, SetUpBoard } from '../support/set-up-board.ts';

const BASE = 'mote/mote-0a1b2c';

function until(board: SetUpBoard, goal: () => boolean, limitMs = 900_000): void {
  assert.ok(board.queue.runUntil(goal, board.queue.now + limitMs), `not reached: ${goal}`);
}

function working(): SetUpBoard {
  const board = new SetUpBoard();
  new Person(board).getOn().persist(SETTINGS);
  until(board, () => board.device?.state === 'online');
  board.queue.runFor(500);
  return board;
}

function command(board: SetUpBoard, name: string, payload = ''): void {
  const bytes = new Uint8Array(Buffer.from(payload));
  board.broker.publish({ topic: `${BASE}/command/${name}`, payload: bytes, qos: 1 });
}

/** What the page says of the check, as words. */
function resultOf(person: Person): string {
  const main = person.result().split('<main>')[1];
  return main.replace(/<[^>]*>/g, ' ').slice(0, 400);
}

function status(board: SetUpBoard): string {
  return Buffer.from(board.broker.retained(`${BASE}/status`) ?? []).toString();
}

test('a wrong broker password is told on the page, and a right one is confirmed there', () => {
  const board = new SetUpBoard();
  const person = new Person(board).getOn();
  person.send(person.page(), { ...SETTINGS, password: 'wrong' });
  assert.match(resultOf(person), /user name or password/);
  person.send(person.page(), SETTINGS);
  assert.match(resultOf(person), /The settings are saved/);
  until(board, () => board.device?.state === 'online');
  assert.deepEqual(board.panics, []);
});

test('the commands reboot, setup and forget end the work in order', () => {
  for (const [name, payload] of [
    ['reboot', ''],
    ['setup', ''],
    ['forget', '{"confirm":"forget"}'],
  ]) {
    const board = working();
    const { boots } = board;
    command(board, name, payload);
    until(board, () => board.boots > boots);
    assert.equal(status(board), 'offline', name);
    const isBack = () => board.portal?.state === 'open' || board.device?.state === 'online';
    until(board, isBack);
    assert.deepEqual(board.panics, []);
  }
});

test('a page that is asked for all the time is no obstacle for a check on another channel', () => {
  const board = new SetUpBoard();
  const person = new Person(board).getOn();
  person.send(person.page(), SETTINGS);
  const { falls } = person.phone;
  let answers = 0;
  const ask = (): void => {
    if (board.portal === undefined || board.portal.check.state !== 'running') return;
    person.phone.request({ path: '/state' }, (response) => {
      if (response !== undefined) answers += 1;
      board.queue.after(5, ask);
    });
  };
  for (let i = 0; i < 3; i += 1) board.queue.after(i * 7, ask);
  until(board, () => board.portal?.check.state === 'saved');
  assert.ok(answers > 50 && person.phone.falls > falls, `${answers} answers`);
  assert.deepEqual(board.panics, []);
});

test('a factory reset by the button closes the set-up network in order', () => {
  const board = working();
  board.buttonIsHeld = true;
  board.pressMs = 15_000;
  board.cutPower();
  until(board, () => board.portal?.state === 'open');
  // Somebody is on the page meanwhile, and has closed connections behind it.
  const person = new Person(board).getOn();
  const { boots } = board;
  while (board.boots === boots) {
    person.ask({ path: '/' });
    board.queue.runFor(50);
  }
  assert.equal(board.saved, undefined);
  assert.deepEqual(board.panics, []);
});

test('a set-up network that nobody uses is closed in order', () => {
  const board = working();
  command(board, 'setup');
  until(board, () => board.portal?.state === 'open');
  const person = new Person(board).getOn();
  person.page();
  const { boots } = board;
  // The phone asks for other pages all the time, as phones do: that is no use of the page.
  while (board.boots === boots) {
    person.ask({ path: '/generate_204' });
    board.queue.runFor(300);
  }
  assert.equal(board.ends.at(-1), 'nobody used the page');
  assert.deepEqual(board.panics, []);
});

test('Wi-Fi that is lost under a connection is told as that, once, and the board comes back', () => {
  const board = working();
  const [home] = board.radio.air;
  for (let i = 0; i < 5; i += 1) {
    const told = board.refusals.length;
    home.inRange = false;
    assert.ok(board.radio.lose());
    board.queue.runFor(1000);
    assert.deepEqual(board.refusals.slice(told), ['the Wi-Fi network was lost']);
    board.queue.runFor(20_000);
    home.inRange = true;
    until(board, () => board.device?.state === 'online');
  }
  assert.deepEqual(board.panics, []);
});

test('Wi-Fi that is lost again and again while settings are tried is told on the page as that', () => {
  const board = new SetUpBoard();
  const person = new Person(board).getOn();
  person.send(person.page(), SETTINGS);
  for (let i = 0; i < 2; i += 1) {
    until(board, () => board.radio.joined !== undefined);
    board.radio.lose();
    board.queue.runFor(100);
  }
  assert.match(resultOf(person), /was lost/);
  assert.deepEqual(board.panics, []);
});

test('a platform that panics at every restart on purpose does not lead to safe mode', () => {
  const board = new SetUpBoard();
  board.restartEnd = RESET.panic;
  new Person(board).getOn().persist(SETTINGS);
  for (let i = 0; i < 6; i += 1) {
    const { boots } = board;
    command(board, 'reboot');
    until(board, () => board.boots > boots);
    until(board, () => board.device?.state === 'online');
    board.queue.runFor(1000);
  }
  assert.equal(board.portal, undefined);
});
