import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Bme280, type Bme280Options } from '../../../../firmware/sensors/drivers/bme280.ts';
import type { RegisterBus } from '../../../../firmware/sensors/sensor.ts';
import { Bme280Chip } from '../../../../host-sim/chips/bme280-chip.ts';
import { constant, type Weather } from '../../../../host-sim/chips/curves.ts';

const ROOM: Weather = {
  temperature: constant(21.37),
  humidity: constant(44.12),
  pressure: constant(1008.63),
};

/** A chip and its driver in virtual time. */
class Bench {
  now = 1000;
  readonly chip: Bme280Chip;
  readonly sensor: Bme280;
  readonly values = new Float64Array(3);

  constructor(options: Bme280Options = {}, weather: Weather = ROOM) {
    this.chip = new Bme280Chip(weather, () => this.now);
    this.now += 100;
    this.sensor = new Bme280(this.chip, options);
  }

  /** Triggers, and polls each millisecond from the announced time on. @returns ms it all took. */
  measure(): number {
    const from = this.now;
    this.now += this.sensor.trigger();
    for (let polls = 0; polls < 500; polls += 1) {
      if (this.sensor.collect(this.values)) return this.now - from;
      this.now += 1;
    }
    throw new Error('never ready');
  }
}

function near(actual: number, expected: number, within: number): void {
  assert.ok(Math.abs(actual - expected) <= within, `${actual} is not ${expected} ± ${within}`);
}

