/**
 * An MCP9808 (DS25095A, section 5.1): registers of 16 bits, highest byte first. The first byte of a
 * write chooses the register, with its lower four bits; two more go there. It converts by itself,
 * unless it is shut down, and shows 0 °C until the first conversion ends.
 */
import type { Curve } from './curves.ts';
import type { ChipModel, I2CChip } from './i2c-bus.ts';
import { show } from './words.ts';

const CONVERSION_MS = 250;
const SHUT_DOWN = 0x0100;

/** The chip. Its limits are as after power-up, 0 °C: what is warmer sets two of the alert's bits. */
export class Mcp9808Chip implements I2CChip {
  private readonly temperature: Curve;
  private pointer = 0;
  private configuration = 0;
  private result = 0;
  private since = 0;

  constructor(temperature: Curve) {
    this.temperature = temperature;
  }

  powerUp(now: number): void {
    this.pointer = 0;
    this.configuration = 0;
    this.result = 0;
    this.since = now;
  }

  write(bytes: Uint8Array, now: number): boolean {
    this.convert(now);
    this.pointer = bytes[0] & 0x0f;
    if (bytes.length !== 3 || this.pointer !== 1) return true;
    const next = ((bytes[1] << 8) | bytes[2]) & 0x07ff;
    if (((this.configuration | next) & SHUT_DOWN) !== 0) this.since = now;
    this.configuration = next;
    return true;
  }

  read(into: Uint8Array, now: number): boolean {
    this.convert(now);
    if (this.pointer === 8) return show(into, 0x03ff);
    const words: Record<number, number> = {
      1: this.configuration,
      5: this.result,
      6: 0x0054,
      7: 0x0400,
    };
    return show(into, words[this.pointer] ?? 0);
  }

  /** The last conversion that has ended by now. */
  private convert(now: number): void {
    if ((this.configuration & SHUT_DOWN) !== 0) return;
    const ended = Math.floor((now - this.since) / CONVERSION_MS);
    if (ended < 1) return;
    this.since += ended * CONVERSION_MS;
    const count = Math.max(-4096, Math.min(4095, Math.round(this.temperature(this.since) * 16)));
    // Not below the critical limit, and above the upper one; or below the lower one.
    const alert = count >= 0 ? 0x8000 | (count > 0 ? 0x4000 : 0) : 0x2000;
    this.result = alert | (count & 0x1fff);
  }
}

export const MCP9808_CHIP: ChipModel = {
  name: 'mcp9808',
  addresses: [0x18, 0x19, 0x1a, 0x1b, 0x1c, 0x1d, 0x1e, 0x1f],
  make: (around) => new Mcp9808Chip(around.temperature),
};
