/**
 * A BH1750FVI at command level (data sheet, instruction set): one-time measurements of high
 * resolution. It shows its last result until the next one is there, and zero after power-up.
 */
import type { Curve } from './curves.ts';
import type { ChipModel, I2CChip } from './i2c-bus.ts';

const MEASURE_MS = 180;

/** The chip. */
export class Bh1750Chip implements I2CChip {
  private readonly illuminance: Curve;
  private isOn = false;
  private count = 0;
  private startedAt = Number.POSITIVE_INFINITY;

  constructor(illuminance: Curve) {
    this.illuminance = illuminance;
  }

  powerUp(): void {
    this.isOn = false;
    this.count = 0;
    this.startedAt = Number.POSITIVE_INFINITY;
  }

  write(bytes: Uint8Array, now: number): boolean {
    this.settle(now);
    const [command] = bytes;
    if (command === 0x00) this.isOn = false;
    if (command === 0x01) this.isOn = true;
    if (command === 0x07 && this.isOn) this.count = 0;
    if (command === 0x20 && this.isOn) this.startedAt = now;
    return true;
  }

  read(into: Uint8Array, now: number): boolean {
    this.settle(now);
    into.fill(0xff);
    into.set([this.count >> 8, this.count & 0xff].slice(0, into.length));
    return true;
  }

  private settle(now: number): void {
    if (now < this.startedAt + MEASURE_MS) return;
    const count = Math.round(this.illuminance(this.startedAt) * 1.2);
    this.count = Math.min(0xffff, Math.max(0, count));
    this.startedAt = Number.POSITIVE_INFINITY;
    this.isOn = false;
  }
}

export const BH1750_CHIP: ChipModel = {
  name: 'bh1750',
  addresses: [0x23, 0x5c],
  make: (around) => new Bh1750Chip(around.illuminance),
};
