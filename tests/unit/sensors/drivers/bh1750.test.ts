import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Bh1750 } from '../../../../firmware/sensors/drivers/bh1750.ts';
import type { I2CDevice } from '../../../../firmware/sensors/sensor.ts';
import { Bh1750Chip } from '../../../../host-sim/chips/bh1750-chip.ts';
import { constant } from '../../../../host-sim/chips/curves.ts';
import { Bench, near, ROOM, Scripted, shown } from '../bench.ts';

const bh1750 = (device: I2CDevice) => new Bh1750(device);
const bench = (lux = 345) => new Bench(new Bh1750Chip(constant(lux)), bh1750);

describe('a BH1750', () => {
  test('measures its surroundings within its resolution, in 181 ms', () => {
    const at = bench();
    assert.equal(at.measure(), 181);
    near(at.values[0], 345, 0.5);
    assert.equal(shown(at.sensor), 'illuminance lx 0');
  });

  test('gives 28067 lx for the example of the data sheet, and a night 0', () => {
    const device = new Scripted([0x83, 0x90]);
    const sensor = new Bh1750(device);
    const values = new Float64Array(1);
    sensor.trigger();
    assert.equal(sensor.collect(values), true);
    near(values[0], 28066.67, 0.01);
    assert.deepEqual(device.written, [[0x01], [0x20]]);
    sensor.close();
    assert.equal(device.closes, 1);
    const night = bench(0);
    night.measure();
    assert.equal(night.values[0], 0);
  });

  test('measures anew in each round', () => {
    const at = new Bench(new Bh1750Chip((ms) => ms), bh1750);
    for (let rounds = 0; rounds < 3; rounds += 1) {
      const from = at.now;
      at.measure();
      near(at.values[0], from, 1);
      at.now += 1000;
    }
  });

  test('refuses what is too bright for it', () => {
    const at = bench(60_000);
    assert.equal(at.failure(), 'BH1750: too bright to measure, or the bus is open');
    bench(54_000).measure();
    assert.equal(ROOM.illuminance(0), 345);
  });

  test('that is not there says so, and works once it is', () => {
    const at = bench();
    at.unplug();
    assert.equal(at.failure(), 'BH1750: does not answer on the bus (no acknowledge)');
    at.repair();
    at.measure();
    at.now += at.sensor.trigger();
    at.unplug();
    assert.throws(() => at.sensor.collect(at.values), /does not answer/);
  });

  test('that nobody triggered has nothing to collect', () => {
    const at = bench();
    assert.throws(() => at.sensor.collect(at.values), /collect without trigger/);
  });
});
