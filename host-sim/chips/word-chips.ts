/**
 * Two chips of TI with registers of 16 bits, highest byte first: INA219 (SBOS448G, section 8.6) and
 * TMP117 (SNOSD82D, section 8.6). The first byte of a write chooses the register; two more go there.
 */
import type { Curve, Surroundings } from './curves.ts';
import type { I2CChip } from './i2c-bus.ts';

const NEVER = Number.POSITIVE_INFINITY;

/** Whole, limited, and as 16 bits. */
function counts(value: number, most: number): number {
  return Math.min(most, Math.max(-most, Math.round(value))) & 0xffff;
}

function show(into: Uint8Array, value: number): true {
  into.fill(0xff);
  into.set([value >> 8, value & 0xff].slice(0, into.length));
  return true;
}

/** An INA219 at the shunt of a load. It is modelled for triggered conversions of both channels. */
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

/** A TMP117. It is modelled for one-shot conversions; in other modes it shows its last result. */
export class Tmp117Chip implements I2CChip {
  /** A conversion never ends. */
  isStuck = false;
  private readonly temperature: Curve;
  private pointer = 0;
  private configuration = 0x0220;
  private result = 0x8000;
  private isReady = false;
  private endsAt = NEVER;

  constructor(temperature: Curve) {
    this.temperature = temperature;
  }

  powerUp(): void {
    this.pointer = 0;
    this.configuration = 0x0220;
    this.result = 0x8000;
    this.isReady = false;
    this.endsAt = NEVER;
  }

  write(bytes: Uint8Array, now: number): boolean {
    this.pointer = bytes[0];
    if (bytes.length !== 3 || this.pointer !== 1) return true;
    this.configuration = ((bytes[1] << 8) | bytes[2]) & 0x0fe0;
    const samples = [1, 8, 32, 64][(this.configuration >> 5) & 3];
    this.endsAt = (this.configuration & 0x0c00) === 0x0c00 ? now + 17.5 * samples : NEVER;
    return true;
  }

  read(into: Uint8Array, now: number): boolean {
    if (now >= this.endsAt && !this.isStuck) {
      this.result = counts(this.temperature(this.endsAt) / 0.0078125, 32_767);
      this.endsAt = NEVER;
      this.isReady = true;
      // Shut down again.
      this.configuration = (this.configuration & ~0x0c00) | 0x0400;
    }
    const configuration = this.configuration | (this.isReady ? 0x2000 : 0);
    if (this.pointer < 2) this.isReady = false;
    const shown = [this.result, configuration][this.pointer];
    return show(into, this.pointer === 0x0f ? 0x0117 : (shown ?? 0));
  }
}
