/** The whole way: a phone, the real page, the check, the settings in flash, a device at work. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formIn, Person } from '../support/person.ts';
import { RIGHT_SETTINGS as RIGHT, SetUpBoard } from '../support/set-up-board.ts';

const SSID = "Anna's <Wi-Fi> & 🏠";
const OLD = Object.freeze({ ...RIGHT, name: 'old' });

/** A page in full would hide what failed. */
function has(html: string, what: RegExp): void {
  assert.ok(what.test(html), `${what} is not on the page`);
}

function hasNot(html: string, what: RegExp): void {
  assert.ok(!what.test(html), `${what} is on the page`);
}

function online(board: SetUpBoard): void {
  const isOnline = () => board.device?.state === 'online';
  assert.ok(board.queue.runUntil(isOnline, board.queue.now + 120_000), 'the device is at work');
  board.queue.runFor(1000);
}

test('a phone sets a board up from its own page, and the board goes to work', () => {
  const board = new SetUpBoard();
  const person = new Person(board).getOn();
  const host = 'captive.apple.com';
  const probe = () => person.ask({ path: '/hotspot-detect.html', host });
  assert.doesNotMatch(probe()?.body ?? '', /Success/);
  const html = person.page();
  assert.ok(html.includes('Anna&#39;s &#60;Wi-Fi&#62; &#38; 🏠'), 'a name is text, never markup');
  has(html, /id="port"[^>]*placeholder="1883"/);
  assert.equal(person.send(html, RIGHT)?.status, 303);
  const result = person.result();
  has(result, /href="\/done"/);
  assert.ok(person.phone.falls > 0, 'it lost the network when the channel moved, and came back');
  person.page('/done');
  assert.match(probe()?.body ?? '', /Success/, 'the phone may let go');
  online(board);
  assert.deepEqual(board.ends, ['the settings are saved']);
  assert.equal(Buffer.from(board.saved?.ssid ?? []).toString(), SSID);
  assert.equal(Buffer.from(board.saved?.password ?? []).toString(), RIGHT.password);
  assert.equal(Buffer.from(board.broker.retained('mote/mote-0a1b2c/status')!).toString(), 'online');
  assert.deepEqual(board.broker.violations, []);
});

test('a wrong broker password is said, and corrected without typing the others again', () => {
  const board = new SetUpBoard();
  const person = new Person(board).getOn();
  person.send(person.page(), { ...RIGHT, password: 'wrong' });
  const html = person.result();
  assert.equal(board.portal?.check.failure, 'sign-in refused');
  has(html, /formaction="\/anyway"/);
  hasNot(html, /right &amp; password|wrong/);
  const before = board.saved;
  assert.equal(before, undefined, 'nothing is saved');
  person.send(html, { password: RIGHT.password });
  has(person.result(), /href="\/done"/);
  assert.equal(board.saved?.wifiPassword, RIGHT.wifiPassword);
  online(board);
});

test('a board that hears no network can be set up for a hidden one', () => {
  const board = new SetUpBoard();
  for (const network of board.radio.air) network.hidden = true;
  const person = new Person(board).getOn();
  const html = person.page();
  has(html, /id="port"[^>]*placeholder="1883"/);
  person.send(html, { ...RIGHT, ssidHex: '', ssid: SSID });
  has(person.result(), /href="\/done"/);
  online(board);
});

test('every stage can fail, is named on the page, and saves nothing', () => {
  const cases: [string, string, (board: SetUpBoard) => Record<string, string>][] = [
    ['join', 'wifi password', () => ({ wifiPassword: 'wrong password' })],
    ['join', 'wifi not found', () => ({ ssidHex: '', ssid: 'elsewhere' })],
    [
      'address',
      'no address',
      (board) => {
        board.radio.air[0].addressMs = Number.POSITIVE_INFINITY;
        return {};
      },
    ],
    ['resolve', 'name not found', () => ({ host: 'nowhere.home' })],
    ['connect', 'nothing answers', () => ({ port: '1884' })],
    [
      'connect',
      'certificate',
      (board) => {
        board.network.change({ connect: 'certificate not trusted' });
        return {};
      },
    ],
    ['sign in', 'sign-in refused', () => ({ user: 'nobody' })],
    [
      'sign in',
      'name refused',
      (board) => {
        board.broker.misbehave({ connect: { refuse: 0x85 } });
        return {};
      },
    ],
  ];
  for (const [stage, failure, arrange] of cases) {
    const board = new SetUpBoard();
    const person = new Person(board).getOn();
    person.send(person.page(), { ...RIGHT, ...arrange(board) });
    const html = person.result();
    const { check } = board.portal!;
    assert.deepEqual([check.state, check.stage, check.failure], ['failed', stage, failure]);
    has(html, /class="alarm"/);
    assert.equal(board.saved, undefined);
  }
});

