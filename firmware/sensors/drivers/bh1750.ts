/**
 * Driver of the ROHM BH1750FVI: illuminance (data sheet 2011.11 rev. D).
 *
 * One measurement of high resolution per round; the chip powers itself down afterwards. It has no
 * checksum and no sign of being ready: `collect` must not come before the announced time. After a
 * power dip it reads as dark. What is too bright for it, more than 54 klx, is refused.
 */

import { Wire } from '../bus/wire.ts';
import type { I2CDevice, KnownSensor, Quantity, Sensor } from '../sensor.ts';

const POWER_ON = 0x01;
const ONE_TIME_HIGH_RESOLUTION = 0x20;
/** The longest measurement (electrical characteristics), and a tick of the caller's clock. */
const MEASURE_MS = 181;
/** Counts per lux (page 11). */
const COUNTS_PER_LUX = 1.2;

const QUANTITIES: readonly Quantity[] = Object.freeze([
  Object.freeze({ name: 'illuminance', kind: 'illuminance', unit: 'lx', decimals: 0 }),
]);

/** One BH1750. */
export class Bh1750 implements Sensor {
  readonly quantities = QUANTITIES;
  private readonly wire: Wire;
  private readonly command = new Uint8Array(1);
  private readonly reply = new Uint8Array(2);

  constructor(device: I2CDevice) {
    this.wire = new Wire('BH1750', device);
  }

  /** @throws Error when the chip does not answer. */
  trigger(): number {
    const { command, wire } = this;
    command[0] = POWER_ON;
    wire.send(command);
    command[0] = ONE_TIME_HIGH_RESOLUTION;
    wire.send(command);
    wire.isMeasuring = true;
    return MEASURE_MS;
  }

  /** @throws Error when the chip does not answer, or it is too bright. */
  collect(into: Float64Array): boolean {
    const { reply, wire } = this;
    wire.needsTrigger();
    wire.receive(reply);
    wire.isMeasuring = false;
    const count = (reply[0] << 8) | reply[1];
    if (count === 0xffff) wire.fail('too bright to measure, or the bus is open');
    into[0] = count / COUNTS_PER_LUX;
    return true;
  }

  close(): void {
    this.wire.close();
  }
}

/**
 * It has no identification and shows its last brightness. A port expander repeats one byte; but two
 * zeros are the dark.
 */
export const BH1750 = Object.freeze<KnownSensor>({
  name: 'bh1750',
  addresses: Object.freeze([0x23, 0x5c]),
  question: Object.freeze([]),
  answerBytes: 2,
  recognises: (answer) => answer[0] !== answer[1] || answer[0] === 0,
  isCertain: false,
  make: (device) => new Bh1750(device),
});
