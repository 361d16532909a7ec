/**
 * A one-wire bus as its sensors share it: opened at its first use and anew after a failure, one
 * conversion for all of them in each round, and the checksum of everything that is read.
 */
import type { OneWireBus } from '../sensor.ts';

const SKIP_ROM = 0xcc;
const CONVERT_T = 0x44;

/** The bus of one pin. */
export class OneWireLine {
  /** The number of the last conversion. */
  private turn = 0;
  /** Why the bus has failed since; empty when it has not. */
  private problem = '';
  private readonly open: () => OneWireBus;
  private readonly convertAll = new Uint8Array([SKIP_ROM, CONVERT_T]);
  private bus: OneWireBus | undefined;

  /** @param open throws one plain sentence when the pin cannot be opened */
  constructor(open: () => OneWireBus) {
    this.open = open;
  }

  /**
   * Has all sensors convert, unless the one that asks had no part in the last conversion yet.
   * @param turn of its last one
   * @returns the turn that it has part in now; whether that has begun, `check` tells
   */
  convert(turn: number): number {
    if (turn === this.turn) {
      this.turn += 1;
      this.problem = '';
      try {
        this.exchange(this.convertAll);
      } catch {}
    }
    return this.turn;
  }

  /** @throws Error when the bus has failed since the last conversion was asked for */
  check(): void {
    if (this.problem !== '') throw new Error(this.problem);
  }

  /**
   * Resets the bus, sends, and reads if there is something to read into. After a failure all fail
   * until the next turn: a line that is shorted takes the platform a second each time.
   * @throws Error when nothing answers the reset, and what the bus throws
   */
  exchange(from: Uint8Array, into?: Uint8Array): void {
    this.check();
    try {
      this.bus ??= this.open();
      if (!this.bus.reset()) throw new Error('nothing answers on the one-wire bus');
      this.bus.write(from);
      if (into !== undefined) this.bus.read(into);
    } catch (error) {
      this.close();
      this.problem = (error instanceof Error && error.message) || 'the one-wire bus has failed';
      this.check();
    }
  }

  /** The ROM codes of one of `families` that are found. @throws what the bus throws */
  search(families: readonly number[]): Uint8Array[] {
    try {
      this.bus ??= this.open();
      return this.bus.search().filter((rom) => isWhole(rom) && families.includes(rom[0]));
    } finally {
      this.close();
    }
  }

  close(): void {
    const { bus } = this;
    this.bus = undefined;
    bus?.close();
  }
}

/** Whether the last byte is the CRC-8 of those before: x⁸ + x⁵ + x⁴ + 1, lowest bit first. */
export function isWhole(bytes: Uint8Array): boolean {
  let crc = 0;
  for (let i = 0; i < bytes.length; i += 1) {
    crc ^= bytes[i];
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >> 1) ^ (crc & 1 ? 0x8c : 0);
  }
  // With its own remainder behind it, a text has the remainder 0.
  return crc === 0;
}
