/**
 * A chip on an I2C bus as a set of registers, as SMBus and most chips have it: a transfer begins
 * with the number of the register. A read follows its number with a repeated start.
 *
 * The adapter holds no state between transfers and allocates only in its constructor.
 */
import type { I2CDevice, RegisterBus } from '../sensor.ts';

/** The longest `writeBuffer`. */
const WRITE_BYTES_MAX = 32;

class Registers implements RegisterBus {
  private readonly device: I2CDevice;
  private readonly out = new Uint8Array(1 + WRITE_BYTES_MAX);
  /** Views of `out`, since a transfer is as long as its buffer. */
  private readonly number = this.out.subarray(0, 1);
  private readonly pair = this.out.subarray(0, 2);
  private readonly one = new Uint8Array(1);

  constructor(device: I2CDevice) {
    this.device = device;
  }

  readUint8(register: number): number {
    this.readBuffer(register, this.one);
    return this.one[0];
  }

  readBuffer(register: number, into: Uint8Array): void {
    this.out[0] = register;
    this.device.write(this.number, false);
    this.device.read(into);
  }

  writeUint8(register: number, value: number): void {
    this.out[0] = register;
    this.out[1] = value;
    this.device.write(this.pair);
  }

  writeBuffer(register: number, from: Uint8Array): void {
    if (from.length > WRITE_BYTES_MAX) throw new RangeError('too many bytes for one write');
    this.out[0] = register;
    this.out.set(from, 1);
    this.device.write(this.out.subarray(0, 1 + from.length));
  }

  close(): void {
    this.device.close();
  }
}

/** The registers of `device`. Closing them closes the device. */
export function registers(device: I2CDevice): RegisterBus {
  return new Registers(device);
}
