/**
 * A simulated one-wire bus, time slot by time slot: every chip sees every slot, and the line is low
 * when anybody pulls it. Slots take no time.
 *
 * The line can be shorted, which no transfer survives; chips can be unplugged; and what is read can
 * be garbled on the way.
 */
import type { OneWireBus } from '../../firmware/sensors/sensor.ts';

export type Bit = 0 | 1;

/** A chip as the bus sees it. `now` in ms never goes back. */
export interface OneWireChip {
  /** @returns whether it answers with its presence */
  reset(now: number): boolean;
  /**
   * One time slot.
   * @param bit what the master sends; 1 to read
   * @returns 0 while the chip pulls the line low
   */
  slot(bit: Bit, now: number): Bit;
  /** Power comes back after a dip. */
  powerUp(now: number): void;
}

const SEARCH_ROM = 0xf0;
const ROM_BITS = 64;

/** The bus and its master. */
export class SimulatedOneWireBus {
  /** Resets so far. */
  resets = 0;
  /** Masters that were opened and not closed. */
  openMasters = 0;
  isShorted = false;
  /** Changes what was read, on its way. */
  garble: (bytes: Uint8Array) => void = () => {};
  readonly #now: () => number;
  readonly #chips: OneWireChip[] = [];
  readonly #absent = new Set<OneWireChip>();

  /** @param now the clock in ms */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Plugs a chip in, which powers up; a second time changes nothing. */
  plug(chip: OneWireChip): void {
    if (!this.#chips.includes(chip)) this.#chips.push(chip);
    else if (!this.#absent.delete(chip)) return;
    chip.powerUp(this.#now());
  }

  unplug(chip: OneWireChip): void {
    this.#absent.add(chip);
  }

  /** All chips lose power and get it back. */
  dipPower(): void {
    for (const chip of this.#chips) chip.powerUp(this.#now());
  }

  open(): OneWireBus {
    this.openMasters += 1;
    return {
      reset: () => this.#reset(),
      write: (from) => {
        for (const byte of from) this.#writeByte(byte);
      },
      read: (into) => {
        for (let i = 0; i < into.length; i += 1) into[i] = this.#readByte();
        this.garble(into);
      },
      search: () => this.#search(),
      close: () => {
        this.openMasters -= 1;
      },
    };
  }

  #present(): OneWireChip[] {
    return this.#chips.filter((chip) => !this.#absent.has(chip));
  }

  #reset(): boolean {
    this.resets += 1;
    const answers = this.#present().map((chip) => chip.reset(this.#now()));
    return !this.isShorted && answers.includes(true);
  }

  #slot(bit: Bit): Bit {
    if (this.isShorted) return 0;
    const levels = this.#present().map((chip) => chip.slot(bit, this.#now()));
    return levels.includes(0) ? 0 : bit;
  }

  #writeByte(byte: number): void {
    for (let i = 0; i < 8; i += 1) this.#slot(((byte >> i) & 1) as Bit);
  }

  #readByte(): number {
    let byte = 0;
    for (let i = 0; i < 8; i += 1) byte |= this.#slot(1) << i;
    return byte;
  }

  /** Each turn takes the way of the last code up to its last fork to the left, and there goes right. */
  #search(): Uint8Array[] {
    const found: Uint8Array[] = [];
    let way: Bit[] | undefined = [];
    while (way !== undefined && this.#reset()) {
      this.#writeByte(SEARCH_ROM);
      const bits: Bit[] = [];
      let fork = -1;
      while (bits.length < ROM_BITS) {
        const [one, complement] = [this.#slot(1), this.#slot(1)];
        if (one === 1 && complement === 1) return found;
        const isFork = one === complement;
        const bit: Bit = isFork ? (way[bits.length] ?? 0) : one;
        if (isFork && bit === 0) fork = bits.length;
        this.#slot(bit);
        bits.push(bit);
      }
      found.push(bytesOf(bits));
      way = fork < 0 ? undefined : [...bits.slice(0, fork), 1];
    }
    return found;
  }
}

function bytesOf(bits: readonly Bit[]): Uint8Array {
  const bytes = new Uint8Array(bits.length / 8);
  bits.forEach((bit, i) => {
    bytes[i >> 3] |= bit << (i & 7);
  });
  return bytes;
}
