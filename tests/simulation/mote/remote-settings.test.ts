/** Settings from afar on a whole board: what is taken, what is tried, and that nothing strands it. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MoteMemory } from '../../../firmware/mote/saved-values.ts';
import { RESET } from '../../../host-sim/esp32-tools/reset-codes.ts';
import { PowerCut } from '../../../host-sim/virtual/flash.ts';
import { Person } from '../../support/person.ts';
import { RIGHT_SETTINGS, type SetUpBoard } from '../../support/set-up-board.ts';
import { BASE, command, restartAs, until, working } from './whole-board.ts';

/** What an owner publishes, retained unless said otherwise. */
function want(board: SetUpBoard, wish: object | string, path = '', retain = true): void {
  const text = typeof wish === 'string' ? wish : JSON.stringify(wish);
  const payload = new Uint8Array(Buffer.from(text));
  board.broker.publish({ topic: `${BASE}/desired${path}`, payload, qos: 1, retain });
}

const OTHER_BROKER = Object.freeze({ host: 'other.home', user: 'mote', password: 'pass+word%' });

interface Report {
  readonly v: number;
  readonly state: string;
  readonly reason?: string;
  readonly problems: Record<string, string>;
  readonly settings: Record<string, unknown>;
}

function reported(board: SetUpBoard): Report {
  const payload = board.broker.retained(`${BASE}/reported`);
  assert.ok(payload !== undefined, 'nothing is reported');
  return JSON.parse(Buffer.from(payload).toString());
}

function settled(board: SetUpBoard, v: number): Report {
  const isSettled = () => {
    const payload = board.broker.retained(`${BASE}/reported`);
    if (payload === undefined) return false;
    const report = JSON.parse(Buffer.from(payload).toString()) as Report;
    return report.v === v && report.state !== 'trying';
  };
  until(board, isSettled, 300_000);
  return reported(board);
}

/** How many readings a board takes in so much of its time. */
function readingsIn(board: SetUpBoard, ms: number): number {
  const before = board.outbox.accepted;
  board.queue.runFor(ms);
  return board.outbox.accepted - before;
}

/** A cut inside a call of the network ends that call. */
function throughCut<T>(run: () => T): T {
  for (;;) {
    try {
      return run();
    } catch (error) {
      if (!(error instanceof PowerCut)) throw error;
    }
  }
}

function retainedText(board: SetUpBoard, path: string): string {
  return Buffer.from(board.broker.retained(`${BASE}/${path}`) ?? []).toString();
}

test('a board tells its settings, and of secrets whether they are set', () => {
  const board = working();
  const { v, state, problems, settings } = reported(board);
  assert.deepEqual([v, state, problems], [0, 'none', {}]);
  assert.equal(settings.intervalS, 60);
  assert.equal(settings.host, 'broker.home');
  assert.deepEqual([settings.wifiPassword, settings.password, settings.key], [true, true, false]);
  assert.equal('sda' in settings, false);
  const text = retainedText(board, 'reported');
  for (const secret of ['right & password', 'pass+word%']) assert.ok(!text.includes(secret));
});

test('the interval changes at once, by a document or a single value, and is kept', () => {
  const board = working();
  const { boots } = board;
  want(board, { v: 1, intervalS: 30 });
  assert.equal(settled(board, 1).state, 'applied');
  assert.equal(readingsIn(board, 300_000), 10);
  want(board, '5', '/intervalS');
  until(board, () => reported(board).settings.intervalS === 5);
  assert.equal(readingsIn(board, 300_000), 60);
  assert.equal(board.boots, boots, 'without a restart');
  restartAs(board, RESET.powerOn);
  until(board, () => board.device?.state === 'online');
  board.queue.runFor(10_000);
  assert.equal(readingsIn(board, 300_000), 60);
});

test('a document is settled once: neither it nor an older one does anything again', () => {
  const board = working();
  want(board, { v: 5, intervalS: 30 });
  settled(board, 5);
  want(board, '7', '/intervalS');
  until(board, () => reported(board).settings.intervalS === 7);
  restartAs(board, RESET.powerOn);
  until(board, () => board.device?.state === 'online');
  board.queue.runFor(10_000);
  assert.equal(reported(board).settings.intervalS, 7);
  want(board, { v: 4, intervalS: 99 });
  until(board, () => reported(board).problems.v !== undefined);
  assert.equal(reported(board).settings.intervalS, 7);
  assert.match(reported(board).problems.v, /4 is not greater than 5/);
});

