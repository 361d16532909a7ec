import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PulseCount } from '../../../firmware/sensors/bus/pulse-count.ts';

const OPEN = 1;
const CLOSED = 0;

/** @param edges level and time of each */
function counted(start: number, ...edges: readonly (readonly [level: number, ms: number])[]) {
  const pulses = new PulseCount(start);
  for (const [level, ms] of edges) pulses.edge(level, ms);
  return pulses.count;
}

test('a contact that closes and opens is one pulse', () => {
  assert.equal(counted(OPEN, [CLOSED, 100]), 1);
  assert.equal(counted(OPEN, [CLOSED, 100], [OPEN, 200]), 1);
  assert.equal(counted(OPEN, [CLOSED, 100], [OPEN, 200], [CLOSED, 300], [OPEN, 400]), 2);
});

test('bouncing adds nothing, at either end of a pulse', () => {
  const closes = [CLOSED, 100] as const;
  assert.equal(counted(OPEN, closes, [OPEN, 101], [CLOSED, 104], [OPEN, 200]), 1);
  assert.equal(counted(OPEN, closes, [OPEN, 200], [CLOSED, 201], [OPEN, 203]), 1);
});

test('a pulse that is over before it is told of counts', () => {
  assert.equal(counted(OPEN, [OPEN, 100], [OPEN, 900]), 2);
});

test('a contact that is closed at the start counts from its next closing', () => {
  assert.equal(counted(CLOSED, [OPEN, 100]), 0);
  assert.equal(counted(CLOSED, [OPEN, 100], [CLOSED, 200]), 1);
});
