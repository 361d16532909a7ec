import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Mcp9808 } from '../../../../firmware/sensors/drivers/mcp9808.ts';
import type { I2CDevice } from '../../../../firmware/sensors/sensor.ts';
import { constant } from '../../../../host-sim/chips/curves.ts';
import { Mcp9808Chip } from '../../../../host-sim/chips/mcp9808-chip.ts';
import { Bench, near, Scripted, shown } from '../bench.ts';

const mcp9808 = (device: I2CDevice) => new Mcp9808(device);
const bench = (celsius = 21.37) => new Bench(new Mcp9808Chip(constant(celsius)), mcp9808);
const MARK = [0x02, 0x00];

describe('an MCP9808', () => {
  test('measures its surroundings within its resolution, at first in 500 ms, then at once', () => {
    const at = bench();
    assert.equal(at.measure(), 500);
    near(at.values[0], 21.37, 0.03125);
    assert.equal(at.measure(), 0);
    assert.equal(shown(at.sensor), 'temperature °C 2');
  });

  test('measures below zero, too', () => {
    const at = bench(-12.5);
    at.measure();
    assert.equal(at.values[0], -12.5);
  });

  // Equation 5-1 of the data sheet: upper byte × 16 + lower byte / 16, less 256 below zero.
  for (const [high, low, celsius] of [
    [0xc1, 0x94, 25.25],
    [0x00, 0x00, 0],
    [0xe0, 0x01, 0.0625],
    [0x3f, 0xff, -0.0625],
    [0x3d, 0x80, -40],
    [0xc7, 0xd0, 125],
  ]) {
    test(`gives ${celsius} °C as the data sheet's equation does, whatever the alert says`, () => {
      const device = new Scripted(MARK, [high, low], MARK);
      const sensor = new Mcp9808(device);
      const values = new Float64Array(1);
      assert.equal(sensor.trigger(), 0);
      assert.equal(sensor.collect(values), true);
      assert.equal(values[0], celsius);
      assert.deepEqual(device.written, [[0x01], [0x05], [0x01]]);
      sensor.close();
      assert.equal(device.closes, 1);
    });
  }

  test('that is found with other settings is set up, and given the time of two conversions', () => {
    const device = new Scripted([0x01, 0x00]);
    assert.equal(new Mcp9808(device).trigger(), 500);
    assert.deepEqual(device.written, [[0x01], [0x01, 0x02, 0x00]]);
  });

  test('that lost power shows no 0 °C: the mark among its settings is gone', () => {
    const at = bench();
    at.measure();
    at.now += at.sensor.trigger();
    at.bus.dipPower();
    const sentence = 'MCP9808: lost its settings (power dip?)';
    assert.throws(() => at.sensor.collect(at.values), { message: sentence });
    assert.equal(at.measure(), 500);
    near(at.values[0], 21.37, 0.03125);
    at.bus.dipPower();
    assert.equal(at.measure(), 500);
  });

  test('refuses a temperature beyond its range', () => {
    const sensor = new Mcp9808(new Scripted(MARK, [0xcf, 0xff], MARK));
    sensor.trigger();
    assert.throws(() => sensor.collect(new Float64Array(1)), /temperature 255\.9 is outside/);
  });

  test('on lines that read only zeros or only ones gives nothing', () => {
    for (const byte of [0x00, 0xff]) {
      const sensor = new Mcp9808(new Scripted([byte, byte]));
      assert.equal(sensor.trigger(), 500);
      assert.throws(() => sensor.collect(new Float64Array(1)), /lost its settings/);
    }
  });
});
