/**
 * A simulated I2C bus with chips on it, as fast as 100 kHz allows: each transfer takes its time, so
 * that chips which need a millisecond between two transfers get it from a caller who retries, even
 * while the clock stands still.
 *
 * The bus can be held low, which no transfer survives. A chip can be unplugged, and its answers can
 * be garbled on the way, one bit in each.
 */
import type { I2CBus, I2CDevice } from '../../firmware/sensors/sensor.ts';
import type { Surroundings } from './curves.ts';

/** A chip as the bus sees it. `now` in ms never goes back. */
export interface I2CChip {
  /** @returns whether all bytes were acknowledged */
  write(bytes: Uint8Array, now: number): boolean;
  /** Fills `into`. @returns whether the address was acknowledged */
  read(into: Uint8Array, now: number): boolean;
  /** Power comes back after a dip. */
  powerUp(now: number): void;
}

/** A kind of chip that simulated boards can have. Each file of a chip exports its own. */
export interface ChipModel {
  /** What the firmware calls it. */
  readonly name: string;
  /** As its data sheet has them; in the order in which chips of this kind are put there. */
  readonly addresses: readonly number[];
  /** @param bus what it is put on, whose `time` is the chip's clock */
  readonly make: (around: Surroundings, bus: SimulatedI2CBus) => I2CChip;
}

export type WireFault = 'absent' | 'garbled';

/**
 * Thrown for each transfer that nobody acknowledges: buses are searched at every boot, and an Error
 * that is made anew costs more than the transfer, for its stack.
 */
export const NO_ACKNOWLEDGE: Error = Object.freeze(new Error('no acknowledge'));
/** Nine clocks per byte. */
const BYTE_MS = 9 / 100;

/** The bus. */
export class SimulatedI2CBus implements I2CBus {
  /** How many transfers there were, acknowledged or not. */
  transfers = 0;
  /** Devices that were opened and not closed. */
  openDevices = 0;
  isHeldLow = false;
  private readonly chips = new Map<number, I2CChip>();
  private readonly faults = new Map<number, WireFault>();
  private readonly now: () => number;
  private busyUntil = Number.NEGATIVE_INFINITY;

  /** @param now the clock in ms */
  constructor(now: () => number) {
    this.now = now;
  }

  /** When the transfer under way happens: never before the clock. */
  get time(): number {
    return Math.max(this.now(), this.busyUntil);
  }

  has(address: number): boolean {
    return this.chips.has(address);
  }

  /** @throws Error when the address is taken. */
  attach(address: number, chip: I2CChip): void {
    if (this.has(address)) throw new Error(`address 0x${address.toString(16)} is taken`);
    this.chips.set(address, chip);
  }

  /** Breaks or, without a fault, repairs the chip at `address`. A plugged-in one powers up. */
  setFault(address: number, fault?: WireFault): void {
    const wasAbsent = this.faults.get(address) === 'absent';
    if (fault === undefined) this.faults.delete(address);
    else this.faults.set(address, fault);
    if (wasAbsent && fault !== 'absent') this.chips.get(address)?.powerUp(this.time);
  }

  /** All chips lose power and get it back. */
  dipPower(): void {
    for (const chip of this.chips.values()) chip.powerUp(this.time);
  }

  open(address: number): I2CDevice {
    this.openDevices += 1;
    return {
      write: (from) => {
        const chip = this.transfer(address, from.length);
        if (chip?.write(from, this.time) !== true) throw NO_ACKNOWLEDGE;
      },
      read: (into) => {
        const chip = this.transfer(address, into.length);
        if (chip?.read(into, this.time) !== true) throw NO_ACKNOWLEDGE;
        if (this.faults.get(address) === 'garbled') into[into.length - 1] ^= 0x04;
      },
      close: () => {
        this.openDevices -= 1;
      },
    };
  }

  private transfer(address: number, bytes: number): I2CChip | undefined {
    this.transfers += 1;
    const chip = this.faults.get(address) === 'absent' ? undefined : this.chips.get(address);
    this.busyUntil = this.time + (1 + (chip === undefined ? 0 : bytes)) * BYTE_MS;
    if (this.isHeldLow) throw new Error('the bus is held low');
    return chip;
  }
}
