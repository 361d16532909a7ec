import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { TMP102, Tmp102 } from '../../../../firmware/sensors/drivers/tmp102.ts';
import type { I2CDevice } from '../../../../firmware/sensors/sensor.ts';
import { type Curve, constant } from '../../../../host-sim/chips/curves.ts';
import { Tmp102Chip } from '../../../../host-sim/chips/tmp102-chip.ts';
import { Bench, near, Scripted, shown } from '../bench.ts';

const tmp102 = (device: I2CDevice) => new Tmp102(device);
const bench = (curve: Curve = constant(21.37)) => new Bench(new Tmp102Chip(curve), tmp102);
const READY = [0xe1, 0xa0];
const LOST = 'TMP102: lost its settings (power dip?)';

describe('a TMP102', () => {
  test('measures its surroundings within its resolution, in 36 ms', () => {
    const at = bench();
    assert.equal(at.measure(), 36);
    near(at.values[0], 21.37, 0.03125);
    assert.equal(shown(at.sensor), 'temperature °C 2');
  });

  test('measures anew in each round', () => {
    const at = bench((ms) => ms / 1000);
    for (let rounds = 0; rounds < 5; rounds += 1) {
      const from = at.now;
      at.measure();
      near(at.values[0], from / 1000, 0.04);
      at.now += 10_000;
    }
  });

  // The table of the data sheet's section "Digital Temperature Output".
  for (const [high, low, celsius] of [
    [0x64, 0x00, 100],
    [0x50, 0x00, 80],
    [0x4b, 0x00, 75],
    [0x32, 0x00, 50],
    [0x19, 0x00, 25],
    [0x00, 0x40, 0.25],
    [0x00, 0x00, 0],
    [0xff, 0xc0, -0.25],
    [0xe7, 0x00, -25],
  ]) {
    test(`gives ${celsius} °C as the data sheet does, and asks for one conversion`, () => {
      const device = new Scripted(READY, [high, low]);
      const sensor = new Tmp102(device);
      const values = new Float64Array(1);
      assert.equal(sensor.trigger(), 36);
      assert.equal(sensor.collect(values), true);
      assert.equal(values[0], celsius);
      assert.deepEqual(device.written, [[0x01, 0x61, 0x80], [0x01, 0xe1, 0x80], [0x01], [0x00]]);
      sensor.close();
      assert.equal(device.closes, 1);
    });
  }

  test('is not ready while it converts, whatever the alert says', () => {
    const sensor = new Tmp102(new Scripted([0x61, 0xa0], [0x61, 0x80], [0xe1, 0x80], [0x5a, 0]));
    const values = new Float64Array(1);
    sensor.trigger();
    assert.equal(sensor.collect(values), false);
    assert.equal(sensor.collect(values), false);
    assert.equal(sensor.collect(values), true);
    assert.equal(values[0], 90);
  });

  test('measures also where its alert is on', () => {
    const at = bench(constant(90));
    at.measure();
    at.measure();
    assert.equal(at.values[0], 90);
  });

  test('that lost power shows no 0 °C: it is no longer shut down', () => {
    const at = bench();
    at.measure();
    at.now += at.sensor.trigger();
    at.bus.dipPower();
    assert.throws(() => at.sensor.collect(at.values), { message: LOST });
    at.bus.dipPower();
    at.measure();
    near(at.values[0], 21.37, 0.03125);
  });

  test('refuses a temperature beyond its range', () => {
    for (const [celsius, word] of [
      [-40, undefined],
      [125, undefined],
      [-40.0625, /temperature -40\.1 is outside/],
      [150, /temperature 127\.9 is outside/],
    ] as const) {
      const at = bench(constant(celsius));
      if (word !== undefined) assert.match(at.failure(), word);
      else {
        at.measure();
        assert.equal(at.values[0], celsius);
      }
    }
  });

  test('refuses a temperature whose unused bits are set', () => {
    const sensor = new Tmp102(new Scripted(READY, [0x19, 0x01]));
    sensor.trigger();
    assert.throws(() => sensor.collect(new Float64Array(1)), /TMP102: shows no temperature/);
  });

  test('on lines that read only zeros or only ones gives nothing', () => {
    for (const byte of [0x00, 0xff]) {
      const sensor = new Tmp102(new Scripted([byte, byte]));
      sensor.trigger();
      assert.throws(() => sensor.collect(new Float64Array(1)), { message: LOST });
    }
  });

  test('is recognised after power-up, while it converts and when it is ready, hot or not', () => {
    for (const upper of [0x60, 0x61, 0xe1]) {
      for (const lower of [0xa0, 0x80]) {
        assert.ok(TMP102.recognises(new Uint8Array([upper, lower])));
      }
    }
    // Lines at rest; then an LM75, an ADS1115, an INA219 and a TMP117 as after power-up.
    for (const other of [0x0000, 0xffff, 0x00ff, 0x8583, 0x399f, 0x0220]) {
      assert.ok(!TMP102.recognises(new Uint8Array([other >> 8, other & 0xff])));
    }
  });
});
