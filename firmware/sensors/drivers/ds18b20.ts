/**
 * DS18B20 (data sheet 19-7487), DS1822 and DS18S20: thermometers on a one-wire bus, with a supply of
 * their own. On power from the data line they only show what they show after power-up, 85 °C. That
 * is refused: where a DS18B20 has really measured it, its byte 6 tells. The same byte of a DS18S20,
 * and of some clones, does not, so that these never give 85 °C.
 */
import { isWhole, type OneWireLine } from '../bus/one-wire.ts';
import type { Quantity, Sensor } from '../sensor.ts';

const DS18S20 = 0x10;
/** The first byte of the ROM codes that this driver understands. */
export const FAMILIES: readonly number[] = Object.freeze([0x28, 0x22, DS18S20]);

/** 12 bits take 750 ms, and the command goes out some time after the round has begun. */
const CONVERT_MS = 800;
/** How often a result is read until it is whole. */
const TRIES_MAX = 3;
const MATCH_ROM = 0x55;
const READ_SCRATCHPAD = 0xbe;
const ROM_BYTES = 8;
const POWER_UP_CELSIUS = 85;
const POWER_UP_BYTE_6 = 0x0c;

const QUANTITIES: readonly Quantity[] = Object.freeze([
  Object.freeze({ name: 'temperature', kind: 'temperature', unit: '°C', decimals: 2 }),
]);

/** One sensor on its bus. */
export class Ds18b20 implements Sensor {
  readonly quantities = QUANTITIES;
  private readonly line: OneWireLine;
  private readonly isNamed: boolean;
  /** The command to read, with the ROM code in it. */
  private readonly request = new Uint8Array(ROM_BYTES + 2);
  private readonly scratchpad = new Uint8Array(9);
  private isFound: boolean;
  /** The conversion that it had part in last. */
  private turn = 0;
  private triesLeft = 0;

  /** @param rom undefined: the first that is found, looked for anew after each failure */
  constructor(line: OneWireLine, rom?: Uint8Array) {
    this.line = line;
    this.isNamed = this.isFound = rom !== undefined;
    this.request[0] = MATCH_ROM;
    this.request[ROM_BYTES + 1] = READ_SCRATCHPAD;
    if (rom !== undefined) this.request.set(rom, 1);
  }

  /** @throws Error when nothing answers on the bus, and what the bus throws */
  trigger(): number {
    this.triesLeft = 0;
    this.turn = this.line.convert(this.turn);
    this.line.check();
    if (!this.isFound) this.find();
    this.triesLeft = TRIES_MAX;
    return CONVERT_MS;
  }

  /** @throws Error when the sensor does not answer, did not convert, or is out of its range */
  collect(into: Float64Array): boolean {
    const { scratchpad } = this;
    const triesLeft = this.triesLeft - 1;
    if (triesLeft < 0) throw new Error('DS18B20: collect without trigger');
    this.isFound = this.isNamed;
    this.triesLeft = 0;
    this.line.exchange(this.request, scratchpad);
    // A bus that was low reads zeros, whose checksum is right; byte 4 never is zero.
    if (isWhole(scratchpad) && scratchpad[4] !== 0)
      into[0] = celsiusOf(scratchpad, this.request[1]);
    else if (triesLeft === 0) throw new Error(`DS18B20: ${reasonOf(scratchpad)}`);
    else this.triesLeft = triesLeft;
    this.isFound = true;
    return this.triesLeft === 0;
  }

  close(): void {
    this.triesLeft = 0;
    this.line.close();
  }

  private find(): void {
    const [rom] = this.line.search(FAMILIES);
    if (rom === undefined) throw new Error('DS18B20: not found on the bus');
    this.request.set(rom, 1);
    this.isFound = true;
  }
}

function reasonOf(scratchpad: Uint8Array): string {
  return scratchpad.every((byte) => byte === 0xff) ? 'does not answer' : 'wrong checksum';
}

/** @throws Error for a value that was not measured, or cannot have been */
function celsiusOf(scratchpad: Uint8Array, family: number): number {
  const count = ((scratchpad[1] << 24) >> 16) | scratchpad[0];
  const byte6 = scratchpad[6];
  // With less resolution the lowest bits mean nothing.
  let celsius = (count & ~(7 >> ((scratchpad[4] >> 5) & 3))) / 16;
  if (family === DS18S20) {
    // Whole degrees, and how far the count to the next one has come.
    const perDegree = scratchpad[7];
    celsius = (count >> 1) - 0.25 + (perDegree - byte6) / perDegree;
  }
  if (celsius === POWER_UP_CELSIUS && byte6 === POWER_UP_BYTE_6) {
    throw new Error('DS18B20: did not convert, is its supply connected?');
  }
  if (celsius >= -55 && celsius <= 125) return celsius;
  throw new Error('DS18B20: temperature is outside its range');
}
