/**
 * An HTU21D and its relatives at command level (data sheet HPC199_3, "I²C communication protocol"), with the
 * commands that do not stretch the clock: those that do would hold the bus up and are refused here.
 *
 * It acknowledges nothing while it measures or starts up, nor a read for which nothing was asked.
 */
import { checksum } from './checksum.ts';
import type { Weather } from './curves.ts';
import type { ChipModel, I2CChip } from './i2c-bus.ts';

const START_UP_MS = 15;

/** What the relatives differ in: the longest measurements, and the register after power-up. */
export interface Htu21dKind {
  readonly temperatureMs: number;
  readonly humidityMs: number;
  readonly userRegister: number;
}

const HTU21D: Htu21dKind = { temperatureMs: 50, humidityMs: 16, userRegister: 0x02 };

/** The chip. */
export class Htu21dChip implements I2CChip {
  /** A measurement never ends. */
  isStuck = false;
  private readonly weather: Weather;
  private readonly kind: Htu21dKind;
  private userRegister: number;
  private answer: readonly number[] | undefined;
  private busyUntil = 0;

  constructor(weather: Weather, kind = HTU21D) {
    this.weather = weather;
    this.kind = kind;
    this.userRegister = kind.userRegister;
  }

  powerUp(now: number): void {
    this.userRegister = this.kind.userRegister;
    this.answer = undefined;
    this.busyUntil = now + START_UP_MS;
  }

  write(bytes: Uint8Array, now: number): boolean {
    if (this.isBusy(now)) return false;
    const { humidityMs, temperatureMs } = this.kind;
    this.answer = undefined;
    switch (bytes[0]) {
      case 0xf3:
        return this.measure(
          (this.weather.temperature(now) + 46.85) / 175.72,
          0,
          now + temperatureMs,
        );
      case 0xf5:
        return this.measure((this.weather.humidity(now) + 6) / 125, 0x02, now + humidityMs);
      case 0xe6:
        // The reserved bits keep what they are.
        if (bytes.length > 1) this.userRegister = (this.userRegister & 0x38) | (bytes[1] & 0x87);
        return true;
      case 0xe7:
        this.answer = [this.userRegister];
        return true;
      case 0xfe:
        this.powerUp(now);
        return true;
      default:
        return false;
    }
  }

  read(into: Uint8Array, now: number): boolean {
    if (this.isBusy(now) || this.answer === undefined) return false;
    into.fill(0xff);
    into.set(this.answer.slice(0, into.length));
    this.answer = undefined;
    return true;
  }

  private isBusy(now: number): boolean {
    return now < this.busyUntil || (this.isStuck && this.answer !== undefined);
  }

  /** @param part of the full scale. @param status the last two bits */
  private measure(part: number, status: number, readyAt: number): true {
    const count = Math.min(0x3fff, Math.max(0, Math.round(part * 0x4000)));
    const word = [count >> 6, ((count << 2) & 0xff) | status];
    this.answer = [...word, checksum(word, 0)];
    this.busyUntil = readyAt;
    return true;
  }
}

export const HTU21D_CHIP: ChipModel = {
  name: 'htu21d',
  addresses: [0x40],
  make: (around) => new Htu21dChip(around),
};
