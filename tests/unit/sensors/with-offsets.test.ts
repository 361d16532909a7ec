import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Sensor } from '../../../firmware/sensors/sensor.ts';
import { calibrated, withOffsets } from '../../../firmware/sensors/with-offsets.ts';
import { near, shown } from './bench.ts';

const UNITS: Record<string, string> = { temperature: '°C', humidity: '%', pressure: 'hPa' };
const NONE = { temperature: 0, humidity: 0, pressure: 0 };

/** A sensor that measures these. */
function fixed(values: Record<string, number>, isReady = true) {
  const sensor = {
    closes: 0,
    quantities: Object.keys(values).map((name) => {
      return { name, unit: UNITS[name] ?? 'lx', decimals: 1 };
    }),
    trigger: () => 12,
    collect(into: Float64Array) {
      into.set(Object.values(values));
      return isReady;
    },
    close() {
      this.closes += 1;
    },
  };
  return sensor;
}

function valuesOf(sensor: Sensor): number[] {
  const values = new Float64Array(sensor.quantities.length);
  assert.equal(sensor.trigger(), 12);
  assert.equal(sensor.collect(values), true);
  return [...values];
}

describe('calibration', () => {
  const room = { temperature: 20, humidity: 50, pressure: 1000, illuminance: 7 };

  test('adds its offsets and touches nothing else', () => {
    const offsets = { temperature: -1.5, humidity: 3, pressure: 0.7 };
    const sensor = withOffsets(fixed(room), offsets, 'C');
    assert.deepEqual(valuesOf(sensor), [18.5, 53, 1000.7, 7]);
    assert.match(shown(sensor), /^temperature °C 1, humidity % 1/);
  });

  test('holds humidity within 0 and 100 %', () => {
    const wet = { ...NONE, humidity: 60 };
    const dry = { ...NONE, humidity: -60 };
    assert.equal(valuesOf(withOffsets(fixed(room), wet, 'C'))[1], 100);
    assert.equal(valuesOf(withOffsets(fixed(room), dry, 'C'))[1], 0);
  });

  test('gives temperatures in °F where people want that, after the offset in °C', () => {
    const sensor = withOffsets(fixed(room), { ...NONE, temperature: 1 }, 'F');
    near(valuesOf(sensor)[0], 69.8, 1e-9);
    assert.match(shown(sensor), /^temperature °F 1, humidity % 1/);
    assert.equal(valuesOf(withOffsets(fixed({ temperature: -40 }), NONE, 'F'))[0], -40);
  });

  test('leaves absent values absent', () => {
    const offsets = { temperature: 1, humidity: 1, pressure: 1 };
    const absent = { temperature: Number.NaN, humidity: Number.NaN };
    for (const value of valuesOf(withOffsets(fixed(absent), offsets, 'F'))) {
      assert.ok(Number.isNaN(value));
    }
  });

  test('does nothing to what is not ready, and closes its sensor', () => {
    const inner = fixed(room, false);
    const sensor = withOffsets(inner, { ...NONE, temperature: 1 }, 'C');
    const values = new Float64Array(4);
    assert.equal(sensor.collect(values), false);
    assert.equal(values[0], 20);
    sensor.close();
    assert.equal(inner.closes, 1);
  });

  test('of nothing is the sensor itself', () => {
    const sensor = fixed(room);
    assert.equal(withOffsets(sensor, NONE, 'C'), sensor);
  });

  test('goes to the first sensor that has the quantity, the unit to all', () => {
    const offsets = { temperature: 2, humidity: 5, pressure: 1 };
    const sensors = [
      { name: 'tmp117', sensor: fixed({ temperature: 10 }) },
      { name: 'sht4x', sensor: fixed({ temperature: 10, humidity: 40 }) },
      { name: 'bme280', sensor: fixed({ temperature: 10, humidity: 40, pressure: 990 }) },
    ];
    const celsius = calibrated(sensors, offsets, 'C');
    assert.deepEqual(
      celsius.map(({ name, sensor }) => [name, ...valuesOf(sensor)]),
      [
        ['tmp117', 12],
        ['sht4x', 10, 45],
        ['bme280', 10, 40, 991],
      ],
    );
    const fahrenheit = calibrated(sensors, NONE, 'F');
    assert.deepEqual(
      fahrenheit.map(({ sensor }) => valuesOf(sensor)[0]),
      [50, 50, 50],
    );
  });
});
