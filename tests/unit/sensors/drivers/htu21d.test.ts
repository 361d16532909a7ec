import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { HTU21D, Htu21d } from '../../../../firmware/sensors/drivers/htu21d.ts';
import type { I2CDevice } from '../../../../firmware/sensors/sensor.ts';
import { checksum } from '../../../../host-sim/chips/checksum.ts';
import { Htu21dChip } from '../../../../host-sim/chips/htu21d-chip.ts';
import { Bench, near, ROOM, Scripted, shown } from '../bench.ts';

const htu21d = (device: I2CDevice) => new Htu21d(device);
const bench = (chip = new Htu21dChip(ROOM)) => new Bench(chip, htu21d);

/** The longest times and the user registers of the data sheets. */
const KINDS = {
  HTU21D: { temperatureMs: 50, humidityMs: 16, userRegister: 0x02 },
  SHT21: { temperatureMs: 85, humidityMs: 29, userRegister: 0x3a },
  // Its humidity measures the temperature, too: 12 and 10.8 ms.
  Si7021: { temperatureMs: 10.8, humidityMs: 22.8, userRegister: 0x3a },
};

/** What the driver makes of two answers. */
function values(temperature: readonly number[], humidity: readonly number[]): number[] {
  const sensor = new Htu21d(new Scripted(temperature, humidity));
  const into = new Float64Array(2);
  sensor.trigger();
  assert.equal(sensor.collect(into), false);
  assert.equal(sensor.collect(into), true);
  return [...into];
}

describe('an HTU21D', () => {
  for (const [name, kind] of Object.entries(KINDS)) {
    test(`measures its surroundings within its resolution, as a ${name} does`, () => {
      const at = bench(new Htu21dChip(ROOM, kind));
      const ms = at.measure();
      assert.ok(ms <= 86 + 30, `${ms} ms`);
      near(at.values[0], 21.37, 0.006);
      near(at.values[1], 44.12, 0.02);
      assert.equal(shown(at.sensor), 'temperature °C 2, humidity % 1');
      assert.equal(HTU21D.recognises(Uint8Array.of(kind.userRegister)), true);
      assert.equal(HTU21D.recognises(Uint8Array.of(kind.userRegister | 0x40)), true);
    });
  }

  test('gives 24.7 °C and 32.3 % for the examples of the data sheet, and knows their checksums', () => {
    const device = new Scripted([0x68, 0x3a, 0x7c], [0x4e, 0x85, 0x6b]);
    const sensor = new Htu21d(device);
    const into = new Float64Array(2);
    assert.equal(sensor.trigger(), 86);
    assert.equal(sensor.collect(into), false);
    assert.equal(sensor.collect(into), true);
    near(into[0], 24.69, 0.005);
    near(into[1], 32.34, 0.005);
    assert.deepEqual(device.written, [[0xf3], [0xf5]]);
    sensor.close();
    assert.equal(device.closes, 1);
  });

  test('gives 54.8 % for the sequence of the data sheet, of which the last two bits are a status', () => {
    near(values([0x68, 0x3a, 0x7c], [0x7c, 0x82, 0x97])[1], 54.791, 0.0005);
  });

  test('holds humidity within 0 and 100 %, of which the formula knows nothing', () => {
    const warm = [0x68, 0x3a, 0x7c];
    const of = (...word: number[]) => values(warm, [...word, checksum(word, 0)])[1];
    assert.equal(of(0xff, 0xfe), 100);
    assert.equal(of(0x00, 0x06), 0);
  });

  test('refuses a wrong checksum, in either answer', () => {
    for (const answers of [
      [[0x68, 0x3a, 0x7d]],
      [
        [0x68, 0x3a, 0x7c],
        [0x4e, 0x84, 0x6b],
      ],
    ]) {
      const sensor = new Htu21d(new Scripted(...answers));
      const into = new Float64Array(2);
      sensor.trigger();
      const both = () => sensor.collect(into) || sensor.collect(into);
      assert.throws(both, { message: 'HTU21D: wrong checksum' });
    }
  });

  test('refuses zeros, whose checksum is right, and what floating lines read', () => {
    assert.throws(() => values([0, 0, 0], []), { message: 'HTU21D: nothing was measured' });
    assert.throws(() => values([0x68, 0x3a, 0x7c], [0, 2, checksum([0, 2], 0)]), /nothing was/);
    assert.throws(() => values([0xff, 0xff, 0xff], []), { message: 'HTU21D: wrong checksum' });
  });

  test('refuses a temperature beyond its range', () => {
    const hot = [0xff, 0xfc];
    assert.throws(() => values([...hot, checksum(hot, 0)], []), /temperature 128\.9 is outside/);
  });

  test('is not ready before its measurements end, and gives up on a chip that is stuck', () => {
    const at = bench();
    at.sensor.trigger();
    at.now += 40;
    assert.equal(at.sensor.collect(at.values), false);
    at.now += 11;
    assert.equal(at.sensor.collect(at.values), false);
    at.now += 17;
    assert.equal(at.sensor.collect(at.values), true);
    at.chip.isStuck = true;
    assert.equal(at.failure(), 'HTU21D: does not answer on the bus (no acknowledge)');
  });

  test('that lost power between its two measurements gives nothing, and then works again', () => {
    const at = bench();
    at.now += at.sensor.trigger();
    assert.equal(at.sensor.collect(at.values), false);
    at.bus.dipPower();
    const ask = () => {
      for (let asked = 0; asked < 20; asked += 1, at.now += 5) at.sensor.collect(at.values);
    };
    assert.throws(ask, /does not answer/);
    at.measure();
  });
});
