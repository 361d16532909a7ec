/**
 * A BME280 at register level, as the firmware's bus sees it (BST-BME280-DS002, chapter 5).
 *
 * It measures given curves in forced mode, in the data sheet's longest time, and shows the counts
 * that a chip with its coefficients would count. What a careless driver could get wrong goes wrong
 * here too: coefficients are blank until the chip has copied them after a reset, ctrl_hum counts
 * only from the next write to ctrl_meas on, data registers change together when a measurement ends,
 * a write of several bytes is a list of register and value pairs. Normal mode is refused: nothing
 * in the firmware uses it. Without its humidity it is a BMP280.
 */
import type { RegisterBus } from '../../firmware/sensors/sensor.ts';
import {
  type Bme280Coefficients,
  coefficientBytes,
  countHumidity,
  countPressure,
  countTemperature,
  fineOf,
  TYPICAL,
} from './bme280-physics.ts';
import type { Weather } from './curves.ts';
import { type ChipModel, NO_ACKNOWLEDGE } from './i2c-bus.ts';
import { RegisterChip } from './register-chip.ts';

/** What a chip of the family is sold as. */
export type Bosch280Model = 'BME280' | 'BMP280';

/** Not there at all; never finishing a measurement; answering as a BMP280. */
export type ChipFault = 'absent' | 'stuck' | 'wrong id';

const CHIP_ID = 0x60;
const OTHER_ID = 0x58;
const RESET_WORD = 0xb6;
const NVM_MS = 2;
const ID = 0xd0;
const RESET = 0xe0;
const CTRL_HUM = 0xf2;
const STATUS = 0xf3;
const CTRL_MEAS = 0xf4;
const CONFIG = 0xf5;
const DATA = 0xf7;
const MEASURING = 0x08;
const COPYING = 0x01;
const SKIPPED_20 = 0x80000;
const SKIPPED_16 = 0x8000;

/** The chip. `now` gives milliseconds; the weather's curves are asked with the same time. */
export class Bme280Chip implements RegisterBus {
  /** How many transfers there were, for tests. */
  transfers = 0;
  private readonly registers = new Uint8Array(256);
  private readonly weather: Weather;
  private readonly now: () => number;
  private readonly coefficients: Bme280Coefficients;
  private readonly model: Bosch280Model;
  private fault: ChipFault | undefined;
  private copiedAt = 0;
  /** When the running measurement started and ends; Infinity while asleep. */
  private startedAt = 0;
  private endsAt = Number.POSITIVE_INFINITY;
  /** The humidity's oversampling that is in force. */
  private latchedHum = 0;

  constructor(
    weather: Weather,
    now: () => number,
    coefficients: Bme280Coefficients = TYPICAL,
    model: Bosch280Model = 'BME280',
  ) {
    this.weather = weather;
    this.now = now;
    this.coefficients = coefficients;
    this.model = model;
    this.powerUp();
  }

  /** Power comes back after a dip: everything but the coefficients is forgotten. */
  powerUp(): void {
    this.registers.fill(0);
    this.registers[ID] = this.model === 'BME280' ? CHIP_ID : OTHER_ID;
    // Reserved in a BMP280: nobody may rely on what it reads.
    if (this.model === 'BMP280') this.registers[CTRL_HUM] = 0x05;
    this.latchedHum = 0;
    this.endsAt = Number.POSITIVE_INFINITY;
    this.copiedAt = this.now() + NVM_MS;
    this.show(SKIPPED_20, SKIPPED_20, SKIPPED_16);
  }

  /** Breaks or, without an argument, repairs the chip. One that was absent powers up anew. */
  setFault(fault?: ChipFault): void {
    if (this.fault === 'absent' && fault !== 'absent') this.powerUp();
    this.fault = fault;
  }

  readUint8(register: number): number {
    this.transfer();
    return this.at(register);
  }

  readBuffer(register: number, into: Uint8Array): void {
    this.transfer();
    for (let i = 0; i < into.length; i += 1) into[i] = this.at((register + i) & 0xff);
  }

  writeUint8(register: number, value: number): void {
    this.transfer();
    this.store(register, value & 0xff);
  }

  writeBuffer(register: number, from: Uint8Array): void {
    this.transfer();
    this.store(register, from[0]);
    for (let i = 1; i + 1 < from.length; i += 2) this.store(from[i], from[i + 1]);
  }

  close(): void {}