describe('a BME280', () => {
  test('measures what its surroundings are, within the resolution of one conversion', () => {
    const bench = new Bench();
    bench.measure();
    near(bench.values[0], 21.37, 0.003);
    near(bench.values[1], 44.12, 0.01);
    near(bench.values[2], 1008.63, 0.02);
  });

  test('measures finer with more oversampling', () => {
    const bench = new Bench({ temperature: 16, humidity: 16, pressure: 16 });
    bench.measure();
    near(bench.values[0], 21.37, 0.0002);
    near(bench.values[2], 1008.63, 0.001);
  });

  test('announces its quantities with the decimals that the chip supports', () => {
    const { quantities } = new Bench().sensor;
    assert.deepEqual(
      quantities.map(({ name, unit, decimals }) => `${name} ${unit} ${decimals}`),
      ['temperature °C 2', 'humidity % 1', 'pressure hPa 1'],
    );
  });

  test('needs a reset and its coefficients only the first time', () => {
    const bench = new Bench();
    const first = bench.measure();
    const transfersFirst = bench.chip.transfers;
    const second = bench.measure();
    assert.ok(first >= 3 + 9.3, `${first} ms`);
    assert.equal(second, 10);
    assert.ok(bench.chip.transfers - transfersFirst <= 5);
  });

  for (const [options, ms] of [
    [{}, 10],
    [{ temperature: 2, humidity: 1, pressure: 4 }, 19],
    [{ temperature: 16, humidity: 16, pressure: 16 }, 113],
    [{ temperature: 1, humidity: 0, pressure: 0 }, 4],
  ] as const) {
    test(`waits ${ms} ms for ${JSON.stringify(options)} and is ready then`, () => {
      const bench = new Bench(options);
      bench.measure();
      assert.equal(bench.sensor.trigger(), ms);
      bench.now += ms - 1.1;
      assert.equal(bench.sensor.collect(bench.values), false);
      bench.now += 1.1;
      assert.equal(bench.sensor.collect(bench.values), true);
    });
  }

  test('says not yet for as long as the chip is measuring, and never blocks', () => {
    const bench = new Bench();
    bench.measure();
    bench.chip.setFault('stuck');
    bench.sensor.trigger();
    for (let polls = 0; polls < 20; polls += 1) {
      bench.now += 100;
      assert.equal(bench.sensor.collect(bench.values), false);
    }
    bench.chip.setFault();
    assert.equal(bench.sensor.collect(bench.values), true);
  });

  for (const [what, bits, ctrl] of [
    ['its status does not show the measurement yet', 0x00, 0x25],
    ['it sleeps again but has not handed its data over', 0x08, 0x24],
  ] as const) {
    test(`is not ready while ${what}`, () => {
      const bench = new Bench();
      bench.measure();
      bench.now += bench.sensor.trigger();
      const read = bench.chip.readBuffer.bind(bench.chip);
      bench.chip.readBuffer = (register, into) => {
        read(register, into);
        into[1] = bits;
        into[2] = ctrl;
      };
      assert.equal(bench.sensor.collect(bench.values), false);
      bench.chip.readBuffer = read;
      assert.equal(bench.sensor.collect(bench.values), true);
    });
  }

  test('waits for the coefficients to be copied after a reset', () => {
    const bench = new Bench();
    bench.sensor.trigger();
    assert.equal(bench.sensor.collect(bench.values), false);
    const early = bench.chip.transfers;
    bench.now += 1.9;
    assert.equal(bench.sensor.collect(bench.values), false);
    assert.equal(bench.chip.transfers, early + 1);
    bench.now += 0.2;
    assert.equal(bench.sensor.collect(bench.values), false);
    bench.now += 10;
    assert.equal(bench.sensor.collect(bench.values), true);
    near(bench.values[1], 44.12, 0.01);
  });

  test('gives NaN for channels that are left out', () => {
    const dry = new Bench({ humidity: 0 });
    dry.measure();
    near(dry.values[0], 21.37, 0.003);
    assert.ok(Number.isNaN(dry.values[1]));
    near(dry.values[2], 1008.63, 0.02);
    const unpressed = new Bench({ pressure: 0 });
    unpressed.measure();
    near(unpressed.values[1], 44.12, 0.01);
    assert.ok(Number.isNaN(unpressed.values[2]));
  });

  test('does not take the count 0x80000 of a real measurement for a skipped channel', () => {
    const warm = { ...ROOM, temperature: constant(26.46) };
    const bench = new Bench({ temperature: 1 }, warm);
    let met = false;
    for (let celsius = 26.4; celsius < 26.6 && !met; celsius += 0.002) {
      const at = new Bench({}, { ...ROOM, temperature: constant(celsius) });
      at.measure();
      const data = new Uint8Array(3);
      at.chip.readBuffer(0xfa, data);
      met = data[0] === 0x80 && data[1] === 0 && data[2] === 0;
      near(at.values[0], celsius, 0.004);
    }
    assert.ok(met, 'no temperature showed the count');
    bench.measure();
    near(bench.values[0], 26.46, 0.003);
  });

  test('holds humidity within 0 and 100 %', () => {
    const wet = new Bench({}, { ...ROOM, humidity: constant(104) });
    wet.measure();
    assert.equal(wet.values[1], 100);
    const parched = new Bench({}, { ...ROOM, humidity: constant(-3) });
    parched.measure();
    assert.equal(parched.values[1], 0);
  });
});

