/** Inputs of hostile sizes in the smallest board's heap; 10,000 for each reader are a command. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { missingHost } from '../xs/host-build.ts';
import { faultOf, READER_NAMES, runSizes } from './sizes.ts';

const reason = await missingHost('release');
/** A form is posted to a whole board, and its page is read: that takes longer. */
const COUNT = 60;
const COUNT_PORTAL = 15;

/** Forms that once filled the memory: a network's name of 8 KB was spelt out in hex. */
const FULL_PORTAL: readonly number[] = [1758];
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
    const outcome = await runSizes(names, 0, names[0] === 'portal' ? COUNT_PORTAL : COUNT);
    assert.equal(faultOf(names, outcome), undefined);
    t.diagnostic(outcome.stdout.trim().replaceAll('\n', ', '));
  });
}

for (const seed of FULL_PORTAL) {
  test(`the form of seed ${seed} leaves the board at work`, { skip: reason }, async () => {
    assert.equal(faultOf(['portal'], await runSizes(['portal'], seed, 1)), undefined);
  });
}
