/**
 * A board whose clock is unknown, as after each power-up without a battery: what needs the time waits
 * for it, and says so where it does not come.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Network } from '../../firmware/ports.ts';
import { FAIR, type Saying, WRONG_SAYINGS } from '../../host-sim/virtual/time-server.ts';
import { Person } from '../support/person.ts';
import { RIGHT_SETTINGS, SetUpBoard } from '../support/set-up-board.ts';

const BOARD = '192.168.4.1';
const SETTINGS = Object.freeze({ ...RIGHT_SETTINGS, encryption: 'tls', intervalS: '10' });
const EPOCH_S = 1_735_689_600;

/** A cold board behind a TLS that judges certificates by the board's clock, and counts what it sees. */
function coldBoard() {
  const board = new SetUpBoard();
  board.isCold = true;
  const seen = { attempts: 0, unjudged: 0 };
  const secure: Network = {
    resolve: (host, done) => board.network.resolve(host, done),
    connect: (target, handler) => {
      seen.attempts += 1;
      if (board.clock.quality() !== 'none') return board.network.connect(target, handler);
      seen.unjudged += 1;
      board.queue.after(50, () => handler.closed('certificate expired'));
      return { read: () => 0, write: () => 0, close() {} };
    },
  };
  board.secure = secure;
  return { board, seen };
}

function treat(board: SetUpBoard, says: Saying | 'nothing'): void {
  const isMute = says === 'nothing';
  board.timeServer.treat(BOARD, { ...FAIR, isMute, says: isMute ? 'time' : says });
}

test('a cold board passes "Check and save" over TLS: it asks for the time once it has joined', () => {
  const { board, seen } = coldBoard();
  const person = new Person(board).getOn();
  assert.equal(board.timeServer.asked, 0);
  person.send(person.page(), SETTINGS);
  assert.match(person.result(), /href="\/done"/);
  assert.equal(board.timeServer.asked, 1);
  assert.deepEqual(seen, { attempts: 1, unjudged: 0 });
});

test('a time that is answered at the second question is still in time for the check', () => {
  const { board, seen } = coldBoard();
  treat(board, 'nothing');
  board.queue.runUntil(() => board.portal?.state === 'open');
  const person = new Person(board).getOn();
  person.send(person.page(), SETTINGS);
  board.queue.runUntil(() => board.timeServer.asked === 1, board.queue.now + 60_000);
  treat(board, 'time');
  assert.match(person.result(), /href="\/done"/);
  assert.equal(board.timeServer.asked, 2);
  assert.equal(seen.unjudged, 0);
});

test('a time that never comes is said in words, and TLS is not tried in vain', () => {
  for (const says of ['nothing', ...WRONG_SAYINGS] as const) {
    const { board, seen } = coldBoard();
    treat(board, says);
    const person = new Person(board).getOn();
    person.send(person.page(), SETTINGS);
    const html = person.result();
    assert.equal(board.portal?.check.failure, 'clock not set', says);
    assert.equal(board.portal?.check.stage, 'connect');
    assert.match(html, /could not learn the time/);
    assert.deepEqual(seen, { attempts: 0, unjudged: 0 });
  }
});

test('without TLS nothing waits for the time', () => {
  const { board } = coldBoard();
  treat(board, 'nothing');
  const person = new Person(board).getOn();
  person.send(person.page(), { ...SETTINGS, encryption: 'none' });
  assert.match(person.result(), /href="\/done"/);
  assert.equal(board.clock.quality(), 'none');
});

/** Set up over TLS, and restarted with a clock that is unknown again. */
function atWork() {
  const { board, seen } = coldBoard();
  const person = new Person(board).getOn();
  person.send(person.page(), SETTINGS);
  assert.match(person.result(), /href="\/done"/);
  person.page('/done');
  board.queue.runUntil(() => board.device !== undefined, board.queue.now + 60_000);
  seen.attempts = 0;
  return { board, seen };
}

test('at work a cold board is online seconds after it has joined, at its first attempt', () => {
  const { board, seen } = atWork();
  const since = board.queue.now;
  assert.ok(board.queue.runUntil(() => board.device?.state === 'online', since + 10_000));
  assert.deepEqual(seen, { attempts: 1, unjudged: 0 });
  assert.deepEqual(board.refusals, []);
});

test('at work a time that comes late is waited for, told in words, and no reading is of 1970', () => {
  const { board, seen } = atWork();
  treat(board, 'nothing');
  const since = board.queue.now;
  board.queue.runUntil(() => board.device?.state === 'awaiting time', since + 20_000);
  board.queue.runFor(300_000);
  assert.deepEqual(seen, { attempts: 0, unjudged: 0 });
  assert.ok(board.refusals.length >= 5);
  assert.match(new Set(board.refusals).values().next().value ?? '', /^waiting for the time: /);
  treat(board, 'time');
  const isOnline = () => board.device?.state === 'online';
  assert.ok(board.queue.runUntil(isOnline, board.queue.now + 90_000));
  board.queue.runFor(20_000);
  assert.deepEqual(seen, { attempts: 1, unjudged: 0 });
  const texts = board.broker.books.published
    .filter(({ topic }) => /telemetry|history/.test(topic))
    .map(({ payload }) => JSON.parse(Buffer.from(payload).toString()));
  const readings = texts.flat() as { ts?: number; up?: number }[];
  assert.ok(readings.length > 25, `${readings.length} readings`);
  for (const { ts } of readings) assert.ok(ts! >= EPOCH_S, `${ts}`);
});

test('a network that is lost while the time is awaited is joined anew', () => {
  const { board, seen } = atWork();
  treat(board, 'nothing');
  board.queue.runUntil(() => board.device?.state === 'awaiting time', board.queue.now + 20_000);
  const [home] = board.radio.air;
  home.inRange = false;
  board.radio.lose();
  board.queue.runFor(5_000);
  assert.notEqual(board.device?.state, 'awaiting time');
  home.inRange = true;
  treat(board, 'time');
  const isOnline = () => board.device?.state === 'online';
  assert.ok(board.queue.runUntil(isOnline, board.queue.now + 200_000));
  assert.equal(seen.unjudged, 0);
});
