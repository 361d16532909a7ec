/** The world's book of alarms: each broken rule is seen, and what is right is left alone. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AlarmBook } from '../../../host-sim/virtual/world/alarm-book.ts';

const WINDOW = 2;

function bookOf() {
  const broken: string[] = [];
  const book = new AlarmBook(WINDOW, (_rule, text) => broken.push(text));
  const tell = (sequence: number, state: string, name = 'co2_high') => {
    book.accept(sequence, `"alarm":"${name}","state":"${state}"`);
  };
  return { broken, book, tell };
}

test('an alarm begins as normal, and goes where its states lead', () => {
  const { broken, tell } = bookOf();
  ['normal', 'active', 'acknowledged', 'normal', 'shelved', 'shelved', 'active'].forEach(
    (state, i) => {
      tell(i + 1, state);
    },
  );
  assert.deepEqual(broken, []);
  tell(8, 'active');
  tell(9, 'active', 'co2_low');
  assert.deepEqual(broken, [
    'co2_high was told to be active after active',
    'co2_low was told to be active after nothing',
  ]);
});

test('after a move each alarm may be told once as it stands', () => {
  const { broken, book, tell } = bookOf();
  const states = ['normal', 'shelved', 'shelved', 'active'];
  states.forEach((state, i) => {
    tell(i + 1, state);
  });
  book.move();
  tell(5, 'active');
  assert.deepEqual(broken, [], 'a shelf that is made longer is no repetition');
  tell(6, 'active');
  assert.deepEqual(broken, ['co2_high was told to be active after active']);
});

test('a reading that is sent before an older alarm is seen', () => {
  const { broken, book, tell } = bookOf();
  tell(1, 'normal');
  tell(3, 'active');
  book.send('a/alarm/b', 1);
  book.send('telemetry', 2);
  assert.deepEqual(broken, [], 'the other one is younger');
  book.send('telemetry', 4);
  assert.deepEqual(broken, ['reading 4 is sent before alarm 3']);
});

test('a reading may be sent before an older alarm while as many are on their way as may be', () => {
  const { broken, book, tell } = bookOf();
  for (let i = 1; i <= 3; i += 1) tell(i, 'normal', `a${i}`);
  book.send('a/alarm/b', 1);
  book.send('a/alarm/b', 2);
  book.send('telemetry', 4);
  assert.deepEqual(broken, []);
  book.settle(1);
  book.send('history', 5);
  assert.deepEqual(broken, ['reading 5 is sent before alarm 3']);
});

test('so many answers out of turn that the outbox cannot remember them keep the rest back', () => {
  const { broken, book, tell } = bookOf();
  for (let i = 1; i <= 20; i += 1) tell(i, 'normal', `a${i}`);
  book.send('a/alarm/b', 1);
  book.send('a/alarm/b', 2);
  book.settle(2);
  book.send('a/alarm/b', 3);
  book.settle(3);
  book.send('telemetry', 21);
  assert.equal(broken.length, 17, 'two that are answered are one run: there is room');
});

test('what was sent before may be sent again before an alarm', () => {
  const { broken, book, tell } = bookOf();
  book.send('telemetry', 1);
  book.send('telemetry', 3);
  tell(2, 'normal');
  book.rewind();
  book.send('telemetry', 3);
  assert.deepEqual(broken, []);
  book.send('telemetry', 4);
  assert.deepEqual(broken, ['reading 4 is sent before alarm 2']);
});

test('after the outbox was rewound, or the board has started again, an alarm is still to be sent', () => {
  for (const lose of ['rewind', 'remount'] as const) {
    const { broken, book, tell } = bookOf();
    tell(1, 'normal');
    book.send('a/alarm/b', 1);
    if (lose === 'rewind') book.rewind();
    else book.remount(false);
    book.send('telemetry', 2);
    assert.deepEqual(broken, ['reading 2 is sent before alarm 1'], lose);
  }
});

test('an alarm that a power cut came inside of counts where the log has it', () => {
  for (const isStored of [true, false]) {
    const { broken, book } = bookOf();
    book.doubt(1, '"alarm":"co2_high","state":"normal"');
    book.remount(isStored);
    book.send('telemetry', 2);
    assert.equal(broken.length, isStored ? 1 : 0);
  }
});

test('what the log has dropped is waited for no longer', () => {
  const { broken, book, tell } = bookOf();
  tell(1, 'normal');
  book.excuse();
  book.send('telemetry', 2);
  assert.deepEqual(broken, []);
});
