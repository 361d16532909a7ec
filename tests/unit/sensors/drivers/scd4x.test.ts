import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Scd4x } from '../../../../firmware/sensors/drivers/scd4x.ts';
import type { I2CDevice } from '../../../../firmware/sensors/sensor.ts';
import { constant } from '../../../../host-sim/chips/curves.ts';
import { Scd4xChip } from '../../../../host-sim/chips/scd4x-chip.ts';
import { Bench, near, ROOM, Scripted, shown } from '../bench.ts';

const MINUTE_MS = 60_000;

function bench(intervalMs: number, chip = new Scd4xChip(ROOM)): Bench<Scd4xChip> {
  const at = new Bench(chip, (device: I2CDevice) => new Scd4x(device, intervalMs));
  at.now = 1000;
  return at;
}

/** Rounds on a grid of `intervalMs`. @returns of each its CO2, or what became of it. */
function rounds(at: Bench<Scd4xChip>, intervalMs: number, count: number): (number | string)[] {
  return Array.from({ length: count }, () => {
    const next = at.now + intervalMs;
    let outcome: number | string;
    try {
      outcome = at.round() === undefined ? 'given up' : at.values[0];
    } catch (error) {
      outcome = (error as Error).message;
    }
    at.now = Math.max(at.now, next);
    return outcome;
  });
}

