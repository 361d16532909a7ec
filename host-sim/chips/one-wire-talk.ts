/**
 * What every one-wire chip does before its own commands: it answers a reset, and finds out whether
 * it is meant, by its ROM code or by a search (data sheet 19-7487, "ROM commands").
 *
 * The checksum is worked out as the data sheet draws it, a shift register with feedback; it shares
 * nothing with the firmware's.
 */
import type { Bit } from './one-wire-bus.ts';

const READ_ROM = 0x33;
const MATCH_ROM = 0x55;
const SKIP_ROM = 0xcc;
const SEARCH_ROM = 0xf0;

/** The chip's own part. */
export interface OneWireFunctions {
  /** The chip is meant, and this is the command. */
  command(code: number, talk: OneWireTalk): void;
}

/** The checksum of some bytes: x⁸ + x⁵ + x⁴ + 1, lowest bit first, zeros at the start. */
export function oneWireChecksum(bytes: Iterable<number>): number {
  const stages = [0, 0, 0, 0, 0, 0, 0, 0];
  for (const byte of bytes) {
    for (let bit = 0; bit < 8; bit += 1) {
      const feedback = stages[7] ^ ((byte >> bit) & 1);
      stages.pop();
      stages.unshift(feedback);
      stages[4] ^= feedback;
      stages[5] ^= feedback;
    }
  }
  return stages.reduce((sum, stage, i) => sum + stage * 2 ** (7 - i), 0);
}

/** A ROM code. @param serial 48 bits */
export function romCode(family: number, serial: number): Uint8Array {
  const bytes = [family];
  for (let i = 0; i < 6; i += 1) bytes.push(Math.floor(serial / 256 ** i) % 256);
  return new Uint8Array([...bytes, oneWireChecksum(bytes)]);
}

export class OneWireTalk {
  readonly #rom: readonly Bit[];
  readonly #functions: OneWireFunctions;
  /** What goes out in the next slots. */
  #sending: Bit[] = [];
  #heard: Bit[] = [];
  #expected = 0;
  #then: (bits: readonly Bit[]) => void = () => {};

  constructor(rom: Uint8Array, functions: OneWireFunctions) {
    this.#rom = bitsOf(rom);
    this.#functions = functions;
  }

  /** Takes no part until the next reset. */
  silence(): void {
    this.#sending = [];
    this.#expected = 0;
  }

  reset(): void {
    this.#sending = [];
    this.receive(1, ([code]) => this.#romCommand(code));
  }

  slot(bit: Bit): Bit {
    const sent = this.#sending.shift();
    if (sent !== undefined) return sent;
    if (this.#expected === 0) return 1;
    this.#heard.push(bit);
    if (this.#heard.length === this.#expected) {
      this.#expected = 0;
      this.#then(this.#heard);
    }
    return 1;
  }

  /** Answers the next slots with these bytes, and is silent then. */
  send(bytes: Iterable<number>): void {
    this.#sending = bitsOf(bytes);
  }

  /** Takes this many bytes. */
  receive(count: number, then: (bytes: readonly number[]) => void): void {
    this.#listen(count * 8, (bits) => {
      const bytes = Array.from({ length: count }, (_, i) =>
        bits.slice(8 * i, 8 * i + 8).reduce<number>((sum, bit, at) => sum + bit * 2 ** at, 0),
      );
      then(bytes);
    });
  }

  #listen(bits: number, then: (bits: readonly Bit[]) => void): void {
    this.#heard = [];
    this.#expected = bits;
    this.#then = then;
  }

  #romCommand(code: number): void {
    if (code === SKIP_ROM) this.#meant();
    else if (code === SEARCH_ROM) this.#search(0);
    else if (code === READ_ROM) this.#sending = [...this.#rom];
    else if (code === MATCH_ROM) {
      this.#listen(this.#rom.length, (bits) => {
        if (bits.every((bit, i) => bit === this.#rom[i])) this.#meant();
      });
    }
  }

  /** Sends a bit and its complement, and stays while the master goes its way. */
  #search(at: number): void {
    if (at === this.#rom.length) {
      this.#meant();
      return;
    }
    const own = this.#rom[at];
    this.#sending = [own, own === 1 ? 0 : 1];
    this.#listen(1, ([bit]) => {
      if (bit === own) this.#search(at + 1);
    });
  }

  #meant(): void {
    this.receive(1, ([code]) => this.#functions.command(code, this));
  }
}

function bitsOf(bytes: Iterable<number>): Bit[] {
  return Array.from(bytes).flatMap((byte) =>
    Array.from({ length: 8 }, (_, i) => ((byte >> i) & 1) as Bit),
  );
}
