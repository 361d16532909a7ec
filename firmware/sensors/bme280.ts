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
 * sensor (`bmp280.ts`, which is this driver without humidity). A channel that was not measured is recognised by its setting and not by the count that it
 * then shows (0x80000, 0x8000), since real measurements pass through these counts.
 */
import { BLOCK_ONE_BYTES, BLOCK_TWO_BYTES, Bme280Calibration } from './bme280-calibration.ts';
import type { Quantity, RegisterBus, Sensor } from './sensor.ts';

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
const REGISTER = Object.freeze({
  blockOne: 0x88,
  id: 0xd0,
  reset: 0xe0,
  blockTwo: 0xe1,
  ctrlHum: 0xf2,
  ctrlMeas: 0xf4,
});
/** One read from ctrl_hum to the last data register, and where things are in it. */
const BURST = Object.freeze({
  ctrlHum: 0,
  status: 1,
  ctrlMeas: 2,
  pressure: 5,
  temperature: 8,
  humidity: 11,
  bytes: 13,
});
const STATUS_MEASURING = 0x08;
const STATUS_COPYING = 0x01;
const MODE_FORCED = 0x01;
/** Start-up takes 2 ms (table 1); one more, since the caller's clock ticks in milliseconds. */
const RESET_MS = 3;

/** Decimals: resolution is 0.01 °C; noise and accuracy allow 0.1 % and 0.1 hPa (tables 2 to 4). */
export const BME280_QUANTITIES: readonly Quantity[] = Object.freeze([
  Object.freeze({ name: 'temperature', unit: '°C', decimals: 2 }),
  Object.freeze({ name: 'humidity', unit: '%', decimals: 1 }),
  Object.freeze({ name: 'pressure', unit: 'hPa', decimals: 1 }),
]);

/** Chips that answer at the same addresses. */
const RELATIVES: readonly (readonly [number, string])[] = Object.freeze([
  Object.freeze([0x55, 'a BMP180, which has no humidity sensor'] as const),
  Object.freeze([0x60, 'a BME280'] as const),
  Object.freeze([0x61, 'a BME680 or BME688'] as const),
  Object.freeze([0x00, 'a bus held low'] as const),
  Object.freeze([0xff, 'a bus on which nothing answers'] as const),
]);

type Phase = 'unknown' | 'resetting' | 'idle' | 'measuring';

/** One BME280. Options outside their values throw a RangeError that names the option. */
export class Bme280 implements Sensor {
  readonly quantities = BME280_QUANTITIES;
  private readonly bus: RegisterBus;
  private readonly chip: Bosch280;
  private readonly calibration = new Bme280Calibration();
  private readonly blockOne = new Uint8Array(BLOCK_ONE_BYTES);
  private readonly blockTwo = new Uint8Array(BLOCK_TWO_BYTES);
  private readonly burst = new Uint8Array(BURST.bytes);
  private readonly ctrlHum: number;
  /** With the mode bits zero: asleep. */
  private readonly ctrlMeas: number;
  private readonly measureMs: number;
  private phase: Phase = 'unknown';
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
    const id = this.read(REGISTER.id);
    if (!isBosch280(this.chip, id)) this.fail(`expected a ${this.chip}, found ${nameOf(id)}`);
    if (this.phase !== 'unknown' && this.phase !== 'resetting') {
      if (this.read(REGISTER.ctrlMeas) === this.ctrlMeas) {
        this.measure();
        return this.measureMs;
      }
    }
    this.write(REGISTER.reset, RESET_WORD);
    this.phase = 'resetting';
    return RESET_MS;
  }

  /** @throws Error when the chip does not answer, lost its settings, or nothing was triggered. */
  collect(into: Float64Array): boolean {
    if (this.phase === 'resetting') return this.setUp();
    if (this.phase !== 'measuring') this.fail(`${this.chip}: collect without trigger`);
    const burst = this.burst;
    this.readBlock(REGISTER.ctrlHum, burst);
    const forgot =
      (this.ctrlHum !== 0 && (burst[BURST.ctrlHum] & 0x07) !== this.ctrlHum) ||
      (burst[BURST.ctrlMeas] & 0xfc) !== this.ctrlMeas;
    if (forgot) this.fail(`${this.chip} lost its settings during a measurement (power dip?)`);
    if ((burst[BURST.status] & STATUS_MEASURING) !== 0) return false;
    // Between the write to ctrl_meas and the first conversion the status bit is not set yet.
    if (burst[BURST.ctrlMeas] !== this.ctrlMeas) return false;
    this.phase = 'idle';
    this.compensate(into);
    return true;
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.phase = 'unknown';
    this.bus.close();
  }

  /** After the reset: waits for the chip's own memory, loads the coefficients, starts. */
  private setUp(): false {
    if ((this.read(REGISTER.ctrlHum + BURST.status) & STATUS_COPYING) !== 0) return false;
    this.readBlock(REGISTER.blockOne, this.blockOne);
    if (this.ctrlHum !== 0) this.readBlock(REGISTER.blockTwo, this.blockTwo);
    if (!this.calibration.load(this.blockOne, this.blockTwo)) {
      this.fail(`${this.chip} has no calibration data: damaged, or not a genuine chip`);
    }
    this.measure();
    return false;
  }

  /** ctrl_hum, 0 after the reset, counts only from the next write to ctrl_meas on (5.4.3). */
  private measure(): void {
    if (this.ctrlHum !== 0) this.write(REGISTER.ctrlHum, this.ctrlHum);
    this.write(REGISTER.ctrlMeas, this.ctrlMeas | MODE_FORCED);
    this.phase = 'measuring';
  }

  private compensate(into: Float64Array): void {
    const { burst, calibration } = this;
    const fine = calibration.fine(count20(burst, BURST.temperature));
    const rawH = (burst[BURST.humidity] << 8) | burst[BURST.humidity + 1];
    const rawP = count20(burst, BURST.pressure);
    into[0] = calibration.celsius(fine);
    into[1] = this.ctrlHum === 0 ? Number.NaN : calibration.percent(rawH, fine);
    const pressureOn = (this.ctrlMeas & 0x1c) !== 0;
    into[2] = pressureOn ? calibration.hectopascals(rawP, fine) : Number.NaN;
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
    this.phase = 'unknown';
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

function nameOf(id: number): string {
  if (isBosch280('BMP280', id)) return 'a BMP280, which has no humidity sensor';
  for (const [known, name] of RELATIVES) if (known === id) return name;
  return `an unknown chip (id 0x${id.toString(16).padStart(2, '0')})`;
}
