import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addAbort } from '../../../firmware/mote/abort-log.ts';
import { judgeBoot } from '../../../firmware/mote/boot-guard.ts';

/**
 * Boots with these reasons, one after the other; `abort` is a restart by software that nobody asked
 * for, and `asked` before a reason is one that somebody did. @returns which were in safe mode
 */
function boots(...reasons: string[]): boolean[] {
  let kept: number | undefined;
  return reasons.map((reason) => {
    const wasAsked = reason.startsWith('asked ') || reason === 'software';
    const told = reason === 'abort' ? 'software' : reason.replace('asked ', '');
    const { crashes, isSafeMode } = judgeBoot(kept, told, wasAsked);
    kept = crashes;
    return isSafeMode;
  });
}

test('the fourth crash in a row leads to safe mode, and so does each one after it', () => {
  const crashes = boots('panic', 'watchdog', 'panic', 'brown-out', 'panic');
  assert.deepEqual(crashes, [false, false, false, true, true]);
});

test('switching on starts over: a battery that is changed is no crash', () => {
  const verdicts = boots('panic', 'panic', 'panic', 'power on', 'panic');
  assert.deepEqual(verdicts, [false, false, false, false, false]);
  assert.deepEqual(boots(...Array<string>(9).fill('power on')).includes(true), false);
});

test('one brown-out is none of a loop, but brown-outs in a row are', () => {
  assert.deepEqual(boots('brown-out', 'power on', 'brown-out'), [false, false, false]);
  assert.equal(boots('brown-out', 'brown-out', 'brown-out', 'brown-out')[3], true);
});

test('a restart on purpose between crashes does not hide the loop', () => {
  const verdicts = boots('panic', 'software', 'panic', 'software', 'panic', 'panic');
  assert.equal(verdicts[5], true);
  assert.equal(verdicts[4], false);
});

test('a restart that nobody asked for is a crash: an exception that nobody caught', () => {
  assert.deepEqual(boots('abort', 'abort', 'abort', 'abort'), [false, false, false, true]);
});

test('a restart on purpose never counts, also where the platform panics on its way down', () => {
  for (const end of ['asked panic', 'asked watchdog', 'asked brown-out', 'asked software']) {
    assert.equal(boots(...Array<string>(12).fill(end)).includes(true), false, end);
    // Nor does it hide a loop.
    assert.equal(boots('panic', end, 'panic', end, 'panic', 'panic')[5], true, end);
  }
});

test('many wakes from deep sleep are no loop', () => {
  assert.equal(boots(...Array<string>(20).fill('deep sleep')).includes(true), false);
});

test('the count is one byte, however long the loop lasts', () => {
  assert.equal(judgeBoot(255, 'panic', false).crashes, 255);
});

test('the last four reasons to give up are kept, the newest first, one line each', () => {
  let kept: Uint8Array | undefined;
  for (const reason of ['one', 'two', 'three\nlines', 'four', 'five'])
    kept = addAbort(kept, reason);
  const text = String.fromCharCode(...(kept ?? []));
  assert.deepEqual(text.split('\n'), ['five', 'four', 'three lines', 'two']);
});

test('an endless reason is cut short', () => {
  assert.equal(addAbort(undefined, 'x'.repeat(5000)).length, 80);
});
