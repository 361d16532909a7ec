/** The keys of a terminal, and the button that some of them press. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LiveButton } from '../../../host-sim/live/button.ts';
import { CTRL_C, listenToKeys } from '../../../host-sim/live/keys.ts';

/** A keyboard that can be typed on. */
function keyboard(isTTY: boolean) {
  const done: string[] = [];
  let typed: ((text: string) => void) | undefined;
  return {
    done,
    type: (text: string) => typed?.(text),
    isTTY,
    setRawMode: (isRaw: boolean) => done.push(isRaw ? 'raw' : 'cooked'),
    setEncoding: () => {},
    resume: () => done.push('resume'),
    pause: () => done.push('pause'),
    on: (_event: 'data', listener: (text: string) => void) => {
      typed = listener;
    },
    off: () => {
      typed = undefined;
    },
  };
}

test('each key is told, also of several that come together, until the terminal is given back', () => {
  const keys = keyboard(true);
  const pressed: string[] = [];
  const release = listenToKeys(keys, (key) => pressed.push(key));
  keys.type('q');
  keys.type(`bB${CTRL_C}`);
  release();
  keys.type('q');
  assert.deepEqual(pressed, ['q', 'b', 'B', CTRL_C]);
  assert.deepEqual(keys.done, ['raw', 'resume', 'cooked', 'pause']);
});

test('an input that is no terminal is left alone', () => {
  const keys = keyboard(false);
  listenToKeys(keys, () => assert.fail())();
  assert.deepEqual(keys.done, []);
});

test('the button is held for as long as it was pressed', () => {
  let now = 0;
  const button = new LiveButton(() => now);
  assert.equal(button.isHeld, false);
  button.hold(1000);
  now = 999;
  assert.equal(button.isHeld, true);
  now = 1000;
  assert.equal(button.isHeld, false);
  button.hold(1000);
  button.hold(0);
  assert.equal(button.isHeld, false);
});
