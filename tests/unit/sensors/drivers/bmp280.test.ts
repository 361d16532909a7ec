import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { registers } from '../../../../firmware/sensors/bus/registers.ts';
import { Bme280 } from '../../../../firmware/sensors/drivers/bme280.ts';
import { Bmp280 } from '../../../../firmware/sensors/drivers/bmp280.ts';
import type { I2CDevice } from '../../../../firmware/sensors/sensor.ts';
import { Bme280Chip, type Bosch280Model } from '../../../../host-sim/chips/bme280-chip.ts';
import { TYPICAL } from '../../../../host-sim/chips/bme280-physics.ts';
import { RegisterChip } from '../../../../host-sim/chips/register-chip.ts';
import { Bench, near, ROOM, Scripted, shown } from '../bench.ts';

function bench(model: Bosch280Model, driver: typeof Bmp280 | typeof Bme280) {
  const clock = { now: () => 0 };
  const chip = new Bme280Chip(ROOM, () => clock.now(), TYPICAL, model);
  const at = new Bench(
    new RegisterChip(chip),
    (device: I2CDevice) => new driver(registers(device)),
  );
  clock.now = () => at.now;
  at.now = 2000;
  return at;
}

describe('a BMP280', () => {
  test('measures temperature and pressure within the resolution of one conversion', () => {
    const at = bench('BMP280', Bmp280);
    at.measure();
    near(at.values[0], 21.37, 0.003);
    near(at.values[1], 1008.63, 0.02);
    assert.equal(shown(at.sensor), 'temperature °C 2, pressure hPa 1');
    assert.equal(at.sensor.trigger(), 7);
  });

  test('gives 25.08 °C and 1006.53 hPa for the example of the data sheet', () => {
    const coefficients = [27504, 26435, -1000, 36477, -10685, 3024, 2855, 140, -7, 15500, -14600];
    const memory = new Uint8Array(256);
    const words = new DataView(memory.buffer);
    for (const [i, word] of [...coefficients, 6000].entries()) {
      words.setInt16(0x88 + 2 * i, word, true);
    }
    memory[0xd0] = 0x58;
    memory.set([415148 >> 12, (415148 >> 4) & 0xff, (415148 & 15) << 4], 0xf7);
    memory.set([519888 >> 12, (519888 >> 4) & 0xff, (519888 & 15) << 4], 0xfa);
    const sensor = new Bmp280({
      readUint8: (register) => memory[register],
      readBuffer: (register, into) => into.set(memory.subarray(register, register + into.length)),
      writeUint8: (register, value) => {
        memory[register] = register === 0xf4 ? value & 0xfc : value;
      },
      writeBuffer: () => {},
      close: () => {},
    });
    const values = new Float64Array(2);
    sensor.trigger();
    assert.equal(sensor.collect(values), false);
    assert.equal(sensor.collect(values), true);
    near(values[0], 25.08, 0.005);
    near(values[1], 1006.5327, 0.0005);
  });

  test('and a BME280 refuse each other by name', () => {
    assert.equal(
      bench('BMP280', Bme280).failure(),
      'expected a BME280, found a BMP280, which has no humidity sensor',
    );
    assert.equal(bench('BME280', Bmp280).failure(), 'expected a BMP280, found a BME280');
  });

  test('that is not there says so, and works once it is', () => {
    const at = bench('BMP280', Bmp280);
    at.unplug();
    assert.equal(at.failure(), 'BMP280 does not answer on the bus (no acknowledge)');
    at.repair();
    at.now += 10;
    at.measure();
    near(at.values[1], 1008.63, 0.02);
  });

  test('that lost power during a measurement gives no false values', () => {
    const at = bench('BMP280', Bmp280);
    at.measure();
    at.now += at.sensor.trigger();
    at.bus.dipPower();
    assert.throws(() => at.sensor.collect(at.values), /^Error: BMP280 lost its settings/);
    at.now += 10;
    at.measure();
  });
});

describe('registers on an I2C device', () => {
  test('give a BME280 over the bus what it measures', () => {
    const at = bench('BME280', Bme280);
    at.measure();
    near(at.values[0], 21.37, 0.003);
    near(at.values[1], 44.12, 0.01);
    near(at.values[2], 1008.63, 0.02);
    at.measure();
  });

  test('are read after a repeated start, and written in one transfer', () => {
    const calls: unknown[] = [];
    const bus = registers({
      write: (from, stop) => void calls.push([[...from], stop ?? true]),
      read: (into) => void calls.push(into.fill(7).length),
      close: () => void calls.push('closed'),
    });
    assert.equal(bus.readUint8(0xd0), 7);
    bus.readBuffer(0x88, new Uint8Array(26));
    bus.writeUint8(0xf4, 0x25);
    bus.writeBuffer(0x10, new Uint8Array([1, 2, 3]));
    bus.close();
    assert.deepEqual(calls, [
      [[0xd0], false],
      1,
      [[0x88], false],
      26,
      [[0xf4, 0x25], true],
      [[0x10, 1, 2, 3], true],
      'closed',
    ]);
  });

  test('refuse a write that is longer than any chip takes', () => {
    const bus = registers(new Scripted());
    assert.throws(() => bus.writeBuffer(0, new Uint8Array(33)), RangeError);
  });
});
