/**
 * What drivers of I2C chips share: transfers whose failure reads as one sentence with the chip's
 * name in it, and the note whether the chip's set-up is in force.
 *
 * Some chips do not acknowledge while they are busy, which looks like a chip that is gone. `offer`
 * and `poll` tell them apart by patience: the first few refusals mean busy.
 */
import type { I2CDevice } from '../sensor.ts';

/** Refusals in a row that still mean busy; the sampler asks again after 5 ms. */
const REFUSALS_MAX = 5;

/** One chip on its bus. */
export class Wire {
  /** The set-up is in force; any failure ends that. */
  isSetUp = false;
  /** A measurement was asked for and not yet fetched. */
  isMeasuring = false;
  private readonly name: string;
  private readonly device: I2CDevice;
  private refusals = 0;

  /** @param name the chip's, as its maker writes it */
  constructor(name: string, device: I2CDevice) {
    this.name = name;
    this.device = device;
  }

  /** @throws Error when the chip does not acknowledge. */
  send(bytes: Uint8Array): void {
    try {
      this.device.write(bytes);
      this.refusals = 0;
    } catch (error) {
      this.silent(error);
    }
  }

  /** Reads the register that `register` names. @throws Error when the chip does not acknowledge. */
  readRegister(register: Uint8Array, into: Uint8Array): void {
    try {
      this.device.write(register, false);
      this.device.read(into);
    } catch (error) {
      this.silent(error);
    }
  }

  /** Reads. @throws Error when the chip does not acknowledge. */
  receive(into: Uint8Array): void {
    try {
      this.device.read(into);
    } catch (error) {
      this.silent(error);
    }
  }

  /**
   * Sends to a chip that may be busy.
   * @returns false when it refused and may still be busy.
   * @throws Error after several refusals in a row.
   */
  offer(bytes: Uint8Array): boolean {
    try {
      this.device.write(bytes);
    } catch (error) {
      return this.refused(error);
    }
    this.refusals = 0;
    return true;
  }

  /** Reads from a chip that may be busy; the rest as `offer`. */
  poll(into: Uint8Array): boolean {
    try {
      this.device.read(into);
    } catch (error) {
      return this.refused(error);
    }
    this.refusals = 0;
    return true;
  }

  /** @throws Error unless `trigger` asked for a measurement. */
  needsTrigger(): void {
    if (!this.isMeasuring) this.fail('collect without trigger');
  }

  /** @throws Error naming the quantity, unless `value` is within what the chip can measure. */
  within(value: number, least: number, most: number, quantity: string): number {
    if (value >= least && value <= most) return value;
    return this.reject(`${quantity} ${value.toFixed(1)} is outside its range`);
  }

  /** Throws `<name>: <what>`; the chip is to be set up anew. */
  fail(what: string): never {
    this.isSetUp = false;
    return this.reject(what);
  }

  /** As `fail`, of a value from a chip whose set-up is not in doubt. */
  reject(what: string): never {
    this.isMeasuring = false;
    this.refusals = 0;
    throw new Error(`${this.name}: ${what}`);
  }

  close(): void {
    this.isSetUp = false;
    this.isMeasuring = false;
    this.device.close();
  }

  private refused(error: unknown): false {
    this.refusals += 1;
    if (this.refusals > REFUSALS_MAX) this.silent(error);
    return false;
  }

  private silent(error: unknown): never {
    const reason = error instanceof Error ? error.message : 'no reason given';
    return this.fail(`does not answer on the bus (${reason})`);
  }
}
