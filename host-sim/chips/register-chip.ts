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
    return acknowledged(() => {
      if (bytes.length > 1) this.chip.writeBuffer(this.pointer, bytes.subarray(1));
    });
  }

  read(into: Uint8Array): boolean {
    return acknowledged(() => this.chip.readBuffer(this.pointer, into));
  }

  powerUp(): void {
    this.pointer = 0;
    this.chip.powerUp();
  }
}

function acknowledged(transfer: () => void): boolean {
  try {
    transfer();
    return true;
  } catch {
    return false;
  }
}