  private transfer(): void {
    if (this.fault === 'absent') throw NO_ACKNOWLEDGE;
    this.transfers += 1;
    const now = this.now();
    if (now >= this.endsAt && this.fault !== 'stuck') this.finish();
    if (now >= this.copiedAt && this.registers[0x88] === 0 && this.registers[0x89] === 0) {
      const { one, two } = coefficientBytes(this.coefficients);
      this.registers.set(one, 0x88);
      if (this.model === 'BME280') this.registers.set(two, 0xe1);
    }
  }

  private at(register: number): number {
    if (register === ID && this.fault === 'wrong id') return OTHER_ID;
    if (register !== STATUS) return this.registers[register];
    const measuring = this.endsAt < Number.POSITIVE_INFINITY ? MEASURING : 0;
    return measuring | (this.now() < this.copiedAt ? COPYING : 0);
  }

  private store(register: number, value: number): void {
    if (register === RESET && value === RESET_WORD) this.powerUp();
    if (register === CTRL_HUM && this.model === 'BME280') this.registers[CTRL_HUM] = value & 0x07;
    if (register === CONFIG) this.registers[CONFIG] = value;
    if (register !== CTRL_MEAS) return;
    if ((value & 3) === 3) throw new Error('this model of a BME280 has no normal mode');
    this.registers[CTRL_MEAS] = value;
    this.latchedHum = this.model === 'BME280' ? this.registers[CTRL_HUM] : 0;
    if ((value & 3) !== 0 && this.endsAt === Number.POSITIVE_INFINITY) this.start();
  }

  /** The time is the data sheet's maximum (section 9.1). */
  private start(): void {
    const ctrl = this.registers[CTRL_MEAS];
    const t = 2.3 * timesOf(ctrl >> 5);
    const p = 2.3 * timesOf(ctrl >> 2);
    const h = 2.3 * timesOf(this.latchedHum);
    this.startedAt = this.now();
    this.endsAt = this.startedAt + 1.25 + t + (p && p + 0.575) + (h && h + 0.575);
  }

  private finish(): void {
    const ctrl = this.registers[CTRL_MEAS];
    const { coefficients, weather, startedAt } = this;
    const codeT = (ctrl >> 5) & 7;
    const codeP = (ctrl >> 2) & 7;
    this.endsAt = Number.POSITIVE_INFINITY;
    this.registers[CTRL_MEAS] = ctrl & 0xfc;
    const inner = countTemperature(coefficients, weather.temperature(startedAt));
    const t = codeT === 0 ? SKIPPED_20 : coarse(inner, codeT);
    const fine = fineOf(coefficients, t);
    const p = countPressure(coefficients, weather.pressure(startedAt), fine);
    const h = countHumidity(coefficients, weather.humidity(startedAt), fine);
    this.show(
      codeP === 0 ? SKIPPED_20 : coarse(p, codeP),
      t,
      this.latchedHum === 0 ? SKIPPED_16 : limit(Math.round(h), 0xffff),
    );
  }

  private show(p: number, t: number, h: number): void {
    this.show20(p, DATA);
    this.show20(t, DATA + 3);
    this.registers[DATA + 6] = h >> 8;
    this.registers[DATA + 7] = h;
  }

  /** A count of 20 bits. */
  private show20(count: number, at: number): void {
    this.registers[at] = count >> 12;
    this.registers[at + 1] = count >> 4;
    this.registers[at + 2] = count << 4;
  }
}

/** How many conversions an oversampling code stands for. */
function timesOf(code: number): number {
  return (code & 7) === 0 ? 0 : 2 ** (Math.min(5, code & 7) - 1);
}

/** Without the filter one conversion has 16 bits, and each doubling adds one, up to 20. */
function coarse(count: number, code: number): number {
  const step = 2 ** (5 - Math.min(5, code));
  return limit(Math.round(count / step) * step, 0x100000 - step);
}

function limit(count: number, most: number): number {
  return Math.min(most, Math.max(0, count));
}

export const BME280_CHIP: ChipModel = {
  name: 'bme280',
  addresses: [0x76, 0x77],
  make: (around, bus) => new RegisterChip(new Bme280Chip(around, () => bus.time)),
};

export const BMP280_CHIP: ChipModel = {
  name: 'bmp280',
  addresses: [0x76, 0x77],
  make: (around, bus) =>
    new RegisterChip(new Bme280Chip(around, () => bus.time, TYPICAL, 'BMP280')),
};
