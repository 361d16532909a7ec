/**
 * The fuzzer finds what is planted, and nothing in a short run of each target.
 * `npm run fuzz` goes on for as long as it is told to.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fuzzerOf } from './build.ts';
import { TARGETS } from './names.ts';

const RUNS = 400;

test('a fault behind four right bytes is found, and made as small as it can be', async () => {
  const fuzzer = await fuzzerOf('planted', 1, /\/planted\.ts$/);
  let finding = fuzzer.begin();
  while (finding === undefined && fuzzer.executed < 200_000) finding = fuzzer.step();
  assert.ok(finding !== undefined, `not in ${fuzzer.executed} inputs`);
  const { input, error } = fuzzer.minimised(finding);
  assert.equal(error.message, 'planted');
  assert.deepEqual([...input], [0x4d, 0xc3, 0x11, 0x7e, 0xee]);
});

test('the same seed makes the same inputs', async () => {
  const run = async () => {
    const fuzzer = await fuzzerOf('dns', 5);
    fuzzer.begin();
    for (let i = 0; i < 500; i++) fuzzer.step();
    return fuzzer.corpus.map((input) => Buffer.from(input).toString('hex'));
  };
  assert.deepEqual(await run(), await run());
});

for (const name of TARGETS) {
  test(`${name}: its seeds and some hundred inputs made of them are taken as they must be`, async () => {
    const fuzzer = await fuzzerOf(name, 20_313);
    let finding = fuzzer.begin();
    while (finding === undefined && fuzzer.executed < RUNS) finding = fuzzer.step();
    assert.equal(
      finding && `${finding.error.stack} ${Buffer.from(finding.input).toString('hex')}`,
      undefined,
    );
    assert.ok(fuzzer.covered > 5, `${fuzzer.covered} branches`);
  });
}
