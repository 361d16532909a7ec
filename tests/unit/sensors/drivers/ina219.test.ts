import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Ina219 } from '../../../../firmware/sensors/drivers/ina219.ts';
import type { I2CDevice } from '../../../../firmware/sensors/sensor.ts';
import { constant } from '../../../../host-sim/chips/curves.ts';
import { Ina219Chip } from '../../../../host-sim/chips/ina219-chip.ts';
import { Bench, near, ROOM, Scripted, shown } from '../bench.ts';

const ina219 = (device: I2CDevice) => new Ina219(device);
const bench = (room = ROOM) => new Bench(new Ina219Chip(room), ina219);

describe('an INA219', () => {
  test('measures its surroundings within its resolution, in 20 ms', () => {
    const at = bench();
    assert.equal(at.measure(), 20);
    near(at.values[0], 12.136, 0.002);
    near(at.values[1], 0.4321, 0.00005);
    near(at.values[2], 12.136 * 0.4321, 0.002);
    assert.equal(shown(at.sensor), 'voltage V 3, current A 4, power W 3');
  });

  test('gives 11.98 V, 10 A and 119.8 W for the example of the data sheet', () => {
    const device = new Scripted([0x3e, 0x63], [0x5d, 0x9a], [0x07, 0xd0]);
    const sensor = new Ina219(device, 0.002);
    const values = new Float64Array(3);
    sensor.trigger();
    assert.equal(sensor.collect(values), true);
    near(values[0], 11.98, 1e-9);
    near(values[1], 10, 1e-9);
    near(values[2], 119.8, 1e-9);
    assert.deepEqual(device.written, [[0x00, 0x3e, 0x63], [0x00], [0x02], [0x01]]);
    sensor.close();
    assert.equal(device.closes, 1);
  });

  test('knows a current that flows backwards', () => {
    const at = bench({ ...ROOM, current: constant(-1.25) });
    at.measure();
    near(at.values[1], -1.25, 0.00005);
  });

  test('refuses a current at which its converter clips, either way', () => {
    for (const ampere of [3.3, -3.3]) {
      const at = bench({ ...ROOM, current: constant(ampere) });
      assert.equal(at.failure(), 'INA219: the current is beyond its range');
    }
  });

  test('is not ready before its conversions end', () => {
    const at = bench();
    at.sensor.trigger();
    at.now += 15;
    assert.equal(at.sensor.collect(at.values), false);
    at.now += 5;
    assert.equal(at.sensor.collect(at.values), true);
    at.chip.isStuck = true;
    assert.equal(at.round(), undefined);
  });

  test('that lost power during a measurement is noticed by its settings', () => {
    const at = bench();
    at.now += at.sensor.trigger();
    at.bus.dipPower();
    const sentence = 'INA219: lost its settings (power dip?)';
    assert.throws(() => at.sensor.collect(at.values), { message: sentence });
    at.measure();
  });

  test('refuses a shunt of no resistance', () => {
    assert.throws(() => new Ina219(new Scripted(), 0), RangeError);
  });

  test('that is not there says so, and works once it is', () => {
    const at = bench();
    at.unplug();
    assert.equal(at.failure(), 'INA219: does not answer on the bus (no acknowledge)');
    at.repair();
    at.measure();
    at.now += at.sensor.trigger();
    at.unplug();
    assert.throws(() => at.sensor.collect(at.values), /does not answer/);
    assert.throws(() => at.sensor.collect(at.values), /collect without trigger/);
  });
});
