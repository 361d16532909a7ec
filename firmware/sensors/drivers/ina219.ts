/**
 * Driver of the TI INA219: voltage, current and power (SBOS448G).
 *
 * Each round triggers one conversion of both channels, averaged over 16 samples; the chip sleeps in
 * between. The current is computed from the voltage across the shunt, so that the chip needs no
 * calibration register. A configuration that changed means that the chip lost power.
 */

import { Wire } from '../bus/wire.ts';
import type { I2CDevice, KnownSensor, Quantity, Sensor } from '../sensor.ts';

const CONFIGURATION = 0;
const SHUNT = 1;
const BUS = 2;
/** 32 V, ±320 mV, 16 samples each, both channels once (section 8.6.2.1). */
const MEASURE_ONCE = 0x3e63;
const AFTER_RESET = 0x399f;
/** Twice 8.51 ms (table 5), a tenth for the oscillator, and a tick of the caller's clock. */
const MEASURE_MS = 20;
const BUS_READY = 0x02;
const VOLT_PER_COUNT = 0.004;
const SHUNT_VOLT_PER_COUNT = 0.00001;
/** ±320 mV: at the end of the range the converter clips. */
const SHUNT_COUNTS_MAX = 31_999;
const SHUNT_OHM = 0.1;

/** Decimals: 4 mV, and 0.1 mA with the usual shunt. */
const QUANTITIES: readonly Quantity[] = Object.freeze([
  Object.freeze({ name: 'voltage', kind: 'voltage', unit: 'V', decimals: 3 }),
  Object.freeze({ name: 'current', kind: 'current', unit: 'A', decimals: 4 }),
  Object.freeze({ name: 'power', kind: 'power', unit: 'W', decimals: 3 }),
]);

/** One INA219. */
export class Ina219 implements Sensor {
  readonly quantities = QUANTITIES;
  private readonly wire: Wire;
  private readonly shuntOhm: number;
  private readonly start = new Uint8Array([CONFIGURATION, MEASURE_ONCE >> 8, MEASURE_ONCE & 0xff]);
  private readonly register = new Uint8Array(1);
  private readonly reply = new Uint8Array(2);

  /** @param shuntOhm above 0; 0.1 on the usual boards */
  constructor(device: I2CDevice, shuntOhm = SHUNT_OHM) {
    if (!(shuntOhm > 0)) throw new RangeError('INA219: the shunt must be above 0 ohm');
    this.wire = new Wire('INA219', device);
    this.shuntOhm = shuntOhm;
  }

  /** @throws Error when the chip does not answer. */
  trigger(): number {
    this.wire.send(this.start);
    this.wire.isMeasuring = true;
    return MEASURE_MS;
  }

  /** @throws Error when the chip does not answer, lost power, or the current is too high. */
  collect(into: Float64Array): boolean {
    const { wire } = this;
    wire.needsTrigger();
    if (this.read(CONFIGURATION) !== MEASURE_ONCE) {
      wire.fail('lost its settings (power dip?)');
    }
    const bus = this.read(BUS);
    if ((bus & BUS_READY) === 0) return false;
    const shunt = (this.read(SHUNT) << 16) >> 16;
    wire.isMeasuring = false;
    if (Math.abs(shunt) > SHUNT_COUNTS_MAX) wire.fail('the current is beyond its range');
    const volt = (bus >> 3) * VOLT_PER_COUNT;
    const ampere = (shunt * SHUNT_VOLT_PER_COUNT) / this.shuntOhm;
    into[0] = volt;
    into[1] = ampere;
    into[2] = volt * ampere;
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

/** Its configuration is as after power-up, or as the driver leaves it. */
export const INA219 = Object.freeze<KnownSensor>({
  name: 'ina219',
  addresses: Object.freeze(Array.from({ length: 16 }, (_, i) => 0x40 + i)),
  question: Object.freeze([CONFIGURATION]),
  answerBytes: 2,
  recognises: (answer) => {
    const configuration = (answer[0] << 8) | answer[1];
    return configuration === AFTER_RESET || configuration === MEASURE_ONCE;
  },
  isCertain: false,
  make: (device) => new Ina219(device),
});