test('what is wrong is refused by its name, and the rest applies', () => {
  const board = working();
  want(board, { v: 1, intervalS: 0, label: 'Kitchen', colour: 'red', unit: ['F'] });
  const report = settled(board, 1);
  assert.equal(report.state, 'applied');
  assert.deepEqual(report.problems, {
    colour: 'no such setting',
    unit: 'choice',
    intervalS: 'whole number 1 to 86400',
  });
  assert.equal(report.settings.label, 'Kitchen');
  want(board, { v: 2, intervalS: 'soon' });
  assert.equal(settled(board, 2).state, 'refused');
  want(board, 'not JSON');
  until(board, () => reported(board).problems.document !== undefined);
  assert.equal(reported(board).problems.document, 'not a JSON object');
});

test('another broker is tried first, and taken where the sign-in works', () => {
  const board = working();
  board.outside.name('other.home', '10.0.0.1');
  want(board, { v: 1, host: 'other.home', user: 'mote', password: 'pass+word%' });
  const report = settled(board, 1);
  assert.equal(report.state, 'applied');
  assert.equal(report.settings.host, 'other.home');
  assert.equal(board.saved?.host, 'other.home');
  until(board, () => board.broker.retained(`${BASE}/desired`) === undefined);
});

for (const [what, wish, reason] of [
  ['Wi-Fi password', { wifiPassword: 'wrong password' }, /^join: wifi password$/],
  ['broker', { host: 'nowhere.home', user: 'mote', password: 'x' }, /^resolve: name not found$/],
  ['password', { password: 'wrong' }, /^sign-in refused$|^sign in: sign-in refused$/],
] as const) {
  test(`a wrong ${what} is reverted within three minutes, and said in the words of the check`, () => {
    const board = working();
    const from = board.queue.now;
    want(board, { v: 3, ...wish });
    until(board, () => retainedText(board, 'reported').includes('"trying"'));
    const report = settled(board, 3);
    assert.ok(board.queue.now - from < 180_000, `${board.queue.now - from} ms`);
    assert.equal(report.state, 'reverted');
    assert.match(report.reason ?? '', reason);
    assert.equal(board.saved?.host, 'broker.home');
    until(board, () => board.device?.state === 'online');
    board.queue.runFor(15_000);
    // What carried a secret is not left with the broker.
    assert.equal(board.broker.retained(`${BASE}/desired`), undefined);
  });
}

test('power that fails in each trial ends it after three, and the board works as before', () => {
  const board = working();
  const want3 = { v: 1, wifiPassword: 'wrong password' };
  want(board, want3);
  for (let i = 0; i < 3; i += 1) {
    until(board, () => board.mote?.state === 'trying');
    board.queue.runFor(100);
    board.cutPower();
  }
  const report = settled(board, 1);
  assert.equal(report.state, 'refused');
  assert.match(report.reason ?? '', /three|3 trials/);
  assert.equal(board.device?.state, 'online');
});

test('pins that crash the board are taken back after four crashes, and it goes on', () => {
  const board = working();
  board.badPin = 23;
  board.aborts = 0;
  want(board, { v: 1, ledPin: 23 });
  const report = settled(board, 1);
  until(board, () => reported(board).state === 'reverted');
  assert.ok(report !== undefined);
  assert.equal(board.aborts, 4);
  assert.equal(board.portal, undefined);
  assert.equal(reported(board).settings.ledPin, undefined);
  assert.match(reported(board).reason ?? '', /crashed/);
  assert.equal(board.device?.state, 'online');
});

test('what follows a change that may crash the board waits until it is proven', () => {
  const board = working();
  want(board, { v: 1, ledPin: 4 });
  settled(board, 1);
  want(board, { v: 2, label: 'Hall' });
  board.queue.runFor(60_000);
  assert.equal(reported(board).v, 1);
  assert.equal(settled(board, 2).settings.label, 'Hall');
  assert.equal(reported(board).settings.ledPin, 4);
});

