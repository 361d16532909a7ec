/**
 * Driver of the TI TMP117: temperature (SNOSD82D).
 *
 * Each round triggers one conversion averaged over 8 samples; the chip sleeps in between. Its mode
 * tells a chip that lost power: that converts continuously.
 */

import { Wire } from '../bus/wire.ts';
import type { I2CDevice, KnownSensor, Quantity, Sensor } from '../sensor.ts';

const TEMPERATURE = 0;
const CONFIGURATION = 1;
const DEVICE_ID = 0x0f;
/** One shot, 8 samples (section 8.6.3). */
const ONE_SHOT = 0x0c20;
/** The mode is one shot while it converts, and shut down afterwards; both have this bit. */
const MODE_BIT = 0x0400;
const READY = 0x2000;
/** 8 times 17.5 ms at most (section 7.5), and a tick of the caller's clock. */
const MEASURE_MS = 141;
const DEGREES_PER_COUNT = 0.0078125;

const QUANTITIES: readonly Quantity[] = Object.freeze([
  Object.freeze({ name: 'temperature', kind: 'temperature', unit: '°C', decimals: 2 }),
]);

/** One TMP117. */
export class Tmp117 implements Sensor {
  readonly quantities = QUANTITIES;
  private readonly wire: Wire;
  private readonly start = new Uint8Array([CONFIGURATION, ONE_SHOT >> 8, ONE_SHOT & 0xff]);
  private readonly register = new Uint8Array(1);
  private readonly reply = new Uint8Array(2);

  constructor(device: I2CDevice) {
    this.wire = new Wire('TMP117', device);
  }

  /** @throws Error when the chip does not answer. */
  trigger(): number {
    this.wire.send(this.start);
    this.wire.isMeasuring = true;
    return MEASURE_MS;
  }

  /** @throws Error when the chip does not answer, lost power, or shows no temperature. */
  collect(into: Float64Array): boolean {
    const { wire } = this;
    wire.needsTrigger();
    const configuration = this.read(CONFIGURATION);
    if ((configuration & MODE_BIT) === 0) wire.fail('lost its settings (power dip?)');
    if ((configuration & READY) === 0) return false;
    const count = (this.read(TEMPERATURE) << 16) >> 16;
    wire.isMeasuring = false;
    into[0] = wire.within(count * DEGREES_PER_COUNT, -55, 150, 'temperature');
    return true;
  }

  close(): void {
    this.wire.close();
  }

  private read(register: number): number {
    const { reply } = this;
    this.register[0] = register;
    this.wire.readRegister(this.register, reply);
    return (reply[0] << 8) | reply[1];
  }
}

/** The identification; the upper four bits are the revision. */
export const TMP117 = Object.freeze<KnownSensor>({
  name: 'tmp117',
  addresses: Object.freeze([0x48, 0x49, 0x4a, 0x4b]),
  question: Object.freeze([DEVICE_ID]),
  answerBytes: 2,
  recognises: (answer) => (((answer[0] << 8) | answer[1]) & 0x0fff) === 0x117,
  isCertain: true,
  make: (device) => new Tmp117(device),
});