describe('a BME280 that fails', () => {
  test('that is not there says so, and works once it is', () => {
    const bench = new Bench();
    bench.chip.setFault('absent');
    assert.throws(() => bench.sensor.trigger(), {
      message: 'BME280 does not answer on the bus (no acknowledge)',
    });
    bench.chip.setFault();
    bench.measure();
    near(bench.values[0], 21.37, 0.003);
  });

  test('that vanishes during a measurement fails it, and is set up anew when it is back', () => {
    const bench = new Bench();
    bench.measure();
    bench.sensor.trigger();
    bench.chip.setFault('absent');
    assert.throws(() => bench.sensor.collect(bench.values), /does not answer/);
    bench.chip.setFault();
    bench.now += 60_000;
    assert.equal(bench.sensor.trigger(), 3);
    bench.now += 3;
    assert.equal(bench.sensor.collect(bench.values), false);
    bench.now += 10;
    assert.equal(bench.sensor.collect(bench.values), true);
    near(bench.values[2], 1008.63, 0.02);
  });

  test('that vanishes while it is set up fails, too, and recovers', () => {
    const bench = new Bench();
    bench.now += bench.sensor.trigger();
    bench.chip.setFault('absent');
    assert.throws(() => bench.sensor.collect(bench.values), /does not answer/);
    bench.chip.setFault();
    bench.now += 10;
    bench.measure();
    near(bench.values[0], 21.37, 0.003);
  });

  test('that is a BMP280 is refused by name', () => {
    const bench = new Bench();
    bench.chip.setFault('wrong id');
    const sentence = 'expected a BME280, found a BMP280, which has no humidity sensor';
    assert.throws(() => bench.sensor.trigger(), { message: sentence });
    bench.chip.setFault();
    bench.measure();
    bench.chip.setFault('wrong id');
    assert.throws(() => bench.sensor.trigger(), { message: sentence });
  });

  for (const [id, words] of [
    [0x61, /found a BME680/],
    [0x00, /found a bus held low/],
    [0xff, /found a bus on which nothing answers/],
    [0x07, /found an unknown chip \(id 0x07\)/],
  ] as const) {
    test(`that reports the id ${id} is refused: ${words.source}`, () => {
      assert.throws(() => new Bme280(busOf(id)).trigger(), words);
    });
  }

  test('that lost power between two measurements is set up again by itself', () => {
    const bench = new Bench();
    bench.measure();
    bench.chip.powerUp();
    bench.now += 100;
    const took = bench.measure();
    assert.ok(took > 10);
    near(bench.values[1], 44.12, 0.01);
  });

  test('that lost power during a measurement gives no false values', () => {
    const bench = new Bench();
    bench.measure();
    bench.values.fill(-1);
    bench.now += bench.sensor.trigger();
    bench.chip.powerUp();
    assert.throws(() => bench.sensor.collect(bench.values), /lost its settings/);
    assert.deepEqual([...bench.values], [-1, -1, -1]);
    bench.now += 100;
    bench.measure();
    near(bench.values[0], 21.37, 0.003);
  });

  test('that is still busy with an abandoned measurement is reset', () => {
    const bench = new Bench();
    bench.measure();
    bench.chip.setFault('stuck');
    bench.sensor.trigger();
    bench.now += 5000;
    assert.equal(bench.sensor.trigger(), 3);
    bench.chip.setFault();
    bench.now += 100;
    bench.measure();
    near(bench.values[0], 21.37, 0.003);
  });

  for (const blank of [0x00, 0xff]) {
    test(`whose coefficients all read ${blank} is refused`, () => {
      const bus = busOf(0x60, blank);
      const sensor = new Bme280(bus);
      sensor.trigger();
      assert.throws(() => sensor.collect(new Float64Array(3)), /no calibration data/);
    });
  }

  test('that shows what it cannot measure is refused', () => {
    const hot = new Bench({}, { ...ROOM, temperature: constant(86) });
    assert.throws(() => hot.measure(), { message: 'BME280: 86.0 is outside its range' });
    const deep = new Bench({}, { ...ROOM, pressure: constant(1120) });
    assert.throws(() => deep.measure(), /1120.0 is outside its range/);
  });

  test('that nobody triggered has nothing to collect', () => {
    const bench = new Bench();
    assert.throws(() => bench.sensor.collect(bench.values), /without trigger/);
    bench.measure();
    assert.throws(() => bench.sensor.collect(bench.values), /without trigger/);
  });

  test('that was closed closes its bus once', () => {
    let closes = 0;
    const bus = busOf(0x60);
    bus.close = () => {
      closes += 1;
    };
    const sensor = new Bme280(bus);
    sensor.close();
    sensor.close();
    assert.equal(closes, 1);
  });

  test('options outside the data sheet are refused by name', () => {
    const bus = busOf(0x60);
    const wrong = { humidity: 3 } as unknown as Bme280Options;
    assert.throws(() => new Bme280(bus, wrong), /humidity must be 0, 1, 2, 4, 8 or 16/);
    const none = { temperature: 0 } as unknown as Bme280Options;
    assert.throws(() => new Bme280(bus, none), /temperature must not be 0/);
  });
});

/** A bus with an id and the same byte everywhere but in the status. */
function busOf(id: number, filling = 0): RegisterBus {
  return {
    readUint8: (register) => (register === 0xd0 ? id : register === 0xf3 ? 0 : filling),
    readBuffer: (_register, into) => void into.fill(filling),
    writeUint8: () => {},
    writeBuffer: () => {},
    close: () => {},
  };
}