for (const [what, wish, isRight] of [
  ['a label', { label: 'Hall' }, (board: SetUpBoard) => board.saved?.label === 'Hall'],
  ['a pin', { ledPin: 4 }, (board: SetUpBoard) => board.saved?.ledPin === 4],
  ['a broker', OTHER_BROKER, (board: SetUpBoard) => board.saved?.host === 'other.home'],
] as const) {
  test(`with the power cut at each write of ${what} the document is settled all the same`, () => {
    let cuts = 0;
    for (let change = 1, isOver = false; !isOver; change += 1) {
      for (const isAfter of [false, true]) {
        const board = working();
        board.outside.name('other.home', '10.0.0.1');
        let isCut = false;
        board.values.cutAt(change, isAfter, () => {
          isCut = true;
          board.cutPower();
        });
        want(board, { v: 1, ...wish });
        const report = throughCut(() => settled(board, 1));
        assert.ok(
          report.state !== 'none' && isRight(board),
          `${change} ${isAfter}: ${report.state}`,
        );
        throughCut(() => until(board, () => board.device?.state === 'online'));
        assert.equal(board.portal, undefined);
        // What is reported is what the board has.
        const { settings } = reported(board);
        assert.deepEqual(
          [settings.label, settings.host, settings.ledPin ?? -1],
          [board.saved?.label, board.saved?.host, board.saved?.ledPin],
        );
        if (isCut) cuts += 1;
        else isOver = true;
      }
    }
    assert.ok(cuts >= 6, `${cuts} cuts`);
  });
}

test('a single secret is emptied at the broker, and other values stay there', () => {
  const board = working();
  want(board, 'pass+word%', '/password');
  want(board, 'Kitchen', '/label');
  until(board, () => reported(board).settings.label === 'Kitchen');
  until(board, () => board.broker.retained(`${BASE}/desired/password`) === undefined);
  assert.equal(retainedText(board, 'desired/label'), 'Kitchen');
});

test('a board that gets its settings from elsewhere refuses with a word', () => {
  const board = working();
  const { config } = board.device!;
  board.preset = { ...config };
  restartAs(board, RESET.powerOn);
  until(board, () => board.device?.state === 'online');
  want(board, { v: 1, intervalS: 30 });
  const report = settled(board, 1);
  assert.equal(report.state, 'refused');
  assert.match(report.reason ?? '', /from elsewhere/);
});

test('after a factory reset versions begin anew', () => {
  const board = working();
  want(board, { v: 9, intervalS: 30 });
  settled(board, 9);
  board.broker.publish({ topic: `${BASE}/desired`, payload: '', qos: 1, retain: true });
  command(board, 'forget', '{"confirm":"forget"}');
  until(board, () => board.portal?.state === 'open');
  new Person(board).getOn().persist(RIGHT_SETTINGS);
  until(board, () => board.device?.state === 'online');
  board.queue.runFor(5_000);
  assert.equal(reported(board).v, 0);
  want(board, { v: 1, intervalS: 20 });
  assert.equal(settled(board, 1).settings.intervalS, 20);
});

for (const [what, path, wrong] of [
  ['a Wi-Fi password', '/wifiPassword', 'wrong password'],
  ['a pin', '/ledPin', '23'],
] as const) {
  test(`a retained single value, ${what}, that failed is not begun again at each boot`, () => {
    const board = working();
    board.badPin = 23;
    board.aborts = 0;
    want(board, wrong, path);
    until(board, () => retainedText(board, 'reported').includes('"reverted"'));
    until(board, () => board.device?.state === 'online');
    const { boots } = board;
    board.queue.runFor(3_600_000);
    assert.equal(board.boots, boots);
    assert.equal(reported(board).state, 'reverted');
    restartAs(board, RESET.powerOn);
    board.queue.runFor(600_000);
    assert.equal(board.boots, boots + 1);
    assert.equal(board.device?.state, 'online');
  });
}

test('a single value that failed is tried again when it is published again', () => {
  const board = working();
  const wish = { host: 'other.home', user: 'mote', password: 'pass+word%' };
  const publish = () => {
    for (const [name, value] of Object.entries(wish)) want(board, value, `/${name}`);
  };
  publish();
  until(board, () => retainedText(board, 'reported').includes('"reverted"'));
  until(board, () => board.device?.state === 'online');
  board.queue.runFor(60_000);
  board.outside.name('other.home', '10.0.0.1');
  publish();
  until(board, () => board.saved?.host === 'other.home');
});

test('an interval that is commanded is reported', () => {
  const board = working();
  command(board, 'interval', '{"seconds":15}');
  until(board, () => reported(board).settings.intervalS === 15, 5_000);
});

test('a sensor that is dead while a setting comes from afar keeps its place', () => {
  const board = working();
  const { sensors } = new MoteMemory(board.values.kept);
  assert.ok(sensors.length > 0);
  want(board, { v: 1, label: 'Hall' });
  settled(board, 1);
  assert.deepEqual(new MoteMemory(board.values.kept).sensors, sensors);
  want(board, { v: 2, user: 'mote', password: 'pass+word%', label: 'Kitchen' });
  settled(board, 2);
  assert.deepEqual(new MoteMemory(board.values.kept).sensors, sensors);
});
