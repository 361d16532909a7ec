/**
 * Driver of the Bosch BME280: temperature, humidity and pressure (BST-BME280-DS002).
 *
 * The bus decides the address (0x76 or 0x77). The chip sleeps between measurements: `trigger` runs
 * one in forced mode. Nothing waits: after power-up the first `trigger` only resets the chip, and
 * `collect` goes on with the coefficients and the measurement, returning false meanwhile.
 *
 * Whatever fails is thrown as one sentence, and the next `trigger` sets the chip up from the start.
 * The same happens when the chip forgot its settings, which is how a brown-out or a swapped board
 * shows. Other chips of the family are refused by name: without the humidity they would be another
 * sensor (`bmp280.ts`, which is this driver without humidity). A channel that was not measured is
 * recognised by its setting and not by the count that it then shows (0x80000, 0x8000), since real
 * measurements pass through these counts.
 */

import { registers } from '../bus/registers.ts';
import type { KnownSensor, Quantity, RegisterBus, Sensor } from '../sensor.ts';
import { BLOCK_ONE_BYTES, BLOCK_TWO_BYTES, Bme280Calibration } from './bme280-calibration.ts';

/** How many conversions are averaged for one value; 0 leaves the channel out. */
export type Oversampling = 0 | 1 | 2 | 4 | 8 | 16;

/** What to measure how thoroughly. One conversion each is the data sheet's weather station. */
export interface Bme280Options {
  /** 1 and more: the other two need it. */
  readonly temperature?: Exclude<Oversampling, 0>;
  readonly humidity?: Oversampling;
  readonly pressure?: Oversampling;
}

/** The chips that measure temperature and pressure in the same registers. */
export type Bosch280 = 'BME280' | 'BMP280';

const RESET_WORD = 0xb6;
const BLOCK_ONE = 0x88;
const ID = 0xd0;
const RESET = 0xe0;
const BLOCK_TWO = 0xe1;
const CTRL_HUM = 0xf2;
const STATUS = 0xf3;
const CTRL_MEAS = 0xf4;
/** One read from ctrl_hum to the last data register, and where things are in it. */
const BURST_BYTES = 13;
const AT_CTRL_HUM = 0;
const AT_STATUS = 1;
const AT_CTRL_MEAS = 2;
const AT_PRESSURE = 5;
const AT_TEMPERATURE = 8;
const AT_HUMIDITY = 11;
const STATUS_MEASURING = 0x08;
const STATUS_COPYING = 0x01;
const MODE_FORCED = 0x01;
/** Start-up takes 2 ms (table 1); one more, since the caller's clock ticks in milliseconds. */
const RESET_MS = 3;

/** Decimals: resolution is 0.01 °C; noise and accuracy allow 0.1 % and 0.1 hPa (tables 2 to 4). */
export const BME280_QUANTITIES: readonly Quantity[] = Object.freeze([
  Object.freeze({ name: 'temperature', kind: 'temperature', unit: '°C', decimals: 2 }),
  Object.freeze({ name: 'humidity', kind: 'humidity', unit: '%', decimals: 1 }),
  Object.freeze({ name: 'pressure', kind: 'pressure', unit: 'hPa', decimals: 1 }),
]);

/** What the chip was last told, as far as the driver knows. */
const UNKNOWN = 0;
const RESETTING = 1;
const IDLE = 2;
const MEASURING = 3;

/** One BME280. Options outside their values throw a RangeError that names the option. */
export class Bme280 implements Sensor {
  readonly quantities = BME280_QUANTITIES;
  private readonly bus: RegisterBus;
  private readonly chip: Bosch280;
  private readonly calibration = new Bme280Calibration();
  private readonly blockOne = new Uint8Array(BLOCK_ONE_BYTES);
  private readonly blockTwo = new Uint8Array(BLOCK_TWO_BYTES);
  private readonly burst = new Uint8Array(BURST_BYTES);
  private readonly ctrlHum: number;
  /** With the mode bits zero: asleep. */
  private readonly ctrlMeas: number;
  private readonly measureMs: number;
  private phase = UNKNOWN;
  private closed = false;

  /** @param chip a BMP280 is to have `humidity: 0` */
  constructor(bus: RegisterBus, options: Bme280Options = {}, chip: Bosch280 = 'BME280') {
    const { temperature = 1, humidity = 1, pressure = 1 } = options;
    const codeT = settingOf('temperature', temperature);
    if (codeT === 0) throw new RangeError('BME280 option temperature must not be 0');
    this.bus = bus;
    this.chip = chip;
    this.ctrlHum = settingOf('humidity', humidity);
    this.ctrlMeas = (codeT << 5) | (settingOf('pressure', pressure) << 2);
    this.measureMs = measureMsMax(temperature, humidity, pressure);
  }

  /**
   * Starts a measurement; the first time, or after a failure, the setting up before it.
   * @throws Error when the chip does not answer or is another.
   */
  trigger(): number {
    const id = this.read(ID);
    if (!isBosch280(this.chip, id)) this.fail(`expected a ${this.chip}, found ${nameOf(id)}`);
    if (this.phase !== UNKNOWN && this.phase !== RESETTING) {
      if (this.read(CTRL_MEAS) === this.ctrlMeas) {
        this.measure();
        return this.measureMs;
      }
    }
    this.write(RESET, RESET_WORD);
    this.phase = RESETTING;
    return RESET_MS;
  }

