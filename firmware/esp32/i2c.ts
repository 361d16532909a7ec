/**
 * The I2C bus as drivers see it (`sensors/sensor.ts`). The platform sends a repeated start only
 * within one call, so a write without stop waits for the read that follows it.
 */

import I2C from 'embedded:implementation/i2csync';
import type { I2CBus, I2CDevice, RegisterBus } from '../sensors/sensor.ts';

const HZ = 100_000;

export class BoardI2CBus implements I2CBus {
  private readonly data: number;
  private readonly clock: number;

  constructor(data: number, clock: number) {
    this.data = data;
    this.clock = clock;
  }

  open(address: number): I2CDevice {
    const { data, clock } = this;
    return new BoardI2CDevice(new I2C({ data, clock, hz: HZ, address }));
  }

  /** A chip with registers of 8 bits. */
  registers(address: number): RegisterBus {
    const { data, clock } = this;
    return new BoardRegisters(new I2C({ data, clock, hz: HZ, address }));
  }
}

class BoardI2CDevice implements I2CDevice {
  private readonly io: I2C;
  private held: Uint8Array | undefined;

  constructor(io: I2C) {
    this.io = io;
  }

  write(from: Uint8Array, stop = true): void {
    if (stop) this.io.write(from);
    else this.held = from;
  }

  read(into: Uint8Array): void {
    const { held } = this;
    this.held = undefined;
    if (held === undefined) this.io.read(into);
    else this.io.writeRead(held, into);
  }

  close(): void {
    this.io.close();
  }
}

class BoardRegisters implements RegisterBus {
  private readonly io: I2C;
  private readonly byte = new Uint8Array(1);
  private readonly pair = new Uint8Array(2);

  constructor(io: I2C) {
    this.io = io;
  }

  readUint8(register: number): number {
    this.readBuffer(register, this.pair.subarray(0, 1));
    return this.pair[0];
  }

  writeUint8(register: number, value: number): void {
    this.pair[0] = register;
    this.pair[1] = value;
    this.io.write(this.pair);
  }

  readBuffer(register: number, into: Uint8Array): void {
    this.byte[0] = register;
    this.io.writeRead(this.byte, into);
  }

  writeBuffer(register: number, from: Uint8Array): void {
    const bytes = new Uint8Array(1 + from.length);
    bytes[0] = register;
    bytes.set(from, 1);
    this.io.write(bytes);
  }

  close(): void {
    this.io.close();
  }
}
