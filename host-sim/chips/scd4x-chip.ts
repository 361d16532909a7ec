/**
 * An SCD40 or SCD41 at command level (data sheet SCD4x, version 1.4).
 *
 * While it measures periodically it acknowledges only what the data sheet allows then; during a
 * single shot, after a stop and while it starts up it acknowledges nothing. A measurement can be
 * read once. An SCD40 has no single shot.
 */
import { wordsWithChecksums } from './checksum.ts';
import type { Surroundings } from './curves.ts';
import type { ChipModel, I2CChip } from './i2c-bus.ts';

const START_UP_MS = 30;
const COMMAND_MS = 1;
const PERIODIC_ALLOWED = [0xec05, 0xe4b8, 0x3f86, 0xe000];

/** The chip. */
export class Scd4xChip implements I2CChip {
  /** Nothing is ever ready again. */
  isStuck = false;
  private readonly surroundings: Surroundings;
  private readonly hasSingleShot: boolean;
  private busyUntil = 0;
  /** 0 while it does not measure periodically. */
  private periodMs = 0;
  private startedAt = 0;
  private ticksRead = 0;
  /** When the last single shot was ready, not read yet. */
  private shotAt = Number.NaN;
  private answer: Uint8Array | undefined;

  constructor(surroundings: Surroundings, hasSingleShot = true) {
    this.surroundings = surroundings;
    this.hasSingleShot = hasSingleShot;
  }

  /** Milliseconds between measurements; 0 for none. */
  get period(): number {
    return this.periodMs;
  }

  powerUp(now: number): void {
    this.busyUntil = now + START_UP_MS;
    this.periodMs = 0;
    this.shotAt = Number.NaN;
    this.answer = undefined;
  }

  write(bytes: Uint8Array, now: number): boolean {
    if (now < this.busyUntil || bytes.length < 2) return false;
    const command = (bytes[0] << 8) | bytes[1];
    if (this.periodMs > 0 && !PERIODIC_ALLOWED.includes(command)) return false;
    this.answer = undefined;
    if (!this.obey(command, now)) return false;
    this.busyUntil = Math.max(this.busyUntil, now + COMMAND_MS);
    return true;
  }

  private obey(command: number, now: number): boolean {
    switch (command) {
      case 0x21b1:
        return this.start(5000, now);
      case 0x21ac:
        return this.start(30_000, now);
      case 0x219d:
        if (!this.hasSingleShot) return false;
        this.shotAt = this.busyUntil = now + 5000;
        return true;
      case 0x3f86:
        this.periodMs = 0;
        this.busyUntil = now + 500;
        return true;
      case 0xe4b8:
        this.answer = wordsWithChecksums(this.isReady(now) ? 0x8006 : 0x8000);
        return true;
      case 0xec05:
        if (this.isReady(now)) this.answer = this.measurement(now);
        return true;
      default:
        return false;
    }
  }

  read(into: Uint8Array, now: number): boolean {
    if (now < this.busyUntil || this.answer === undefined) return false;
    into.fill(0xff);
    into.set(this.answer.subarray(0, into.length));
    this.answer = undefined;
    return true;
  }

  private start(periodMs: number, now: number): true {
    this.periodMs = periodMs;
    this.startedAt = now;
    this.ticksRead = 0;
    return true;
  }

  private ticks(now: number): number {
    return Math.floor((now - this.startedAt) / this.periodMs);
  }

  private isReady(now: number): boolean {
    if (this.isStuck) return false;
    return this.periodMs > 0 ? this.ticks(now) > this.ticksRead : now >= this.shotAt;
  }

  private measurement(now: number): Uint8Array {
    const { surroundings } = this;
    let at = this.shotAt;
    if (this.periodMs > 0) {
      this.ticksRead = this.ticks(now);
      at = this.startedAt + this.ticksRead * this.periodMs;
    }
    this.shotAt = Number.NaN;
    const t = ((surroundings.temperature(at) + 45) / 175) * 65535;
    const h = (surroundings.humidity(at) / 100) * 65535;
    return wordsWithChecksums(surroundings.co2(at), t, h);
  }
}

export const SCD4X_CHIP: ChipModel = {
  name: 'scd4x',
  addresses: [0x62],
  make: (around) => new Scd4xChip(around),
};
