import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Backoff, type Penalty } from '../../../firmware/link/backoff.ts';
import { greatest, least, seeded } from './dice.ts';

function delays(backoff: Backoff, penalty: Penalty, count: number): number[] {
  return Array.from({ length: count }, () => backoff.fail(penalty, 0));
}

test('the upper end of the delay doubles from the base up to the cap and stays there', () => {
  const expected = [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 64_000, 120_000, 120_000];
  assert.deepEqual(delays(new Backoff(greatest), 'normal', 9), expected);
});

test('the lower end of the delay is the floor however many failures there were', () => {
  assert.deepEqual(delays(new Backoff(least), 'normal', 40), Array(40).fill(200));
});

test('jitter is full: delays spread evenly between the floor and the upper end', () => {
  const random = seeded(1);
  const quarters = [0, 0, 0, 0];
  for (let i = 0; i < 4_000; i += 1) {
    const backoff = new Backoff(random, { floorMs: 1, baseMs: 1_000 });
    quarters[Math.floor((backoff.fail('normal', 0) - 1) / 250)] += 1;
  }
  for (const count of quarters) assert.ok(count > 900 && count < 1_100, `${quarters}`);
});

test('a connection that is accepted and dies young still backs off', () => {
  const backoff = new Backoff(greatest);
  for (const expected of [1_000, 2_000, 4_000, 8_000]) {
    backoff.open(0);
    assert.equal(backoff.fail('normal', 59_999), expected);
  }
});

test('a connection that lasted the stable time clears the count', () => {
  const backoff = new Backoff(greatest);
  delays(backoff, 'normal', 6);
  backoff.open(1_000);
  assert.equal(backoff.fail('normal', 61_000), 1_000);
  assert.equal(backoff.failures, 1);
});

test('the proof of stability belongs to one connection and is not carried to the next', () => {
  const backoff = new Backoff(greatest);
  backoff.open(0);
  assert.equal(backoff.fail('normal', 60_000), 1_000);
  assert.equal(backoff.fail('normal', 600_000), 2_000);
});

test('the stable time can be configured', () => {
  const backoff = new Backoff(greatest, { stableMs: 5_000 });
  delays(backoff, 'normal', 3);
  backoff.open(0);
  assert.equal(backoff.fail('normal', 5_000), 1_000);
});

test('a connection that ends without a fault clears the count only when it was stable', () => {
  const backoff = new Backoff(greatest);
  delays(backoff, 'normal', 3);
  backoff.open(0);
  backoff.end(59_999);
  assert.equal(backoff.failures, 3);
  backoff.open(0);
  backoff.end(60_000);
  assert.equal(backoff.failures, 0);
});

test('a goodbye of our own clears the count', () => {
  const backoff = new Backoff(greatest);
  delays(backoff, 'normal', 3);
  backoff.finish();
  assert.equal(backoff.fail('normal', 0), 1_000);
});

test('a take-over is slowed on a scale of its own, up to five minutes', () => {
  const expected = [30_000, 60_000, 120_000, 240_000, 300_000, 300_000];
  assert.deepEqual(delays(new Backoff(greatest), 'slowed', 6), expected);
  assert.deepEqual(delays(new Backoff(least), 'slowed', 3), [15_000, 15_000, 15_000]);
});

test('a refusal that looks final is retried between half the cap and the cap, for ever', () => {
  assert.deepEqual(delays(new Backoff(greatest), 'final', 50), Array(50).fill(120_000));
  assert.deepEqual(delays(new Backoff(least), 'final', 50), Array(50).fill(60_000));
});

test('a busy broker is treated as if three attempts had failed already', () => {
  assert.deepEqual(delays(new Backoff(greatest), 'busy', 3), [8_000, 16_000, 32_000]);
});

test('quick and local retries are not counted as failures', () => {
  const backoff = new Backoff(greatest);
  assert.deepEqual(delays(backoff, 'soon', 2), [1_000, 1_000]);
  assert.deepEqual(delays(backoff, 'local', 2), [5_000, 5_000]);
  assert.equal(backoff.failures, 0);
});

test('options out of their range are refused by name', () => {
  const refused = (options: object, name: string) =>
    assert.throws(() => new Backoff(least, options), new RegExp(`^RangeError: ${name} `));
  refused({ floorMs: 0 }, 'floorMs');
  refused({ baseMs: 100 }, 'baseMs');
  refused({ capMs: 999 }, 'capMs');
  refused({ capMs: 120_000.5 }, 'capMs');
  refused({ slowedBaseMs: 199 }, 'slowedBaseMs');
  refused({ slowedCapMs: 29_999 }, 'slowedCapMs');
  refused({ stableMs: -1 }, 'stableMs');
});

test('for any options and failures every delay is whole and within the promised ends', () => {
  const penalties: Penalty[] = ['normal', 'busy', 'slowed', 'final', 'soon', 'local'];
  const step = fc.integer({ min: 1, max: 100_000 });
  fc.assert(
    fc.property(
      fc.tuple(step, step, step, step, step),
      fc.integer(),
      fc.array(fc.tuple(fc.constantFrom(...penalties), fc.boolean()), { maxLength: 60 }),
      ([floorMs, toBase, toCap, toSlowed, toSlowedCap], seed, failures) => {
        const baseMs = floorMs + toBase;
        const capMs = baseMs + toCap;
        const slowedBaseMs = floorMs + toSlowed;
        const slowedCapMs = slowedBaseMs + toSlowedCap;
        const options = { floorMs, baseMs, capMs, slowedBaseMs, slowedCapMs };
        const backoff = new Backoff(seeded(seed), options);
        for (const [penalty, opens] of failures) {
          if (opens) backoff.open(0);
          const delay = backoff.fail(penalty, 1_000);
          assert.ok(Number.isInteger(delay) && delay >= floorMs);
          assert.ok(delay <= Math.max(capMs, slowedCapMs, baseMs * 5));
        }
      },
    ),
    { numRuns: 300 },
  );
});
