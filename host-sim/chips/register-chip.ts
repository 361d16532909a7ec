/** A chip with registers, as `Bme280Chip`, on the simulated bus. */
import type { RegisterBus } from '../../firmware/sensors/sensor.ts';
import type { I2CChip } from './i2c-bus.ts';

/** The first byte of a write chooses the register, and further ones go there. */
export class RegisterChip implements I2CChip {
  private readonly chip: RegisterBus & { powerUp(): void };
  private pointer = 0;

  constructor(chip: RegisterBus & { powerUp(): void }) {
    this.chip = chip;
  }

  write(bytes: Uint8Array): boolean {
    this.pointer = bytes[0];
    try {
      if (bytes.length > 1) this.chip.writeBuffer(this.pointer, bytes.subarray(1));
      return true;
    } catch {
      return false;
    }
  }

  read(into: Uint8Array): boolean {
    try {
      this.chip.readBuffer(this.pointer, into);
      return true;
    } catch {
      return false;
    }
  }

  powerUp(): void {
    this.pointer = 0;
    this.chip.powerUp();
  }
}
