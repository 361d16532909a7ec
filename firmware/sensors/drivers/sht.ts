/**
 * Drivers of Sensirion's SHT4x (SHT40, SHT41, SHT45; data sheet version 6) and SHT3x (SHT30, SHT31,
 * SHT35; version 7): temperature and humidity.
 *
 * Both measure once per command and refuse to be read meanwhile. They keep no settings, so that a
 * power dip costs at most the measurement under way. Which of the two it is must be known: the
 * SHT3x's command starts the heater of an SHT4x. So each is asked what only it answers.
 */

import { Wire } from '../bus/wire.ts';
import type { I2CDevice, KnownSensor, Quantity, Sensor } from '../sensor.ts';
import { areWordsValid, checkWords, fraction } from './sensirion.ts';

/** What the two differ in. */
export interface ShtModel {
  readonly name: string;
  /** A single measurement of high repeatability, without clock stretching. */
  readonly command: readonly number[];
  /** The longest that it takes, rounded up, and a tick of the caller's clock. */
  readonly measureMs: number;
  /** Relative humidity = offset + span × fraction. */
  readonly humidityOffset: number;
  readonly humiditySpan: number;
}

/** Sections 3.2 (8.3 ms), 4.5 and 4.6. */
export const SHT4X_MODEL: ShtModel = Object.freeze({
  name: 'SHT4x',
  command: Object.freeze([0xfd]),
  measureMs: 10,
  humidityOffset: -6,
  humiditySpan: 125,
});

/** Sections 2.2 (15.5 ms), 4.3 and 4.13. */
export const SHT3X_MODEL: ShtModel = Object.freeze({
  name: 'SHT3x',
  command: Object.freeze([0x24, 0x00]),
  measureMs: 17,
  humidityOffset: 0,
  humiditySpan: 100,
});

/** Decimals: resolution is 0.01 in both; humidity is accurate to 1.5 % at best. */
const QUANTITIES: readonly Quantity[] = Object.freeze([
  Object.freeze({ name: 'temperature', kind: 'temperature', unit: '°C', decimals: 2 }),
  Object.freeze({ name: 'humidity', kind: 'humidity', unit: '%', decimals: 1 }),
]);

/** One SHT4x or SHT3x. */
export class Sht implements Sensor {
  readonly quantities = QUANTITIES;
  private readonly wire: Wire;
  private readonly model: ShtModel;
  private readonly command: Uint8Array;
  private readonly reply = new Uint8Array(6);

  constructor(device: I2CDevice, model: ShtModel) {
    this.wire = new Wire(model.name, device);
    this.model = model;
    this.command = new Uint8Array(model.command);
  }

  /** @throws Error when the chip does not answer. */
  trigger(): number {
    this.wire.send(this.command);
    this.wire.isMeasuring = true;
    return this.model.measureMs;
  }

  /**
   * Humidity beyond 0 and 100 % is held there: the formula may give it (SHT4x, section 4.6).
   * @throws Error when the chip does not answer, a checksum is wrong, or the temperature is none.
   */
  collect(into: Float64Array): boolean {
    const { model, reply, wire } = this;
    wire.needsTrigger();
    if (!wire.poll(reply)) return false;
    checkWords(wire, reply);
    wire.isMeasuring = false;
    const humidity = model.humidityOffset + model.humiditySpan * fraction(reply, 1);
    into[0] = wire.within(-45 + 175 * fraction(reply, 0), -40, 125, 'temperature');
    into[1] = Math.min(100, Math.max(0, humidity));
    return true;
  }

  close(): void {
    this.wire.close();
  }
}

/** The serial number. An SHT3x needs two bytes for a command and ignores this one. */
export const SHT4X = Object.freeze<KnownSensor>({
  name: 'sht4x',
  addresses: Object.freeze([0x44, 0x45, 0x46]),
  question: Object.freeze([0x89]),
  answerBytes: 6,
  recognises: areWordsValid,
  isCertain: true,
  make: (device) => new Sht(device, SHT4X_MODEL),
});

/** The status. An SHT4x has no command 0xF3. */
export const SHT3X = Object.freeze<KnownSensor>({
  name: 'sht3x',
  addresses: Object.freeze([0x44, 0x45]),
  question: Object.freeze([0xf3, 0x2d]),
  answerBytes: 3,
  recognises: areWordsValid,
  isCertain: true,
  make: (device) => new Sht(device, SHT3X_MODEL),
});
