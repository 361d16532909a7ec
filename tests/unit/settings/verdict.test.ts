/** What `npm run settings` says of a board, from the messages that came. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BoardBook, type KnownBoard } from '../../../host-sim/settings/board-book.ts';
import { settingsTable } from '../../../host-sim/settings/table.ts';
import { openVerdict, settledVerdict, summary } from '../../../host-sim/settings/verdict.ts';

const BASE = 'home/attic/mote';

function told(...messages: [path: string, payload: object | string, isRetained?: boolean][]) {
  const book = new BoardBook();
  for (const [path, payload, isRetained = false] of messages) {
    const text = typeof payload === 'string' ? payload : JSON.stringify(payload);
    book.take(BASE + path, Buffer.from(text), isRetained);
  }
  return book;
}

function board(...messages: Parameters<typeof told>): KnownBoard {
  const { all } = told(...messages);
  assert.equal(all.length, 1);
  return all[0];
}

const applied = {
  v: 3,
  state: 'applied',
  problems: {},
  settings: { intervalS: 5, password: true },
};

for (const [report, outcome, words] of [
  [applied, 'took', 'took it'],
  [
    { ...applied, problems: { unit: 'choice' } },
    'in part',
    'took the rest, and refused unit: choice',
  ],
  [
    { ...applied, state: 'reverted', reason: 'join: wifi password' },
    'reverted',
    'went back: join: wifi password',
  ],
  [{ v: 3, state: 'refused', reason: 'no', problems: { a: 'b' } }, 'refused', 'refused: no; a: b'],
  [{ v: 4, state: 'applied' }, 'refused', 'somebody else sent version 4 meanwhile'],
] as const) {
  test(`a board that reports ${JSON.stringify(report)} ${words}`, () => {
    assert.deepEqual(settledVerdict(board(['/reported', report]), 3), { outcome, words });
  });
}

test('neither an older version nor a trial is an answer', () => {
  assert.equal(settledVerdict(board(['/reported', { ...applied, v: 2 }]), 3), undefined);
  assert.equal(settledVerdict(board(['/reported', { ...applied, state: 'trying' }]), 3), undefined);
  assert.equal(settledVerdict(board(['/status', 'online']), 3), undefined);
});

test('a board that takes back what it told while it tries something works elsewhere', () => {
  const moved = board(['/reported', { ...applied, state: 'trying' }], ['/reported', '']);
  const words = 'took it, and has left this broker';
  assert.deepEqual(settledVerdict(moved, 3), { outcome: 'took', words });
  const book = told(['/reported', { ...applied, state: 'trying' }]);
  const [renamed] = book.all;
  book.rename(renamed, 'home/cellar');
  book.take(`${BASE}/reported`, new Uint8Array(0), false);
  assert.equal(settledVerdict(renamed, 3), undefined, 'its answer comes below its new topic');
  book.take('home/cellar/reported', Buffer.from(JSON.stringify(applied)), false);
  assert.equal(settledVerdict(renamed, 3)?.words, 'took it');
});

test('what came in pieces is settled when the board has emptied all of them', () => {
  const book = told(['/reported', applied, true]);
  const [one] = book.all;
  one.sent.add('/desired/ca/1/2').add('/desired/ca/2/2');
  book.take(`${BASE}/desired/ca/1/2`, Buffer.from(''), false);
  assert.equal(settledVerdict(one, 0), undefined);
  book.take(`${BASE}/desired/ca/2/2`, Buffer.from(''), false);
  assert.equal(settledVerdict(one, 0)?.words, 'has them already');
  book.take(`${BASE}/reported`, Buffer.from(JSON.stringify(applied)), false);
  assert.equal(settledVerdict(one, 0)?.words, 'took it');
});

test('a board that does not answer is asleep, gone, silent, or at its new place', () => {
  const words = (...messages: Parameters<typeof told>) =>
    openVerdict(board(...messages), true).words;
  assert.match(words(['/status', 'sleeping']), /^sleeps: takes it when it wakes$/);
  assert.match(words(['/status', 'lost']), /^is gone \(lost\): takes it when it comes back$/);
  assert.match(words(['/status', 'online']), /^gives no answer/);
  const trying = { ...applied, state: 'trying' };
  assert.match(words(['/status', 'offline'], ['/reported', trying]), /^left to try it and is not/);
  // Said long before this command, it is no answer to it.
  assert.match(words(['/status', 'offline'], ['/reported', trying, true]), /^is gone \(offline\)/);
});

test('a board has a status or a report; what waits for others makes none', () => {
  assert.deepEqual(told(['/desired', { v: 2 }, true], ['/status', '', true]).all, []);
  const { document } = board(['/desired', { v: 2 }, true], ['/status', 'lost', true]);
  assert.deepEqual(document, { v: 2 });
});

test('under a name that it was just given a board is the same', () => {
  const book = told(['/status', 'online'], ['/reported', { ...applied, v: 2 }]);
  const [one] = book.all;
  book.rename(one, 'mote/new');
  book.take('mote/new/reported', Buffer.from(JSON.stringify(applied)), false);
  assert.equal(settledVerdict(one, 3)?.outcome, 'took');
  assert.equal(book.all.length, 1);
});

test('the table has a row for each setting, and of secrets whether they are set', () => {
  const lines = settingsTable([board(['/status', 'online'], ['/reported', applied])], 80);
  const row = (name: string) => lines.find((line) => line.startsWith(name))?.split(/ {2,}/);
  assert.deepEqual(row('intervalS'), ['intervalS', '5']);
  assert.deepEqual(row('password'), ['password', '(set)']);
  assert.deepEqual(row('state'), ['state', 'applied']);
});

test('a value that is cut says so, and the table of a single board cuts none', () => {
  const alarms = 'temperature > 25 for 60s latched; humidity < 20';
  const report = { ...applied, settings: { ...applied.settings, alarms } };
  const one = board(['/status', 'online'], ['/reported', report]);
  const row = (lines: string[]) => lines.find((line) => line.startsWith('alarms'))?.split(/ {2,}/);
  assert.deepEqual(row(settingsTable([one], 80)), ['alarms', alarms]);
  const [, first] = row(settingsTable([one, one], 80)) ?? [];
  assert.equal(first, 'temperature > 25 for 60s la…');
});

test('the summary counts what became of them', () => {
  assert.equal(summary(['took']), '1 board: 1 took it');
  assert.equal(
    summary(['took', 'reverted', 'took'], 2),
    '5 boards: 2 took it, 1 went back, 2 to go',
  );
});
