/**
 * A TMP117 (SNOSD82D, section 8.6): registers of 16 bits, highest byte first. The first byte of a
 * write chooses the register; two more go there.
 */
import type { Curve } from './curves.ts';
import type { ChipModel, I2CChip } from './i2c-bus.ts';
import { counts, show } from './words.ts';

const NEVER = Number.POSITIVE_INFINITY;

/** It is modelled for one-shot conversions; in other modes it shows its last result. */
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

export const TMP117_CHIP: ChipModel = {
  name: 'tmp117',
  addresses: [0x48, 0x49, 0x4a, 0x4b],
  make: (around) => new Tmp117Chip(around.temperature),
};
