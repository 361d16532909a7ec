/**
 * Driver of the TI TMP102: temperature (SBOS397I).
 *
 * Each round shuts the chip down and asks for one conversion. Its mode tells a chip that lost power:
 * that converts continuously, and shows 0 °C before the first conversion.
 */

import { Wire } from '../bus/wire.ts';
import type { I2CDevice, KnownSensor, Quantity, Sensor } from '../sensor.ts';

const TEMPERATURE = 0;
const CONFIGURATION = 1;
/** As after power-up (section 6.5.3): 12 bits, comparator, four conversions a second. */
const AFTER_POWER_UP = 0x6080;
const SHUT_DOWN = 0x0100;
/** Starts a conversion of a chip that is shut down; reads as 0 until it ends (section 6.4.4). */
const ONE_SHOT = 0x8000;
/** All but the one-shot bit and that of the alert, which follows the temperature. */
const SETTINGS = 0x7fdf;
/** The longest conversion (section 5.5), and a tick of the caller's clock. */
const MEASURE_MS = 36;
/** They read as 0 (section 6.5.2). */
const UNUSED_BITS = 0x000f;
const DEGREES_PER_COUNT = 0.0625;

/** Decimals: resolution is 0.0625 °C. */
const QUANTITIES: readonly Quantity[] = Object.freeze([
  Object.freeze({ name: 'temperature', kind: 'temperature', unit: '°C', decimals: 2 }),
]);

/** One TMP102. */
export class Tmp102 implements Sensor {
  readonly quantities = QUANTITIES;
  private readonly wire: Wire;
  private readonly command = new Uint8Array(3);
  private readonly register = new Uint8Array(1);
  private readonly reply = new Uint8Array(2);

  constructor(device: I2CDevice) {
    this.wire = new Wire('TMP102', device);
  }

  /** @throws Error when the chip does not answer. */
  trigger(): number {
    this.configure(AFTER_POWER_UP | SHUT_DOWN);
    this.configure(AFTER_POWER_UP | SHUT_DOWN | ONE_SHOT);
    this.wire.isMeasuring = true;
    return MEASURE_MS;
  }

  /** @throws Error when the chip does not answer, lost power, or shows no temperature. */
  collect(into: Float64Array): boolean {
    const { wire } = this;
    wire.needsTrigger();
    const configuration = this.read(CONFIGURATION);
    if ((configuration & SETTINGS) !== (AFTER_POWER_UP | SHUT_DOWN)) {
      wire.fail('lost its settings (power dip?)');
    }
    if ((configuration & ONE_SHOT) === 0) return false;
    const word = this.read(TEMPERATURE);
    wire.isMeasuring = false;
    if ((word & UNUSED_BITS) !== 0) wire.fail('shows no temperature');
    const count = (word << 16) >> 20;
    into[0] = wire.within(count * DEGREES_PER_COUNT, -40, 125, 'temperature');
    return true;
  }

  close(): void {
    this.wire.close();
  }

  private configure(configuration: number): void {
    const { command } = this;
    command[0] = CONFIGURATION;
    command[1] = configuration >> 8;
    command[2] = configuration & 0xff;
    this.wire.send(command);
  }

  private read(register: number): number {
    const { reply } = this;
    this.register[0] = register;
    this.wire.readRegister(this.register, reply);
    return (reply[0] << 8) | reply[1];
  }
}

/** Its configuration is as after power-up, or as the driver leaves it; its relatives have it too. */
export const TMP102 = Object.freeze<KnownSensor>({
  name: 'tmp102',
  addresses: Object.freeze([0x48, 0x49, 0x4a, 0x4b]),
  question: Object.freeze([CONFIGURATION]),
  answerBytes: 2,
  recognises: (answer) => {
    const settings = ((answer[0] << 8) | answer[1]) & SETTINGS;
    return settings === AFTER_POWER_UP || settings === (AFTER_POWER_UP | SHUT_DOWN);
  },
  isCertain: false,
  make: (device) => new Tmp102(device),
});
