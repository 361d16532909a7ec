/**
 * What was entered as a secret leaves the board only where it belongs: to the access point, and in
 * CONNECT. Not with any message, in any log line, or on any page; also not when somebody who was
 * given a secret repeats it in a refusal.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RESET } from '../../host-sim/esp32-tools/reset-codes.ts';
import { pemOf } from '../../host-sim/virtual/signatures/certificate-maker.ts';
import { openRsaKey } from '../../host-sim/virtual/signatures/open-keys.ts';
import { made, rsaKeyDer } from '../support/made-certificates.ts';
import { Person } from '../support/person.ts';
import { SetUpBoard } from '../support/set-up-board.ts';
import { textOf } from '../support/virtual-device.ts';

/** The board's own certificate and its key. */
const OWN = made('board', openRsaKey(), undefined, { extensions: [] });
const CERTIFICATE = textOf(pemOf(OWN.der));
const KEY = textOf(pemOf(rsaKeyDer(OWN))).replaceAll('CERTIFICATE', 'RSA PRIVATE KEY');

const SECRETS = Object.freeze({
  wifiPassword: 'w1Fi-Secret',
  password: 'br0ker-Secret',
  key: KEY.split('\n')[1],
  wrong: 'wr0ng-Secret',
});
const FORM = Object.freeze({
  ssidHex: Buffer.from('safe').toString('hex'),
  wifiPassword: SECRETS.wifiPassword,
  host: 'broker.home',
  encryption: 'tls',
  user: 'ann',
  password: SECRETS.password,
  certificate: CERTIFICATE,
  key: KEY,
  intervalS: '5',
});
/** Whatever it was given, and more. */
const ECHO = `no: ${Object.values(SECRETS).join(', ')}`;

function boardAmongGossips(): SetUpBoard {
  const board = new SetUpBoard();
  board.radio.air.push({ ...board.radio.air[0], ssid: 'safe', password: SECRETS.wifiPassword });
  board.broker.configure({
    reasonString: ECHO,
    userProperties: { echo: ECHO },
    responseInformation: ECHO,
    authenticate: ({ password }) =>
      Buffer.from(password ?? []).toString() === SECRETS.password ? 0 : 0x86,
  });
  return board;
}

function until(board: SetUpBoard, goal: () => boolean): void {
  assert.ok(board.queue.runUntil(goal, board.queue.now + 900_000), `not reached: ${goal}`);
}

/** Everything that came out of the board, as text. */
class Seen {
  readonly #board: SetUpBoard;
  #pages = '';

  constructor(board: SetUpBoard) {
    this.#board = board;
  }

  /** The page and what else the portal answers. */
  look(person: Person): string {
    const html = person.page();
    const others = ['/state', '/done', '/nowhere'].map((path) => person.ask({ path }));
    this.#pages += html + JSON.stringify(others);
    return html;
  }

  check(): void {
    const { broker, log } = this.#board;
    const messages = broker.books.published.map(({ topic, payload, properties }) => {
      return `${topic} ${Buffer.from(payload)} ${JSON.stringify(properties)}`;
    });
    const all = { messages: messages.join('\n'), log: log.join('\n'), pages: this.#pages };
    for (const [where, text] of Object.entries(all)) {
      assert.ok(text.length > 100, `nothing was seen: ${where}`);
      for (const [name, secret] of Object.entries(SECRETS)) {
        const at = text.indexOf(secret);
        assert.ok(
          at < 0,
          `${name} is in the ${where}: ${text.slice(Math.max(0, at - 80), at + 40)}`,
        );
      }
    }
  }
}

test('no secret is in any message, log line or page, whatever the broker repeats', () => {
  const board = boardAmongGossips();
  const seen = new Seen(board);
  const person = new Person(board).getOn();
  const send = (fields: Record<string, string>): void => {
    person.send(seen.look(person), fields);
    person.result();
    seen.look(person);
  };
  send({ ...FORM, wifiPassword: SECRETS.wrong });
  assert.equal(board.portal?.check.failure, 'wifi password');
  send({ wifiPassword: SECRETS.wifiPassword, password: SECRETS.wrong });
  assert.equal(board.portal?.check.failure, 'sign-in refused');
  send({ password: SECRETS.password, keepAliveS: '1' });
  person.persist({ keepAliveS: '5' });

  // At work: told off, thrown out, refused, and asked how it does.
  const ask = (name: string, payload = ''): void => {
    const bytes = new Uint8Array(Buffer.from(payload));
    board.broker.publish({ topic: `mote/mote-0a1b2c/command/${name}`, payload: bytes, qos: 1 });
    board.queue.runFor(2000);
  };
  board.queue.runFor(20_000);
  for (const reason of [0x87, 0x8b, 0x97, 0x98]) {
    board.broker.disconnect('mote-0a1b2c', reason);
    until(board, () => board.device?.state === 'online');
    ask('diagnostics');
  }
  board.broker.misbehave({ connect: { refuse: 0x86 } });
  board.broker.disconnect('mote-0a1b2c', 0x83);
  board.queue.runFor(60_000);
  board.broker.misbehave({ connect: 'answer', publishReason: () => 0x87 });
  until(board, () => board.device?.state === 'online');
  ask('diagnostics');
  board.broker.misbehave({ publishReason: () => 0 });
  ask('wifi');
  ask('interval', '{"seconds":"no"}');

  board.cutPower(RESET.panic);
  until(board, () => board.device?.state === 'online');
  ask('diagnostics');
  ask('setup');
  until(board, () => board.portal?.state === 'open');
  const again = new Person(board).getOn();
  assert.match(seen.look(again), /Leave empty to keep it/);

  const reports = board.broker.books.published.filter(({ topic }) => topic.endsWith('diagnostics'));
  assert.ok(reports.length >= 7, `${reports.length} reports`);
  assert.ok(board.refusals.length >= 5, 'refusals were told');
  seen.check();
});
