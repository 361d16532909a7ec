/**
 * A TMP102 (SBOS397I, sections 6.4 and 6.5): the first byte of a write chooses one of four
 * registers, and what follows is stored byte by byte. It converts by itself from power-up on; shut
 * down, it ends the conversion under way, and then converts when it is asked to. It shows its last
 * result, and 0 °C before the first one.
 */
import type { Curve } from './curves.ts';
import type { ChipModel, I2CChip } from './i2c-bus.ts';
import { counts, show } from './words.ts';

const CONVERSION_MS = 35;
/** By the two bits of the conversion rate. */
const PERIODS_MS = [4000, 1000, 250, 125];

/** The chip. Its limits are as after power-up, 75 and 80 °C. */
export class Tmp102Chip implements I2CChip {
  private readonly temperature: Curve;
  private pointer = 0;
  /** Without what is only read: one-shot, resolution, alert. */
  private upper = 0;
  private lower = 0x80;
  private result = 0;
  private isHot = false;
  /** Of the conversion that is under way, or comes next. */
  private startsAt = 0;

  constructor(temperature: Curve) {
    this.temperature = temperature;
  }

  powerUp(now: number): void {
    this.pointer = 0;
    this.upper = 0;
    this.lower = 0x80;
    this.result = 0;
    this.isHot = false;
    this.startsAt = now;
  }

  write(bytes: Uint8Array, now: number): boolean {
    this.convert(now);
    this.pointer = bytes[0] & 0x03;
    if (this.pointer !== 1 || bytes.length < 2) return true;
    const wasShutDown = this.isShutDown;
    this.upper = bytes[1] & 0x1f;
    if (bytes.length > 2) this.lower = bytes[2] & 0xd0;
    const isIdle = this.startsAt > now;
    if (this.isShutDown && isIdle) {
      const isAsked = wasShutDown && (bytes[1] & 0x80) !== 0;
      this.startsAt = isAsked ? now : Number.POSITIVE_INFINITY;
    } else if (wasShutDown && isIdle) {
      this.startsAt = now;
    }
    return true;
  }

  read(into: Uint8Array, now: number): boolean {
    this.convert(now);
    return show(into, [this.result, this.configuration(now), 0x4b00, 0x5000][this.pointer]);
  }

  private get isShutDown(): boolean {
    return (this.upper & 0x01) !== 0;
  }

  private configuration(now: number): number {
    const isReady = this.isShutDown && this.startsAt > now;
    const isPositive = (this.upper & 0x04) !== 0;
    const upper = (isReady ? 0x80 : 0) | 0x60 | this.upper;
    return (upper << 8) | this.lower | (this.isHot === isPositive ? 0x20 : 0);
  }

  /** The last conversion that has ended by now. */
  private convert(now: number): void {
    const since = now - this.startsAt - CONVERSION_MS;
    if (since < 0) return;
    const period = PERIODS_MS[this.lower >> 6];
    const last = this.startsAt + (this.isShutDown ? 0 : Math.floor(since / period) * period);
    this.startsAt = this.isShutDown ? Number.POSITIVE_INFINITY : last + period;
    const celsius = this.temperature(last);
    const isExtended = (this.lower & 0x10) !== 0;
    this.result = isExtended
      ? ((counts(celsius * 16, 4095) << 3) | 1) & 0xffff
      : (counts(celsius * 16, 2047) << 4) & 0xffff;
    this.isHot = celsius >= (this.isHot ? 75 : 80);
  }
}

export const TMP102_CHIP: ChipModel = {
  name: 'tmp102',
  addresses: [0x48, 0x49, 0x4a, 0x4b],
  make: (around) => new Tmp102Chip(around.temperature),
};
