import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Tmp117 } from '../../../../firmware/sensors/drivers/tmp117.ts';
import type { I2CDevice } from '../../../../firmware/sensors/sensor.ts';
import { constant } from '../../../../host-sim/chips/curves.ts';
import { Tmp117Chip } from '../../../../host-sim/chips/tmp117-chip.ts';
import { Bench, near, Scripted, shown } from '../bench.ts';

const tmp117 = (device: I2CDevice) => new Tmp117(device);
const bench = (celsius = 21.37) => new Bench(new Tmp117Chip(constant(celsius)), tmp117);

describe('a TMP117', () => {
  test('measures its surroundings within its resolution, in 141 ms', () => {
    const at = bench();
    assert.equal(at.measure(), 141);
    near(at.values[0], 21.37, 0.004);
    assert.equal(shown(at.sensor), 'temperature °C 2');
  });

  for (const [high, low, celsius] of [
    [0x0c, 0x80, 25],
    [0x00, 0x01, 0.0078125],
    [0xff, 0xff, -0.0078125],
    [0xf3, 0x80, -25],
    [0x4b, 0x00, 150],
    [0xe4, 0x80, -55],
  ]) {
    test(`gives ${celsius} °C as the data sheet's table does`, () => {
      const device = new Scripted([0x24, 0x20], [high, low]);
      const sensor = new Tmp117(device);
      const values = new Float64Array(1);
      sensor.trigger();
      assert.equal(sensor.collect(values), true);
      assert.equal(values[0], celsius);
      assert.deepEqual(device.written, [[0x01, 0x0c, 0x20], [0x01], [0x00]]);
      sensor.close();
      assert.equal(device.closes, 1);
    });
  }

  test('is not ready before its conversions end', () => {
    const at = bench();
    at.sensor.trigger();
    at.now += 139;
    assert.equal(at.sensor.collect(at.values), false);
    at.now += 2;
    assert.equal(at.sensor.collect(at.values), true);
    at.chip.isStuck = true;
    assert.equal(at.round(), undefined);
  });

  test('that lost power during a measurement is noticed by its mode', () => {
    const at = bench();
    at.now += at.sensor.trigger();
    at.bus.dipPower();
    const sentence = 'TMP117: lost its settings (power dip?)';
    assert.throws(() => at.sensor.collect(at.values), { message: sentence });
    at.measure();
  });

  test('refuses the value that stands there before the first conversion', () => {
    const sensor = new Tmp117(new Scripted([0x24, 0x20], [0x80, 0x00]));
    sensor.trigger();
    assert.throws(() => sensor.collect(new Float64Array(1)), /-256.0 is outside its range/);
  });

  test('that is not there says so, and works once it is', () => {
    const at = bench();
    at.unplug();
    assert.equal(at.failure(), 'TMP117: does not answer on the bus (no acknowledge)');
    at.repair();
    at.measure();
    at.now += at.sensor.trigger();
    at.unplug();
    assert.throws(() => at.sensor.collect(at.values), /does not answer/);
    assert.throws(() => at.sensor.collect(at.values), /collect without trigger/);
  });
});
