import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Aht20 } from '../../../../firmware/sensors/drivers/aht20.ts';
import type { I2CDevice } from '../../../../firmware/sensors/sensor.ts';
import { Aht20Chip } from '../../../../host-sim/chips/aht20-chip.ts';
import { constant } from '../../../../host-sim/chips/curves.ts';
import { Bench, near, ROOM, Scripted, shown } from '../bench.ts';

const aht20 = (device: I2CDevice) => new Aht20(device);
const bench = (room = ROOM, loads = true) => new Bench(new Aht20Chip(room, loads), aht20);

describe('an AHT20', () => {
  test('measures its surroundings within its resolution, in 81 ms', () => {
    const at = bench();
    assert.equal(at.measure(), 81);
    near(at.values[0], 21.37, 0.001);
    near(at.values[1], 44.12, 0.001);
    assert.equal(shown(at.sensor), 'temperature °C 2, humidity % 1');
  });

  test('understands the bytes of a real chip', () => {
    const answer = [0x1c, 0x3b, 0x5e, 0x86, 0x88, 0xb2, 0xd2];
    const device = new Scripted([0x18], answer);
    const sensor = new Aht20(device);
    const values = new Float64Array(2);
    assert.equal(sensor.trigger(), 81);
    assert.equal(sensor.collect(values), true);
    near(values[0], 31.674576, 1e-5);
    near(values[1], 23.191071, 1e-5);
    assert.deepEqual(device.written, [[0xac, 0x33, 0x00]]);
    sensor.close();
    assert.equal(device.closes, 1);
  });

  test('is not ready while it is busy', () => {
    const at = bench();
    at.sensor.trigger();
    at.now += 79;
    assert.equal(at.sensor.collect(at.values), false);
    at.now += 2;
    assert.equal(at.sensor.collect(at.values), true);
  });

  test('that never finishes is not ready, without a word', () => {
    const at = bench();
    at.chip.isStuck = true;
    assert.equal(at.round(), undefined);
    at.chip.isStuck = false;
    at.measure();
  });

  test('without its calibration is told to load it, the first time', () => {
    const at = bench(ROOM, false);
    const first = at.measure();
    assert.ok(first > 90 && first < 110, `${first} ms`);
    near(at.values[0], 21.37, 0.001);
    assert.equal(at.measure(), 81);
  });

  test('that cannot load its calibration is refused', () => {
    const sensor = new Aht20(new Scripted([0x10], [0x10, 0, 0, 0, 0, 0, 0]));
    assert.equal(sensor.trigger(), 11);
    assert.throws(() => sensor.collect(new Float64Array(2)), {
      message: 'AHT20: has no calibration (damaged?)',
    });
  });

  test('that loses power during a measurement gives no false values', () => {
    const at = bench();
    at.now += at.sensor.trigger();
    at.bus.dipPower();
    at.now += 50;
    assert.throws(() => at.sensor.collect(at.values), /no humidity was measured/);
    at.measure();
    near(at.values[1], 44.12, 0.001);
  });

  test('that is not there, or starts up, says so and works later', () => {
    const at = bench();
    at.unplug();
    assert.equal(at.failure(), 'AHT20: does not answer on the bus (no acknowledge)');
    at.repair();
    assert.match(at.failure(), /does not answer/);
    at.now += 50;
    at.measure();
  });

  test('whose answer is garbled, as an AHT10 without a checksum, is refused', () => {
    const at = bench();
    at.measure();
    at.garble();
    assert.equal(at.failure(), 'AHT20: wrong checksum');
  });

  test('refuses a temperature that it cannot measure', () => {
    assert.match(bench({ ...ROOM, temperature: constant(86) }).failure(), /outside its range/);
  });

  test('that nobody triggered has nothing to collect', () => {
    const at = bench();
    assert.throws(() => at.sensor.collect(at.values), /collect without trigger/);
  });
});
