/**
 * The I2C bus as drivers see it (`sensors/sensor.ts`). The platform sends a repeated start only
 * within one call, so a write without stop waits for the read that follows it.
 */

import I2C from 'embedded:implementation/i2csync';
import type { I2CBus, I2CDevice } from '../sensors/sensor.ts';

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
