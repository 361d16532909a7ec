/**
 * A DS18B20 (data sheet 19-7487), DS1822 or DS18S20 at the level of time slots.
 *
 * After power-up it shows 85 °C until it has converted. Fed over the data line by a master that
 * does not help, its supply collapses when it converts, and it starts anew. A clone never changes
 * byte 6.
 */
import type { Curve } from './curves.ts';
import type { Bit, OneWireChip } from './one-wire-bus.ts';
import { OneWireTalk, oneWireChecksum } from './one-wire-talk.ts';

const DS18S20 = 0x10;
const CONVERT_T = 0x44;
const WRITE_SCRATCHPAD = 0x4e;
const READ_SCRATCHPAD = 0xbe;
const COPY_SCRATCHPAD = 0x48;
const RECALL = 0xb8;
const READ_POWER_SUPPLY = 0xb4;
const CONVERT_MS_MAX = 750;
const AFTER_POWER_UP = 0x0c;
const COUNT_PER_DEGREE = 0x10;

export interface Ds18b20Make {
  /** Fed over the data line. */
  readonly isParasite?: boolean;
  readonly isClone?: boolean;
  /** 9 to 12 bits, as the EEPROM has it; a DS18S20 has no choice. */
  readonly bits?: number;
}

/** The chip. */
export class Ds18b20Chip implements OneWireChip {
  readonly rom: Uint8Array;
  conversions = 0;
  readonly #temperature: Curve;
  readonly #isParasite: boolean;
  readonly #isClone: boolean;
  readonly #talk: OneWireTalk;
  /** TH, TL and, in a DS18B20, the configuration. */
  #eeprom: number[];
  #scratchpad: number[] = [];
  #convertedAt = Number.NaN;
  #now = 0;

  constructor(rom: Uint8Array, temperature: Curve, make: Ds18b20Make = {}) {
    this.rom = rom;
    this.#temperature = temperature;
    this.#isParasite = make.isParasite === true;
    this.#isClone = make.isClone === true;
    this.#eeprom = [0x4b, 0x46, this.#isS ? 0xff : configurationOf(make.bits ?? 12)];
    this.#talk = new OneWireTalk(rom, { command: (code) => this.#command(code) });
    this.powerUp(0);
  }

  /** Bits that the resolution leaves out. */
  get #unused(): number {
    return this.#isS ? 0 : 3 - ((this.#scratchpad[4] >> 5) & 3);
  }

  get #isS(): boolean {
    return this.rom[0] === DS18S20;
  }

  powerUp(now: number): void {
    this.#now = now;
    this.#convertedAt = Number.NaN;
    const [low, high] = this.#isS ? [0xaa, 0x00] : [0x50, 0x05];
    this.#scratchpad = [low, high, ...this.#eeprom, 0xff, AFTER_POWER_UP, COUNT_PER_DEGREE];
    // It takes part again from the next reset on.
    this.#talk.silence();
  }

  reset(now: number): boolean {
    this.#passTo(now);
    this.#talk.reset();
    return true;
  }

  slot(bit: Bit, now: number): Bit {
    this.#passTo(now);
    return this.#talk.slot(bit);
  }

  #passTo(now: number): void {
    this.#now = now;
    if (!(now >= this.#convertedAt)) return;
    const sixteenths = Math.round(16 * this.#temperature(this.#convertedAt));
    this.#convertedAt = Number.NaN;
    this.conversions += 1;
    if (this.#isS) this.#showHalves(sixteenths);
    else this.#showSixteenths(sixteenths);
  }

  #showSixteenths(sixteenths: number): void {
    const count = Math.min(125 * 16, Math.max(-55 * 16, sixteenths));
    // What the resolution leaves out is not defined: here it is ones.
    this.#showCount(count | (2 ** this.#unused - 1));
    if (!this.#isClone) this.#scratchpad[6] = COUNT_PER_DEGREE - (count & 0x0f);
  }

  /** Whole degrees lie a quarter above where the count begins. */
  #showHalves(sixteenths: number): void {
    const whole = Math.floor((sixteenths + 4) / COUNT_PER_DEGREE);
    this.#showCount(Math.round(sixteenths / 8));
    this.#scratchpad[6] = COUNT_PER_DEGREE * whole + 12 - sixteenths;
  }

  #showCount(count: number): void {
    this.#scratchpad[0] = count & 0xff;
    this.#scratchpad[1] = (count >> 8) & 0xff;
  }

  #command(code: number): void {
    const talk = this.#talk;
    if (code === CONVERT_T) this.#convert();
    if (code === READ_SCRATCHPAD) {
      talk.send([...this.#scratchpad, oneWireChecksum(this.#scratchpad)]);
    }
    if (code === WRITE_SCRATCHPAD) talk.receive(this.#isS ? 2 : 3, (bytes) => this.#write(bytes));
    if (code === COPY_SCRATCHPAD) this.#eeprom = this.#scratchpad.slice(2, 5);
    if (code === RECALL) this.#scratchpad.splice(2, 3, ...this.#eeprom);
    if (code === READ_POWER_SUPPLY && this.#isParasite) talk.send([0x00]);
  }

  #write([high, low, configuration]: readonly number[]): void {
    this.#scratchpad[2] = high;
    this.#scratchpad[3] = low;
    if (configuration !== undefined) this.#scratchpad[4] = (configuration & 0x60) | 0x1f;
  }

  #convert(): void {
    if (this.#isParasite) this.powerUp(this.#now);
    else this.#convertedAt = this.#now + CONVERT_MS_MAX / 2 ** this.#unused;
  }
}

function configurationOf(bits: number): number {
  return ((bits - 9) << 5) | 0x1f;
}
