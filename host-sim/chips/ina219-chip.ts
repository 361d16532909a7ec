/**
 * An INA219 at the shunt of a load (SBOS448G, section 8.6): registers of 16 bits, highest byte first.
 * The first byte of a write chooses the register; two more go there.
 */
import type { Surroundings } from './curves.ts';
import type { ChipModel, I2CChip } from './i2c-bus.ts';
import { counts, show } from './words.ts';

const NEVER = Number.POSITIVE_INFINITY;

/** It is modelled for triggered conversions of both channels. */
export class Ina219Chip implements I2CChip {
  /** A conversion never ends. */
  isStuck = false;
  private readonly surroundings: Surroundings;
  private readonly shuntOhm: number;
  private pointer = 0;
  private configuration = 0x399f;
  private shunt = 0;
  private bus = 0;
  private isReady = false;
  private endsAt = NEVER;

  constructor(surroundings: Surroundings, shuntOhm = 0.1) {
    this.surroundings = surroundings;
    this.shuntOhm = shuntOhm;
  }

  powerUp(): void {
    this.pointer = 0;
    this.configuration = 0x399f;
    this.shunt = this.bus = 0;
    this.isReady = false;
    this.endsAt = NEVER;
  }

  write(bytes: Uint8Array, now: number): boolean {
    this.pointer = bytes[0];
    if (bytes.length !== 3 || this.pointer !== 0) return true;
    this.configuration = (bytes[1] << 8) | bytes[2];
    this.isReady = false;
    const [busMs, shuntMs] = [this.configuration >> 7, this.configuration >> 3].map(conversionMs);
    this.endsAt = (this.configuration & 7) === 3 ? now + busMs + shuntMs : NEVER;
    return true;
  }

  read(into: Uint8Array, now: number): boolean {
    if (now >= this.endsAt && !this.isStuck) {
      const at = this.endsAt;
      this.endsAt = NEVER;
      this.isReady = true;
      this.shunt = counts((this.surroundings.current(at) * this.shuntOhm) / 0.00001, 32_000);
      this.bus = counts(Math.max(0, this.surroundings.voltage(at)) / 0.004, 8000);
    }
    const bus = (this.bus << 3) | (this.isReady ? 2 : 0);
    return show(into, [this.configuration, this.shunt, bus][this.pointer] ?? 0);
  }
}

/** A setting of a converter: 9 to 12 bits, or 12 bits and an average of 2 to 128 samples. */
function conversionMs(setting: number): number {
  const code = setting & 15;
  const micros = code < 8 ? [84, 148, 276, 532][code & 3] : 532 * 2 ** (code - 8);
  return micros / 1000;
}

export const INA219_CHIP: ChipModel = {
  name: 'ina219',
  addresses: Array.from({ length: 16 }, (_, i) => 0x40 + i),
  make: (around) => new Ina219Chip(around),
};
