import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SeededRandom } from '../../../host-sim/virtual/random.ts';

function first(random: SeededRandom, count: number): number[] {
  return Array.from({ length: count }, () => random.next32());
}

test('the same seed gives the same stream, and another seed another one', () => {
  assert.deepEqual(first(new SeededRandom(1), 50), first(new SeededRandom(1), 50));
  assert.notDeepEqual(first(new SeededRandom(1), 5), first(new SeededRandom(2), 5));
  assert.notDeepEqual(first(new SeededRandom(1), 5), first(new SeededRandom(1 + 2 ** 32), 5));
});

test('the stream of a seed is pinned, so that recorded seeds stay valid', () => {
  assert.deepEqual(
    first(new SeededRandom(1234), 4),
    [3470524106, 3294284944, 2878097228, 136880231],
  );
});

test('a fork depends on its label and not on what was drawn before', () => {
  const fresh = new SeededRandom(9);
  const used = new SeededRandom(9);
  first(used, 100);
  assert.deepEqual(first(fresh.fork('link'), 5), first(used.fork('link'), 5));
  assert.notDeepEqual(first(fresh.fork('link'), 5), first(fresh.fork('broker'), 5));
  const deep = fresh.fork('a').fork('b');
  assert.notDeepEqual(first(deep, 5), first(fresh.fork('b').fork('a'), 5));
});

test('below is even over a range that does not divide 2^32', () => {
  const random = new SeededRandom(3);
  const counts = new Array<number>(6).fill(0);
  for (let round = 0; round < 60_000; round += 1) counts[random.below(6)] += 1;
  for (const count of counts) assert.ok(Math.abs(count - 10_000) < 400, `${counts}`);
});

test('below has no modulo bias: three quarters of 2^32 are hit evenly', () => {
  const random = new SeededRandom(4);
  const range = 3 * 2 ** 30;
  let low = 0;
  for (let round = 0; round < 30_000; round += 1) if (random.below(range) < 2 ** 30) low += 1;
  assert.ok(Math.abs(low - 10_000) < 400, `${low}`);
});

test('below takes 1 and 2^32 and refuses what is outside', () => {
  const random = new SeededRandom(5);
  assert.equal(random.below(1), 0);
  assert.ok(random.below(2 ** 32) < 2 ** 32);
  for (const bad of [0, -1, 1.5, 2 ** 32 + 1, Number.NaN]) {
    assert.throws(() => random.below(bad), RangeError);
  }
});

test('chance 0 never happens, chance 1 always, chance 1/4 a quarter of the time', () => {
  const random = new SeededRandom(6);
  let hits = 0;
  for (let round = 0; round < 20_000; round += 1) {
    assert.equal(random.chance(0), false);
    assert.equal(random.chance(1), true);
    if (random.chance(0.25)) hits += 1;
  }
  assert.ok(Math.abs(hits - 5000) < 250, `${hits}`);
});