test('a form with a problem is shown again as it was filled in, and is tried once it is right', () => {
  const board = new SetUpBoard();
  const person = new Person(board).getOn();
  const bad = { ...RIGHT, intervalS: 'often', unit: 'F', port: '1883' };
  const first = person.page();
  assert.equal(person.send(first, bad)?.status, 303);
  const html = person.page();
  const shown = formIn(html, '/save');
  for (const [name, value] of formIn(first, '/save')) {
    const isSecret = name === 'wifiPassword' || name === 'password';
    const sent = isSecret ? '' : ((bad as Record<string, string>)[name] ?? value);
    assert.equal(shown.get(name), sent, name);
  }
  has(html, /value="often"/);
  hasNot(html, /right &amp; password/);
  assert.equal(board.portal?.check.state, 'idle');
  person.send(html, { intervalS: '30' });
  has(person.result(), /href="\/done"/);
  assert.equal(board.saved?.intervalS, 30);
  online(board);
});

test('"Save anyway" takes settings that did not work; the device goes on trying', () => {
  const board = new SetUpBoard();
  const person = new Person(board).getOn();
  board.broker.stop();
  person.send(person.page(), RIGHT);
  const html = person.result();
  assert.equal(board.portal?.check.failure, 'nothing answers');
  person.send(html, {}, '/anyway');
  assert.equal(board.saved?.host, 'broker.home');
  board.queue.runFor(60_000);
  assert.ok(board.device !== undefined && board.device.state !== 'online');
  board.broker.start();
  online(board);
});

test('typing RESET erases everything; anything else does not', () => {
  const board = new SetUpBoard();
  new Person(board).getOn().persist(OLD);
  board.buttonIsHeld = true;
  board.cutPower();
  const person = new Person(board).getOn();
  const html = person.page();
  has(html, /value="broker.home"/);
  person.send(html, { confirm: 'reset' }, '/reset');
  assert.equal(board.saved?.name, 'old');
  person.send(html, { confirm: 'RESET' }, '/reset');
  assert.equal(board.saved, undefined);
  board.buttonIsHeld = false;
  board.queue.runFor(10_000);
  assert.deepEqual(board.ends, ['the settings are saved', 'the settings are erased']);
  assert.equal(board.portal?.state, 'open', 'the board asks to be set up');
  assert.equal(board.portal?.hasSecret('wifiPassword'), false);
});

test('the power may go at any moment of a set-up: it starts again, and ends at work', () => {
  let length = 0;
  for (let cutAt = 0; cutAt === 0 || cutAt < length; cutAt += 350) {
    const board = new SetUpBoard();
    const person = new Person(board).getOn();
    const from = board.queue.now;
    if (cutAt > 0) {
      board.queue.after(cutAt, () => {
        board.cutPower();
        const saved = board.saved;
        assert.ok(saved === undefined || saved.host === RIGHT.host, 'all or nothing');
      });
    }
    person.persist(RIGHT);
    if (cutAt === 0) length = board.queue.now - from;
    assert.equal(board.saved?.user, 'mote');
  }
  assert.ok(length > 5000);
});

test('a power cut at any write of a save leaves the settings from before, or the new ones', () => {
  const seen = new Set<string>();
  for (let change = 1; change <= 4; change += 1) {
    for (const isAfter of [false, true]) {
      const board = new SetUpBoard();
      new Person(board).getOn().persist(OLD);
      board.buttonIsHeld = true;
      board.cutPower();
      const person = new Person(board).getOn();
      board.buttonIsHeld = false;
      let hasCut = false;
      board.values.cutAt(change, isAfter, () => {
        hasCut = true;
        board.cutPower();
      });
      person.send(person.page(), { name: 'new', password: RIGHT.password });
      board.queue.runFor(20_000);
      const name = board.saved?.name ?? 'none';
      assert.ok(name === 'old' || name === 'new', name);
      if (hasCut) seen.add(name);
      if (board.portal !== undefined) person.persist({ name: 'new' });
      online(board);
      assert.ok(board.broker.isOnline(board.saved?.name ?? ''));
    }
  }
  assert.deepEqual([...seen].sort(), ['new', 'old']);
});
