/**
 * An AHT20 at command level (product manual, version A1, chapter 5).
 *
 * It answers at any time with its status and what it measured last, which after power-up is
 * nothing but zeros with a good checksum.
 */
import { checksum } from './checksum.ts';
import type { Weather } from './curves.ts';
import type { ChipModel, I2CChip } from './i2c-bus.ts';

const MEASURE_MS = 80;
const LOAD_MS = 10;
const START_UP_MS = 40;

/** The chip. */
export class Aht20Chip implements I2CChip {
  /** A measurement never ends. */
  isStuck = false;
  private readonly weather: Weather;
  private readonly loadsCalibration: boolean;
  private isCalibrated: boolean;
  private data = [0, 0, 0, 0, 0];
  private next = this.data;
  private upAt = 0;
  private busyUntil = 0;

  /** @param loadsCalibration by itself at power-up, as they leave the factory */
  constructor(weather: Weather, loadsCalibration = true) {
    this.weather = weather;
    this.loadsCalibration = loadsCalibration;
    this.isCalibrated = loadsCalibration;
  }

  powerUp(now: number): void {
    this.isCalibrated = this.loadsCalibration;
    this.data = this.next = [0, 0, 0, 0, 0];
    this.upAt = now + START_UP_MS;
    this.busyUntil = now;
  }

  write(bytes: Uint8Array, now: number): boolean {
    if (now < this.upAt) return false;
    const [command, one, two] = bytes;
    if (this.isBusy(now)) return true;
    if (command === 0xbe && one === 0x08 && two === 0x00) {
      this.isCalibrated = true;
      this.busyUntil = now + LOAD_MS;
    }
    if (command === 0xac && one === 0x33 && two === 0x00) {
      this.busyUntil = now + MEASURE_MS;
      this.next = this.counts(now);
    }
    return command === 0x71 || command === 0xbe || command === 0xac;
  }

  read(into: Uint8Array, now: number): boolean {
    if (now < this.upAt) return false;
    const isBusy = this.isBusy(now);
    if (!isBusy) this.data = this.next;
    const status = 0x10 | (isBusy ? 0x80 : 0) | (this.isCalibrated ? 0x08 : 0);
    const bytes = [status, ...this.data];
    into.fill(0xff);
    into.set([...bytes, checksum(bytes)].slice(0, into.length));
    return true;
  }

  private isBusy(now: number): boolean {
    return now < this.busyUntil || (this.isStuck && this.data !== this.next);
  }

  private counts(now: number): number[] {
    const h = twentyBits(this.weather.humidity(now) / 100);
    const t = twentyBits((this.weather.temperature(now) + 50) / 200);
    return [h >> 12, (h >> 4) & 0xff, ((h & 15) << 4) | (t >> 16), (t >> 8) & 0xff, t & 0xff];
  }
}

function twentyBits(part: number): number {
  return Math.min(0xfffff, Math.max(0, Math.round(part * 2 ** 20)));
}

export const AHT20_CHIP: ChipModel = {
  name: 'aht20',
  addresses: [0x38],
  make: (around) => new Aht20Chip(around),
};
