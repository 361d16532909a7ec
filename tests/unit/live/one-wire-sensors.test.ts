/** The simulator's one-wire sensors, from the command line to the drivers. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createDs18b20s, searchDs18b20s } from '../../../firmware/sensors/drivers/ds18b20-names.ts';
import { surroundings } from '../../../host-sim/chips/curves.ts';
import {
  i2cSensors,
  namesInSettings,
  ONE_WIRE_SENSORS,
} from '../../../host-sim/chips/one-wire-sensors.ts';
import { parseOptions } from '../../../host-sim/cli/options.ts';
import { SimulatedInputs } from '../../../host-sim/live/inputs.ts';

test('a board without one-wire sensors looks for all by itself', () => {
  assert.equal(namesInSettings(['bme280', 'sht4x']), undefined);
  assert.deepEqual(i2cSensors(['bme280', 'sht4x']), ['bme280', 'sht4x']);
});

test('with one-wire sensors the settings name them by pin, and each chip by what it is found as', () => {
  const names = ['ds18b20', 'bme280', 'ds18s20', 'bme280', 'sht4x'];
  assert.deepEqual(i2cSensors(names), ['bme280', 'bme280', 'sht4x']);
  assert.equal(namesInSettings(names), 'bme280,bme280-77,sht4x,ds18b20-4');
  assert.equal(namesInSettings(['ds18b20']), 'ds18b20-4');
});

test('all kinds that the command line takes are on each pin, and can be read', () => {
  const line = parseOptions(['--sensors', ['bme280', ...ONE_WIRE_SENSORS].join(',')]);
  assert.ok(line.kind === 'run');
  const clock = { now: 0 };
  const inputs = new SimulatedInputs(() => clock.now, surroundings(1), line.options.sensors);
  for (const pin of [4, 17]) {
    const names = searchDs18b20s([`ds18b20-${pin}`], inputs, []);
    assert.equal(names.length, ONE_WIRE_SENSORS.length);
    const made = createDs18b20s(names, inputs);
    for (const { sensor } of made) sensor.trigger();
    clock.now += 800;
    const values = made.map(({ sensor }) => {
      const value = new Float64Array(1);
      assert.equal(sensor.collect(value), true);
      return value[0];
    });
    assert.ok(values.every((celsius) => celsius > 0 && celsius < 40));
    assert.equal(new Set(values).size, values.length);
  }
});

test('a pin has one thermometer when none was asked for', () => {
  const inputs = new SimulatedInputs(() => 0);
  assert.equal(searchDs18b20s(['ds18b20-4'], inputs, []).length, 1);
});