  /**
   * @throws Error when the chip does not answer, lost its settings, shows a value outside its range,
   * or nothing was triggered.
   */
  collect(into: Float64Array): boolean {
    if (this.phase === RESETTING) return this.setUp();
    if (this.phase !== MEASURING) this.fail(`${this.chip}: collect without trigger`);
    const burst = this.burst;
    this.readBlock(CTRL_HUM, burst);
    const forgot =
      (this.ctrlHum !== 0 && (burst[AT_CTRL_HUM] & 0x07) !== this.ctrlHum) ||
      (burst[AT_CTRL_MEAS] & 0xfc) !== this.ctrlMeas;
    if (forgot) this.fail(`${this.chip} lost its settings during a measurement (power dip?)`);
    if ((burst[AT_STATUS] & STATUS_MEASURING) !== 0) return false;
    // Between the write to ctrl_meas and the first conversion the status bit is not set yet.
    if (burst[AT_CTRL_MEAS] !== this.ctrlMeas) return false;
    this.phase = IDLE;
    this.compensate(into);
    return true;
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.phase = UNKNOWN;
    this.bus.close();
  }

  /** After the reset: waits for the chip's own memory, loads the coefficients, starts. */
  private setUp(): false {
    if ((this.read(STATUS) & STATUS_COPYING) !== 0) return false;
    this.readBlock(BLOCK_ONE, this.blockOne);
    if (this.ctrlHum !== 0) this.readBlock(BLOCK_TWO, this.blockTwo);
    if (!this.calibration.load(this.blockOne, this.blockTwo)) {
      this.fail(`${this.chip} has no calibration data: damaged, or not a genuine chip`);
    }
    this.measure();
    return false;
  }

  /** ctrl_hum, 0 after the reset, counts only from the next write to ctrl_meas on (5.4.3). */
  private measure(): void {
    if (this.ctrlHum !== 0) this.write(CTRL_HUM, this.ctrlHum);
    this.write(CTRL_MEAS, this.ctrlMeas | MODE_FORCED);
    this.phase = MEASURING;
  }

  private compensate(into: Float64Array): void {
    const { burst, calibration } = this;
    const fine = calibration.fine(count20(burst, AT_TEMPERATURE));
    const rawH = (burst[AT_HUMIDITY] << 8) | burst[AT_HUMIDITY + 1];
    const rawP = count20(burst, AT_PRESSURE);
    into[0] = this.within(calibration.celsius(fine), -40, 85);
    into[1] = this.ctrlHum === 0 ? Number.NaN : calibration.percent(rawH, fine);
    const pressureOn = (this.ctrlMeas & 0x1c) !== 0;
    const pressure = calibration.hectopascals(rawP, fine);
    into[2] = pressureOn ? this.within(pressure, 300, 1100) : Number.NaN;
  }

  /** The ranges of the data sheet (table 1). */
  private within(value: number, least: number, most: number): number {
    if (value >= least && value <= most) return value;
    return this.fail(`${this.chip}: ${value.toFixed(1)} is outside its range`);
  }

  private read(register: number): number {
    try {
      return this.bus.readUint8(register);
    } catch (error) {
      return this.silent(error);
    }
  }

  private readBlock(register: number, into: Uint8Array): void {
    try {
      this.bus.readBuffer(register, into);
    } catch (error) {
      this.silent(error);
    }
  }

  private write(register: number, value: number): void {
    try {
      this.bus.writeUint8(register, value);
    } catch (error) {
      this.silent(error);
    }
  }

  private silent(error: unknown): never {
    const reason = error instanceof Error ? error.message : 'no reason given';
    return this.fail(`${this.chip} does not answer on the bus (${reason})`);
  }

  private fail(sentence: string): never {
    this.phase = UNKNOWN;
    throw new Error(sentence);
  }
}

/** The longest measurement in ms, rounded up (section 9.1). */
function measureMsMax(temperature: number, humidity: number, pressure: number): number {
  let ms = 1.25 + 2.3 * temperature;
  if (pressure > 0) ms += 2.3 * pressure + 0.575;
  if (humidity > 0) ms += 2.3 * humidity + 0.575;
  return Math.ceil(ms);
}

/** The register's code of an oversampling: 0, then 1 + log2. */
function settingOf(option: string, oversampling: Oversampling): number {
  for (let code = 0; code <= 5; code += 1) {
    if (oversampling === (code === 0 ? 0 : 2 ** (code - 1))) return code;
  }
  throw new RangeError(`BME280 option ${option} must be 0, 1, 2, 4, 8 or 16`);
}

function count20(burst: Uint8Array, at: number): number {
  return (burst[at] << 12) | (burst[at + 1] << 4) | (burst[at + 2] >> 4);
}

/** Whether the chip that reports `id` is a `chip`; the BMP280 has had three (section 4.3.1). */
export function isBosch280(chip: Bosch280, id: number): boolean {
  return chip === 'BME280' ? id === 0x60 : id >= 0x56 && id <= 0x58;
}

/** What answers instead at the same addresses. */
function nameOf(id: number): string {
  if (isBosch280('BMP280', id)) return 'a BMP280, which has no humidity sensor';
  if (id === 0x60) return 'a BME280';
  if (id === 0x55) return 'a BMP180, which has no humidity sensor';
  if (id === 0x61) return 'a BME680 or BME688';
  if (id === 0x00) return 'a bus held low';
  if (id === 0xff) return 'a bus on which nothing answers';
  return `an unknown chip (id 0x${id.toString(16).padStart(2, '0')})`;
}

/** The identification. */
export const BME280 = Object.freeze<KnownSensor>({
  name: 'bme280',
  addresses: Object.freeze([0x76, 0x77]),
  question: Object.freeze([ID]),
  answerBytes: 1,
  recognises: (answer) => isBosch280('BME280', answer[0]),
  isCertain: true,
  make: (device) => new Bme280(registers(device)),
});
