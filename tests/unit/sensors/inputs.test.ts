import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Analog, beta, Thermistor } from '../../../firmware/sensors/drivers/analog.ts';
import { Digital, Pulses } from '../../../firmware/sensors/drivers/digital.ts';
import { near, shown, valuesOf } from './bench.ts';

/** An input that reads what it is set to. */
class Input {
  value: number;
  closes = 0;

  constructor(value: number) {
    this.value = value;
  }

  read(): number {
    return this.value;
  }

  close(): void {
    this.closes += 1;
  }
}

describe('an analog input', () => {
  test('stands for a value between those of its ends, in either direction', () => {
    const input = new Input(0.25);
    const scale = { name: 'moisture', unit: '%', decimals: 0, low: 100, high: 0 };
    const sensor = new Analog(input, scale);
    assert.deepEqual(valuesOf(sensor), [75]);
    input.value = 1;
    assert.deepEqual(valuesOf(sensor), [0]);
    assert.equal(shown(sensor), 'moisture % 0');
    sensor.close();
    assert.equal(input.closes, 1);
  });

  test('that gives no number from 0 to 1 is refused', () => {
    for (const value of [Number.NaN, -0.1, 1.1]) {
      const scale = { name: 'battery', unit: 'V', decimals: 2, low: 0, high: 6.6 };
      const sensor = new Analog(new Input(value), scale);
      assert.throws(() => valuesOf(sensor), {
        message: 'battery: the analog input gives no value',
      });
    }
  });
});

describe('a thermistor', () => {
  const tenK = { seriesOhm: 10_000, ...beta(10_000, 25, 3950) };

  test('of 10 kΩ and beta 3950 is at 25 °C when the divider halves', () => {
    near(valuesOf(new Thermistor(new Input(0.5), tenK))[0], 25, 1e-9);
  });

  test('follows its beta: 3588 Ω are 50 °C, 33.6 kΩ are 0 °C', () => {
    near(valuesOf(new Thermistor(new Input(3588 / 13_588), tenK))[0], 50, 0.02);
    near(valuesOf(new Thermistor(new Input(33_621 / 43_621), tenK))[0], 0, 0.02);
  });

  test('follows Steinhart and Hart: 32650 Ω are 0 °C, 3603 Ω are 50 °C of a usual 10 kΩ one', () => {
    const usual = { seriesOhm: 10_000, a: 1.1292e-3, b: 2.34108e-4, c: 8.775e-8 };
    near(valuesOf(new Thermistor(new Input(32_650 / 42_650), usual))[0], 0, 0.05);
    near(valuesOf(new Thermistor(new Input(3603 / 13_603), usual))[0], 50, 0.05);
  });

  test('at the reference voltage is read the other way round', () => {
    const circuit = { ...tenK, atReference: true };
    const ratio = 1 - 3588 / 13_588;
    near(valuesOf(new Thermistor(new Input(ratio), circuit))[0], 50, 0.02);
  });

  test('that is broken or shorted says which', () => {
    const at = (value: number, atReference = false) =>
      valuesOf(new Thermistor(new Input(value), { ...tenK, atReference }));
    assert.throws(() => at(1), { message: 'thermistor: open' });
    assert.throws(() => at(0), { message: 'thermistor: shorted' });
    assert.throws(() => at(0, true), { message: 'thermistor: open' });
    assert.throws(() => at(Number.NaN), /gives no value/);
  });

  test('with coefficients that give no temperature is refused', () => {
    const sensor = new Thermistor(new Input(0.5), { seriesOhm: 10_000, a: 0, b: 0, c: 0 });
    assert.throws(() => valuesOf(sensor), { message: 'thermistor: outside its range' });
    assert.throws(() => new Thermistor(new Input(0.5), { ...tenK, seriesOhm: 0 }), RangeError);
  });
});

describe('a digital input', () => {
  test('is 0 or 1, or the other way round', () => {
    const input = new Input(1);
    const contact = new Digital(input, 'door', true);
    assert.deepEqual(valuesOf(contact), [0]);
    assert.deepEqual(valuesOf(new Digital(input, 'motion')), [1]);
    input.value = 0;
    assert.deepEqual(valuesOf(contact), [1]);
    assert.deepEqual(valuesOf(new Digital(input, 'motion')), [0]);
    contact.close();
    assert.equal(input.closes, 1);
  });
});

describe('a pulse counter', () => {
  const rain = { name: 'rain', unit: 'mm', decimals: 1, perPulse: 0.5 };

  test('gives the total since the start, and the rate per minute since the last round', () => {
    let now = 0;
    const input = new Input(100);
    const sensor = new Pulses(input, rain, () => now);
    assert.equal(shown(sensor), 'rain mm 1, rain_rate mm/min 3');
    const [total, rate] = valuesOf(sensor);
    assert.equal(total, 0);
    assert.ok(Number.isNaN(rate));
    now += 30_000;
    input.value = 104;
    assert.deepEqual(valuesOf(sensor), [2, 4]);
    now += 60_000;
    assert.deepEqual(valuesOf(sensor), [2, 0]);
    assert.equal(input.closes, 0);
  });

  for (const [what, before, after] of [
    ['signed', 0x7fffffff, -0x7ffffffe],
    ['unsigned', 0xffffffff, 2],
    ['signed around zero', -1, 2],
  ] as const) {
    test(`loses nothing when its ${what} 32 bits wrap around`, () => {
      const input = new Input(before);
      const sensor = new Pulses(input, rain, () => 0);
      input.value = after;
      assert.equal(valuesOf(sensor)[0], 1.5);
    });
  }

  test('that was started anew counts from there, and the total never goes back', () => {
    const input = new Input(1000);
    const sensor = new Pulses(input, rain, () => 0);
    input.value = 1010;
    assert.equal(valuesOf(sensor)[0], 5);
    input.value = 4;
    assert.equal(valuesOf(sensor)[0], 7);
  });

  test('has no rate when no time has passed', () => {
    const sensor = new Pulses(new Input(0), rain, () => 5);
    valuesOf(sensor);
    assert.ok(Number.isNaN(valuesOf(sensor)[1]));
  });
});
