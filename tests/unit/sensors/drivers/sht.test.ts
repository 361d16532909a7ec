import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { areWordsValid, crc8 } from '../../../../firmware/sensors/drivers/sensirion.ts';
import { SHT3X_MODEL, SHT4X_MODEL, Sht } from '../../../../firmware/sensors/drivers/sht.ts';
import type { I2CDevice } from '../../../../firmware/sensors/sensor.ts';
import { checksum, wordsWithChecksums } from '../../../../host-sim/chips/checksum.ts';
import { constant } from '../../../../host-sim/chips/curves.ts';
import { Sht3xChip, Sht4xChip } from '../../../../host-sim/chips/sht-chips.ts';
import { Bench, near, ROOM, Scripted, shown } from '../bench.ts';

const sht4x = (device: I2CDevice) => new Sht(device, SHT4X_MODEL);
const sht3x = (device: I2CDevice) => new Sht(device, SHT3X_MODEL);
const bench4x = (room = ROOM) => new Bench(new Sht4xChip(room), sht4x);
const bench3x = (room = ROOM) => new Bench(new Sht3xChip(room), sht3x);

describe('the checksum of Sensirion', () => {
  test('of 0xBEEF is 0x92, as the data sheets say', () => {
    assert.equal(crc8(new Uint8Array([0xbe, 0xef]), 0, 2), 0x92);
    assert.equal(checksum([0xbe, 0xef]), 0x92);
  });

  test('is the same in driver and chip for every byte, and catches each single bit', () => {
    for (let byte = 0; byte < 256; byte += 1) {
      const word = new Uint8Array([byte, byte ^ 0x5a, 0]);
      word[2] = checksum([word[0], word[1]]);
      assert.ok(areWordsValid(word));
      for (let bit = 0; bit < 24; bit += 5) {
        const flipped = word.slice();
        flipped[bit >> 3] ^= 1 << (bit & 7);
        assert.ok(!areWordsValid(flipped));
      }
    }
  });
});

for (const [name, bench, ms] of [
  ['SHT4x', bench4x, 10],
  ['SHT3x', bench3x, 17],
] as const) {
  describe(`an ${name}`, () => {
    test('measures its surroundings within its resolution', () => {
      const at = bench();
      at.measure();
      near(at.values[0], 21.37, 0.003);
      near(at.values[1], 44.12, 0.002);
      assert.equal(shown(at.sensor), 'temperature °C 2, humidity % 1');
    });

    test(`is ready after ${ms} ms at the first question, and never blocks`, () => {
      const at = bench();
      assert.equal(at.sensor.trigger(), ms);
      at.now += ms;
      const before = at.bus.transfers;
      assert.equal(at.sensor.collect(at.values), true);
      assert.equal(at.bus.transfers, before + 1);
    });

    test('is not ready while it measures', () => {
      const at = bench();
      at.sensor.trigger();
      at.now += 3;
      assert.equal(at.sensor.collect(at.values), false);
      at.now += ms;
      assert.equal(at.sensor.collect(at.values), true);
    });

    test('that is not there says so, and works once it is', () => {
      const at = bench();
      at.unplug();
      assert.equal(at.failure(), `${name}: does not answer on the bus (no acknowledge)`);
      at.repair();
      at.now += 100;
      at.measure();
      near(at.values[0], 21.37, 0.003);
    });

    test('that vanishes or hangs during a measurement fails it within a few questions', () => {
      for (const breaks of ['unplug', 'hang'] as const) {
        const at = bench();
        at.now += at.sensor.trigger();
        if (breaks === 'unplug') at.unplug();
        else at.chip.answer.isStuck = true;
        let asked = 0;
        assert.throws(() => {
          for (; asked < 20; asked += 1) assert.equal(at.sensor.collect(at.values), false);
        }, /does not answer/);
        assert.ok(asked <= 6);
        at.repair();
        at.chip.answer.isStuck = false;
        at.now += 100;
        at.measure();
      }
    });

    test('that loses power during a measurement gives no values in that round only', () => {
      const at = bench();
      at.now += at.sensor.trigger();
      at.bus.dipPower();
      at.now += 2;
      assert.throws(() => {
        for (;;) assert.equal(at.sensor.collect(at.values), false);
      }, /does not answer/);
      at.measure();
      near(at.values[1], 44.12, 0.002);
    });

    test('whose answer is garbled gives a sentence and no values', () => {
      const at = bench();
      at.garble();
      assert.equal(at.failure(), `${name}: wrong checksum`);
      assert.ok(Number.isNaN(at.values[0]) && Number.isNaN(at.values[1]));
      at.repair();
      at.measure();
    });

    test('holds humidity within 0 and 100 %', () => {
      const wet = bench({ ...ROOM, humidity: constant(103) });
      wet.measure();
      assert.equal(wet.values[1], 100);
      const dry = bench({ ...ROOM, humidity: constant(-2) });
      dry.measure();
      assert.equal(dry.values[1], 0);
    });

    test('refuses a temperature that it cannot measure', () => {
      const at = bench({ ...ROOM, temperature: constant(126) });
      assert.match(at.failure(), /^SHT.x: temperature 126.0 is outside its range$/);
    });

    test('that nobody triggered has nothing to collect', () => {
      const at = bench();
      assert.throws(() => at.sensor.collect(at.values), /collect without trigger/);
      at.measure();
      assert.throws(() => at.sensor.collect(at.values), /collect without trigger/);
    });
  });
}

describe('the formulas of SHT4x and SHT3x', () => {
  test('give 25 °C for 0.4 and 94 % or 80 % for 0.8 of the full scale', () => {
    const answer = [...wordsWithChecksums(0.4 * 65535, 0.8 * 65535)];
    for (const [model, percent, command] of [
      [SHT4X_MODEL, 94, [0xfd]],
      [SHT3X_MODEL, 80, [0x24, 0x00]],
    ] as const) {
      const device = new Scripted(answer);
      const sensor = new Sht(device, model);
      const values = new Float64Array(2);
      sensor.trigger();
      assert.equal(sensor.collect(values), true);
      near(values[0], 25, 1e-9);
      near(values[1], percent, 1e-9);
      assert.deepEqual(device.written, [[...command]]);
      sensor.close();
      assert.equal(device.closes, 1);
    }
  });
});
