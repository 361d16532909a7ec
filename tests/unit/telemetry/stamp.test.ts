import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { type ReadingStamp, STAMP_BYTES_MAX, Stamp } from '../../../firmware/telemetry/stamp.ts';

const NOW: ReadingStamp = {
  sequence: 1042,
  boot: 17,
  quality: 'sync',
  unixMs: 1_795_204_800_000,
  upMs: 0,
};

function textOf(stamp: Stamp): string {
  return new TextDecoder().decode(stamp.bytes.subarray(0, stamp.end));
}

/** What a stamp tells that tells it first. */
function fresh(of: ReadingStamp): string {
  const stamp = new Stamp();
  stamp.set(of);
  return textOf(stamp);
}

/** As JSON has it, without its brace. */
function expected({ sequence, boot, quality, unixMs, upMs }: ReadingStamp): string {
  const time = quality === 'none' ? { up: Math.floor(upMs) } : { ts: Math.floor(unixMs / 1000) };
  return JSON.stringify({ seq: sequence, boot, ...time, tq: quality }).slice(0, -1);
}

describe('a stamp', () => {
  test('counts its digits up, over nines and into a new digit', () => {
    const stamp = new Stamp();
    for (const sequence of [8, 9, 10, 19, 20, 99, 100, 100, 998, 1002, 99_999, 100_000]) {
      stamp.set({ ...NOW, sequence });
      assert.equal(textOf(stamp), expected({ ...NOW, sequence }));
    }
  });

  test('goes back where number or time do, and is whole after a number that is none', () => {
    const stamp = new Stamp();
    const times = [5000, 4000, 999, -1000, 0, 1000];
    for (const unixMs of times) {
      stamp.set({ ...NOW, unixMs });
      assert.equal(textOf(stamp), expected({ ...NOW, unixMs }));
    }
    assert.throws(() => stamp.set({ ...NOW, unixMs: Number.NaN }), RangeError);
    assert.throws(() => stamp.set({ ...NOW, sequence: Number.POSITIVE_INFINITY }), RangeError);
    stamp.set(NOW);
    assert.equal(textOf(stamp), expected(NOW));
  });

  test('has the longest numbers within its bytes', () => {
    const most = { sequence: 2 ** 32 - 1, boot: 2 ** 32 - 1, quality: 'estimated' } as const;
    const longest = { ...most, unixMs: 1000 * 2 ** 53, upMs: 0 };
    assert.equal(fresh(longest), expected(longest));
    assert.ok(fresh(longest).length <= STAMP_BYTES_MAX);
  });

  test('tells the same whatever it told before', () => {
    const number = fc.oneof(fc.nat({ max: 20 }), fc.nat({ max: 2 ** 32 - 1 }));
    const one = fc.record({
      sequence: number,
      boot: fc.constantFrom(1, 2, 4_000_000_000),
      quality: fc.constantFrom('none' as const, 'estimated' as const, 'sync' as const),
      unixMs: fc.nat({ max: 2 ** 48 }),
      upMs: fc.nat({ max: 2 ** 48 }),
    });
    const step = fc.record({ sequence: fc.nat({ max: 12 }), ms: fc.nat({ max: 200_000 }) });
    fc.assert(
      fc.property(fc.array(fc.tuple(one, fc.array(step)), { minLength: 1 }), (runs) => {
        const stamp = new Stamp();
        for (const [first, steps] of runs) {
          const told = { ...first };
          stamp.set(told);
          assert.equal(textOf(stamp), expected(told));
          for (const { sequence, ms } of steps) {
            told.sequence += sequence;
            told.unixMs += ms;
            told.upMs += ms;
            stamp.set(told);
            assert.equal(textOf(stamp), expected(told));
          }
        }
      }),
      { numRuns: 300, seed: 1 },
    );
  });
});
