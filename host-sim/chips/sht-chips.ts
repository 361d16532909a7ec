/**
 * An SHT4x (data sheet version 6, chapter 4) and an SHT3x (version 7, chapter 4) at command level.
 *
 * Both measure in the longest time, and acknowledge neither a read nor a command meanwhile. An
 * answer can be read once. What a careless driver could start counts: the SHT4x's heater.
 */
import { wordsWithChecksums } from './checksum.ts';
import type { Weather } from './curves.ts';
import type { ChipModel, I2CChip } from './i2c-bus.ts';

const COMMAND_MS = 1;

/** What a chip that is asked by commands has ready, and when. */
class Answer {
  /** Never ready again. */
  isStuck = false;
  private bytes: Uint8Array | undefined;
  private readyAt = 0;

  isBusy(now: number): boolean {
    return now < this.readyAt || (this.isStuck && this.bytes !== undefined);
  }

  prepare(bytes: Uint8Array | undefined, readyAt: number): true {
    this.bytes = bytes;
    this.readyAt = readyAt;
    return true;
  }

  read(into: Uint8Array, now: number): boolean {
    if (this.isBusy(now) || this.bytes === undefined) return false;
    into.fill(0xff);
    into.set(this.bytes.subarray(0, into.length));
    this.bytes = undefined;
    return true;
  }
}

const HEATER = [0x39, 0x32, 0x2f, 0x24, 0x1e, 0x15];

/** An SHT4x. */
export class Sht4xChip implements I2CChip {
  /** How often the heater was started. */
  heaterStarts = 0;
  readonly answer = new Answer();
  private readonly weather: Weather;

  constructor(weather: Weather) {
    this.weather = weather;
  }

  powerUp(now: number): void {
    this.answer.prepare(undefined, now + 1);
  }

  write(bytes: Uint8Array, now: number): boolean {
    if (this.answer.isBusy(now)) return false;
    const [command] = bytes;
    if (HEATER.includes(command)) {
      this.heaterStarts += 1;
      return this.answer.prepare(undefined, now + 110);
    }
    if (command === 0xfd) {
      const t = ((this.weather.temperature(now) + 45) / 175) * 65535;
      const h = ((this.weather.humidity(now) + 6) / 125) * 65535;
      return this.answer.prepare(wordsWithChecksums(t, h), now + 8.3);
    }
    if (command === 0x89) {
      return this.answer.prepare(wordsWithChecksums(0x0f3a, 0x21c7), now + COMMAND_MS);
    }
    if (command === 0x94) return this.answer.prepare(undefined, now + COMMAND_MS);
    return false;
  }

  read(into: Uint8Array, now: number): boolean {
    return this.answer.read(into, now);
  }
}

/** An SHT3x. */
export class Sht3xChip implements I2CChip {
  readonly answer = new Answer();
  private readonly weather: Weather;

  constructor(weather: Weather) {
    this.weather = weather;
  }

  powerUp(now: number): void {
    this.answer.prepare(undefined, now + 1);
  }

  write(bytes: Uint8Array, now: number): boolean {
    if (this.answer.isBusy(now)) return false;
    // Half a command is acknowledged and forgotten.
    if (bytes.length < 2) return true;
    const command = (bytes[0] << 8) | bytes[1];
    if (command === 0x2400) {
      const t = ((this.weather.temperature(now) + 45) / 175) * 65535;
      const h = (this.weather.humidity(now) / 100) * 65535;
      return this.answer.prepare(wordsWithChecksums(t, h), now + 15.5);
    }
    if (command === 0xf32d) {
      return this.answer.prepare(wordsWithChecksums(0x8010), now + COMMAND_MS);
    }
    if (command === 0x30a2) return this.answer.prepare(undefined, now + 1.5);
    return false;
  }

  read(into: Uint8Array, now: number): boolean {
    return this.answer.read(into, now);
  }
}

export const SHT4X_CHIP: ChipModel = {
  name: 'sht4x',
  addresses: [0x44, 0x45, 0x46],
  make: (around) => new Sht4xChip(around),
};

export const SHT3X_CHIP: ChipModel = {
  name: 'sht3x',
  addresses: [0x44, 0x45],
  make: (around) => new Sht3xChip(around),
};
