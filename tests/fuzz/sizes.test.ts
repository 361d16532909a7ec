/** Inputs of hostile sizes in the smallest board's heap; 10,000 for each reader are a command. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { missingHost } from '../xs/host-build.ts';
import { exitCodes } from '../xs/run-host.ts';
import { READER_NAMES, runSizes } from './sizes.ts';

const reason = await missingHost('release');
/** A form is posted to a whole board, and its page is read: that takes longer. */
const COUNT = 60;
const COUNT_PORTAL = 15;

/** Steps of the engine's meter that one input may take: a second or so on a board. */
const METER_MAX = 25_000_000;
/** Slots that readers may take; the smallest board has 640, some for its callbacks. */
const STACK_MAX = 540;
/** Each in a machine of its own: the slow ones do not wait for one another. */
const GROUPS = [
  ['form'],
  ['scan'],
  ['portal'],
  READER_NAMES.filter((name) => !/form|scan|portal/.test(name)),
];

for (const names of GROUPS) {
  test(`${names.join(', ')}: hostile sizes end in a verdict, and the board lives`, {
    skip: reason,
  }, async (t) => {
    const { code, stdout, stderr } = await runSizes(
      names,
      0,
      names[0] === 'portal' ? COUNT_PORTAL : COUNT,
    );
    assert.equal(stderr, '', stdout);
    assert.equal(code, exitCodes.ok, stdout);
    for (const name of names) {
      const line = new RegExp(`^${name}: most (\\d+) at \\d+, stack (\\d+)`, 'm').exec(stdout);
      assert.ok(line !== null, stdout);
      assert.ok(Number(line[1]) <= METER_MAX && Number(line[2]) <= STACK_MAX, line[0]);
    }
    t.diagnostic(stdout.trim().replaceAll('\n', ', '));
  });
}
