import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createPinSensors } from '../../../firmware/sensors/pin-sensors.ts';
import type { Sensor } from '../../../firmware/sensors/sensor.ts';
import { near, shown, valuesOf } from './bench.ts';

/** Pins that read what they are set to, and refuse what they are told to. */
class Pins {
  readonly opened: string[] = [];
  readonly value: Record<number, number> = {};
  refusal = '';
  closes = 0;
  now = 0;
  readonly analog = (pin: number) => this.open(`analog ${pin}`, pin);
  readonly digital = (pin: number) => this.open(`digital ${pin}`, pin);
  readonly pulses = (pin: number) => this.open(`pulses ${pin}`, pin);

  make(...names: string[]) {
    return createPinSensors(names, this, () => this.now);
  }

  one(name: string): Sensor {
    return this.make(name)[0].sensor;
  }

  private open(what: string, pin: number) {
    if (this.refusal !== '') throw new Error(this.refusal);
    this.opened.push(what);
    return {
      read: () => this.value[pin],
      close: () => {
        this.closes += 1;
      },
    };
  }
}

describe('the name of a sensor on a pin', () => {
  test('is a kind and a GPIO; other names, and names that were there, are left out', () => {
    const named = new Pins().make(
      ...['bme280', 'pulse-5', 'analog-34', 'ntc-0', 'pulse-5', 'contact-48', 'contact-49'],
      ...['analog', 'analog-', 'analog-05', 'analog-100', 'analog-3x', 'xanalog-3', 'sht4x-44'],
    );
    assert.deepEqual(
      named.map(({ name }) => name),
      ['pulse-5', 'analog-34', 'ntc-0', 'contact-48'],
    );
  });

  test('gives the quantities, which do not depend on other sensors', () => {
    const pins = new Pins();
    assert.equal(shown(pins.one('analog-34')), 'analog_34 % 1');
    assert.equal(shown(pins.one('ntc-34')), 'temperature °C 1');
    assert.equal(shown(pins.one('contact-4')), 'contact_4  0');
    assert.equal(shown(pins.one('pulse-5')), 'pulse_5  0, pulse_5_rate /min 2');
    assert.deepEqual(pins.opened, []);
  });
});

describe('a sensor on a pin measures:', () => {
  test('an analog input in % of the reference', () => {
    const pins = new Pins();
    pins.value[34] = 0.25;
    assert.deepEqual(valuesOf(pins.one('analog-34')), [25]);
    assert.deepEqual(pins.opened, ['analog 34']);
  });

  test('a thermistor of 10 kΩ and beta 3950 against 10 kΩ', () => {
    const pins = new Pins();
    pins.value[1] = 0.5;
    near(valuesOf(pins.one('ntc-1'))[0], 25, 1e-9);
    pins.value[1] = 3588 / 13_588;
    near(valuesOf(pins.one('ntc-1'))[0], 50, 0.02);
  });

  test('a contact to ground: 1 is closed', () => {
    const pins = new Pins();
    const contact = pins.one('contact-4');
    pins.value[4] = 1;
    assert.deepEqual(valuesOf(contact), [0]);
    pins.value[4] = 0;
    assert.deepEqual(valuesOf(contact), [1]);
    assert.deepEqual(pins.opened, ['digital 4']);
  });

  test('pulses from the first trigger on, and their rate', () => {
    const pins = new Pins();
    const meter = pins.one('pulse-5');
    pins.value[5] = 0;
    const [total, rate] = valuesOf(meter);
    assert.equal(total, 0);
    assert.ok(Number.isNaN(rate));
    pins.value[5] = 3;
    pins.now += 30_000;
    assert.deepEqual(valuesOf(meter), [3, 6]);
    assert.deepEqual(pins.opened, ['pulses 5']);
  });
});

describe('a pin', () => {
  test('that cannot be opened gives its reason each round, and is tried again', () => {
    const pins = new Pins();
    const sensor = pins.one('analog-4');
    pins.refusal = 'not analog pin';
    assert.throws(() => sensor.trigger(), { message: 'not analog pin' });
    assert.throws(() => sensor.trigger(), { message: 'not analog pin' });
    assert.throws(() => sensor.collect(new Float64Array(1)), /without trigger/);
    pins.refusal = '';
    pins.value[4] = 1;
    assert.deepEqual(valuesOf(sensor), [100]);
  });

  test('is opened once while all is well, anew after a failure, and closed with its sensor', () => {
    const pins = new Pins();
    const sensor = pins.one('ntc-4');
    pins.value[4] = 0.5;
    valuesOf(sensor);
    valuesOf(sensor);
    assert.equal(pins.opened.length, 1);
    pins.value[4] = 1;
    assert.throws(() => valuesOf(sensor), { message: 'thermistor: open' });
    assert.equal(pins.closes, 1);
    pins.value[4] = 0.5;
    near(valuesOf(sensor)[0], 25, 1e-9);
    assert.equal(pins.opened.length, 2);
    sensor.close();
    assert.equal(pins.closes, 2);
  });
});

test('the total of a pulse counter that was opened anew goes on', () => {
  const pins = new Pins();
  const meter = pins.one('pulse-5');
  pins.value[5] = 0;
  valuesOf(meter);
  pins.value[5] = 7;
  assert.equal(valuesOf(meter)[0], 7);
  meter.close();
  pins.value[5] = 2;
  assert.equal(valuesOf(meter)[0], 9);
  assert.equal(pins.opened.length, 2);
});
