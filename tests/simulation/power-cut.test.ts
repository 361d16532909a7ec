/**
 * A short scenario, again and again, with the power cut inside each of its flash operations. Every
 * operation at every byte is a command of its own: `npx tsx tests/simulation/power-cuts.ts`.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertCutLosesNothing, operationLengths } from './power-cut-run.ts';

test('a power cut inside any flash operation of a short scenario loses nothing', () => {
  const lengths = operationLengths();
  assert.ok(lengths.length >= 200, `${lengths.length} operations`);
  const regions = new Set<number>();
  for (const [i, length] of lengths.entries()) {
    // Spread evenly over the bytes of an operation, whatever its length.
    const byte = Math.floor(((i * 0.618) % 1) * length);
    regions.add(Math.min(15, byte >> 2));
    assertCutLosesNothing(i + 1, byte);
  }
  assert.equal(regions.size, 16, 'cuts fall into every word of a header and behind it');
});

test('a power cut at any byte of an append, an acknowledgement and a new block loses nothing', () => {
  const lengths = operationLengths();
  // Past the first block, whose opening is the log's first act.
  const erase = lengths.indexOf(4096, 30);
  const opening = lengths.lastIndexOf(192, erase);
  const kinds = [...new Set(lengths.slice(30, opening))];
  assert.ok(erase > 0 && opening > 0 && kinds.length >= 2, `${kinds}`);
  for (const kind of kinds.slice(0, 2)) {
    const operation = lengths.indexOf(kind, 30) + 1;
    for (let byte = 0; byte < kind; byte += 1) assertCutLosesNothing(operation, byte);
  }
  for (let byte = 0; byte < 192; byte += 4) assertCutLosesNothing(opening + 1, byte);
  for (let byte = 0; byte < 4096; byte += 512) assertCutLosesNothing(erase + 1, byte);
});
