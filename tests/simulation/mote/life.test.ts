/** A whole board's working life: settings from elsewhere, a remembered version, a stop. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RESET } from '../../../host-sim/esp32-tools/reset-codes.ts';
import { pemOf } from '../../../host-sim/virtual/signatures/certificate-maker.ts';
import { openRsaKey } from '../../../host-sim/virtual/signatures/open-keys.ts';
import { made, rsaKeyDer } from '../../support/made-certificates.ts';
import { Person } from '../../support/person.ts';
import { RIGHT_SETTINGS as SETTINGS, SetUpBoard } from '../../support/set-up-board.ts';
import { answers, BASE, command, restartAs, until, working } from './whole-board.ts';

test('a board that gets its settings from elsewhere works at once, and refuses to be set up', () => {
  const board = new SetUpBoard();
  board.preset = {
    broker: { scheme: 'mqtt', host: '10.0.0.1', port: 1883, path: '/' },
    user: 'mote',
    password: new Uint8Array(Buffer.from('pass+word%')),
  };
  board.radio.air[0].ssid = '';
  board.radio.air[0].password = '';
  until(board, () => board.device?.state === 'online');
  board.queue.runFor(500);
  command(board, 'setup');
  command(board, 'forget', '{"confirm":"forget"}');
  board.queue.runFor(1000);
  assert.deepEqual(
    answers(board).map(({ ok }) => ok),
    [false, false],
  );
  assert.equal(board.portal, undefined);
});

test('a broker that speaks 3.1.1 only is asked for it at once after a restart', () => {
  const board = new SetUpBoard();
  board.broker.configure({ versions: [4] });
  new Person(board).getOn().persist(SETTINGS);
  until(board, () => board.device?.state === 'online');
  board.refusals.length = 0;
  restartAs(board, RESET.powerOn);
  until(board, () => board.device?.state === 'online');
  assert.deepEqual(board.refusals, []);
});

test('a board tells in time that the client certificate of its settings expires', () => {
  const board = new SetUpBoard();
  const to = Date.UTC(2020, 0, 1);
  const mine = made('board', openRsaKey(), undefined, { extensions: [], to });
  const certificate = Buffer.from(pemOf(mine.der)).toString();
  const key = Buffer.from(pemOf(rsaKeyDer(mine)))
    .toString()
    .replaceAll('CERTIFICATE', 'RSA PRIVATE KEY');
  const tls = { encryption: 'tls', port: '1883', certificate, key };
  new Person(board).getOn().persist({ ...SETTINGS, ...tls });
  until(board, () => board.device?.state === 'online');
  board.queue.runFor(500);
  const { published } = board.broker.books;
  const report = published.find(({ topic }) => topic === `${BASE}/diagnostics`);
  assert.equal(JSON.parse(Buffer.from(report!.payload).toString()).certificate, 'expired');
});

test('a board that is stopped says so once, at work and while it is set up', () => {
  const board = working();
  board.mote?.stop();
  until(board, () => board.stops === 1);
  assert.equal(board.mote?.state, 'stopped');
  const fresh = new SetUpBoard();
  until(fresh, () => fresh.portal?.state === 'open');
  fresh.mote?.stop();
  assert.equal(fresh.stops, 1);
  fresh.queue.runFor(100);
  assert.equal(fresh.radio.accessPoint, undefined);
});