describe('an SCD4x', () => {
  test('gives 500 ppm, 25 °C and 37 % for the example of the data sheet', () => {
    const measured = [0x01, 0xf4, 0x33, 0x66, 0x67, 0xa2, 0x5e, 0xb9, 0x3c];
    const device = new Scripted([0x80, 0x06, 0x04], measured);
    const sensor = new Scd4x(device, 10_000);
    const values = new Float64Array(3);
    assert.equal(sensor.trigger(), 0);
    assert.equal(sensor.collect(values), true);
    assert.ok(Number.isNaN(values[0]));
    assert.equal(sensor.trigger(), 2);
    assert.equal(sensor.collect(values), false);
    assert.equal(sensor.collect(values), true);
    assert.equal(values[0], 500);
    near(values[1], 25, 0.003);
    near(values[2], 37, 0.003);
    assert.deepEqual(device.written, [
      [0x21, 0xb1],
      [0xe4, 0xb8],
      [0xec, 0x05],
    ]);
    assert.equal(shown(sensor), 'co2 ppm 0, temperature °C 1, humidity % 0');
    sensor.close();
    assert.equal(device.closes, 1);
  });

  for (const [what, intervalMs, periodMs] of [
    ['a second', 1000, 5000],
    ['5 seconds', 5000, 5000],
    ['29 seconds', 29_000, 5000],
    ['30 seconds', 30_000, 30_000],
    ['4 minutes', 4 * MINUTE_MS, 30_000],
    ['5 minutes', 5 * MINUTE_MS, 0],
  ] as const) {
    const how = periodMs === 0 ? 'once per round' : `every ${periodMs / 1000} s`;
    test(`in rounds of ${what} measures ${how}, and is never late`, () => {
      const at = bench(intervalMs);
      const seen = rounds(at, intervalMs, 20);
      assert.equal(at.chip.period, periodMs);
      const without = seen.filter((value) => value !== 612).length;
      assert.ok(without <= 5000 / intervalMs + 1, `${seen}`);
      assert.ok(seen.every((value) => value === 612 || Number.isNaN(value)));
      near(at.values[1], 21.37, 0.002);
      near(at.values[2], 44.12, 0.002);
    });
  }

  test('shows what it measured last until there is something new', () => {
    const at = bench(1000, new Scd4xChip({ ...ROOM, co2: (ms) => ms / 10 }));
    const seen = rounds(at, 1000, 22).slice(7);
    const different = new Set(seen);
    assert.ok(different.size >= 3 && different.size <= 4, `${seen}`);
  });

  test('that measures once takes 5 s, and is not ready before', () => {
    const at = bench(10 * MINUTE_MS);
    assert.equal(at.sensor.trigger(), 5001);
    at.now += 4000;
    assert.equal(at.sensor.collect(at.values), false);
    assert.equal(at.sensor.collect(at.values), false);
    at.now += 1000;
    const ready = () => {
      at.now += 5;
      return at.sensor.collect(at.values);
    };
    assert.deepEqual([ready(), ready(), ready()], [false, false, true]);
    assert.equal(at.values[0], 612);
  });

  test('that runs from before a reset is stopped, which costs rounds but no failure', () => {
    for (const intervalMs of [10_000, MINUTE_MS, 10 * MINUTE_MS]) {
      const chip = new Scd4xChip(ROOM);
      const at = bench(intervalMs, chip);
      chip.write(new Uint8Array([0x21, 0xb1]), 500);
      assert.deepEqual(rounds(at, intervalMs, 5).slice(2), [612, 612, 612]);
    }
  });

  test('that is an SCD40 measures every 30 s when asked to measure once per round', () => {
    const chip = new Scd4xChip(ROOM, false);
    const seen = rounds(bench(10 * MINUTE_MS, chip), 10 * MINUTE_MS, 8);
    assert.equal(chip.period, 30_000);
    assert.deepEqual(seen.slice(5), [612, 612, 612]);
    assert.ok(seen.every((value) => typeof value === 'number'));
  });

  test('that accepts to measure once and never does measures every 30 s, too', () => {
    const at = bench(10 * MINUTE_MS);
    at.chip.isStuck = true;
    assert.deepEqual(rounds(at, 10 * MINUTE_MS, 2), ['given up', 'given up']);
    rounds(at, 10 * MINUTE_MS, 1);
    assert.equal(at.chip.period, 30_000);
  });

  test('that is not there says so, and works once it is', () => {
    for (const intervalMs of [10_000, 10 * MINUTE_MS]) {
      const at = bench(intervalMs);
      at.unplug();
      assert.deepEqual(
        rounds(at, intervalMs, 2),
        Array(2).fill('SCD4x: does not answer on the bus (no acknowledge)'),
      );
      at.repair();
      assert.equal(rounds(at, intervalMs, 4)[3], 612);
      at.unplug();
      assert.match(String(rounds(at, intervalMs, 1)[0]), /does not answer/);
    }
  });

  test('that lost power is noticed within two periods and set up anew', () => {
    const at = bench(10_000);
    assert.equal(rounds(at, 10_000, 3)[2], 612);
    at.bus.dipPower();
    at.now += 100;
    const seen = rounds(at, 10_000, 6);
    assert.equal(seen.filter((value) => typeof value === 'string').length, 1);
    assert.ok(seen.indexOf('SCD4x: gives no new measurement') <= 3, `${seen}`);
    assert.equal(seen[5], 612);
  });

  test('that is stuck is refused instead of repeating itself for ever', () => {
    const at = bench(1000);
    rounds(at, 1000, 10);
    at.chip.isStuck = true;
    const seen = rounds(at, 1000, 30);
    const first = seen.indexOf('SCD4x: gives no new measurement');
    assert.ok(first > 5 && first <= 12, `${seen}`);
    assert.ok(!seen.slice(first).includes(612));
  });

  test('whose answers are garbled gives sentences, and goes on at once afterwards', () => {
    const at = bench(10_000);
    rounds(at, 10_000, 3);
    at.garble();
    assert.deepEqual(rounds(at, 10_000, 2), Array(2).fill('SCD4x: wrong checksum'));
    at.repair();
    assert.equal(rounds(at, 10_000, 1)[0], 612);
  });

  test('refuses values outside its range', () => {
    const thick = bench(10_000, new Scd4xChip({ ...ROOM, co2: constant(40_100) }));
    assert.match(String(rounds(thick, 10_000, 2)[1]), /carbon dioxide 40100.0 is outside/);
    const hot = bench(10_000, new Scd4xChip({ ...ROOM, temperature: constant(61) }));
    assert.match(String(rounds(hot, 10_000, 2)[1]), /temperature 61.0 is outside/);
  });

  test('gives no value for a sample that is not valid, and goes on with the next', () => {
    let ppm = 0;
    const at = bench(10_000, new Scd4xChip({ ...ROOM, co2: () => ppm }));
    assert.equal(rounds(at, 10_000, 2)[1], 'SCD4x: no carbon dioxide was measured');
    ppm = 450;
    assert.equal(rounds(at, 10_000, 1)[0], 450);
  });

  for (const [from, to] of [
    [MINUTE_MS, 5000],
    [5000, MINUTE_MS],
    [10 * MINUTE_MS, 5000],
    [5000, 10 * MINUTE_MS],
    [MINUTE_MS, 10 * MINUTE_MS],
  ] as const) {
    test(`whose rounds change from ${from / 1000} s to ${to / 1000} s measures as often`, () => {
      const at = bench(from);
      rounds(at, from, 5);
      at.sensor.changeInterval?.(to);
      const seen = rounds(at, to, 60);
      assert.ok(seen.filter((value) => value === 612).length >= 56, `${seen}`);
      assert.ok(
        seen.every((value) => typeof value === 'number'),
        `${seen}`,
      );
    });
  }

  test('that is an SCD40 is not asked for a single shot again when rounds become rare again', () => {
    const chip = new Scd4xChip(ROOM, false);
    const at = bench(10 * MINUTE_MS, chip);
    rounds(at, 10 * MINUTE_MS, 8);
    at.sensor.changeInterval?.(5000);
    rounds(at, 5000, 5);
    at.sensor.changeInterval?.(10 * MINUTE_MS);
    const seen = rounds(at, 10 * MINUTE_MS, 4);
    assert.equal(chip.period, 30_000);
    assert.deepEqual(seen.slice(2), [612, 612]);
  });

  test('that nobody triggered has nothing to collect', () => {
    const at = bench(10_000);
    assert.throws(() => at.sensor.collect(at.values), /collect without trigger/);
    assert.throws(() => new Scd4x(new Scripted(), 0), RangeError);
  });
});
