/**
 * Driver of the TE HTU21D (also HTU20D, Si7021, SHT20, SHT21, SHT25): temperature and humidity (data
 * sheet HPC199_3 of October 2013; SHT20, version 3; Si7021-A20, revision 1.1).
 *
 * A round measures twice, temperature first. The commands without clock stretching are used: the chip
 * acknowledges no read until it is done, and holds up no other chip. It keeps no settings of ours.
 */

import { Wire } from '../bus/wire.ts';
import type { I2CDevice, KnownSensor, Quantity, Sensor } from '../sensor.ts';
import { crc8 } from './sensirion.ts';

const MEASURE_TEMPERATURE = 0xf3;
const MEASURE_HUMIDITY = 0xf5;
const READ_USER_REGISTER = 0xe7;
/** 85 ms, the longest of all these chips (SHT20, table 7), and a tick of the caller's clock. */
const TEMPERATURE_MS = 86;
/** The checksum starts with zeros here (Si7021-A20, section 5.1). */
const CHECKSUM_START = 0;
/** The last two bits are a status ("Conversion of signal outputs"). */
const COUNT_BITS = 0xfffc;
const FULL_SCALE = 2 ** 16;
/**
 * The user register after power-up, bit 6 of which tells a low supply: its reserved bits are zeros in
 * the data sheet, and ones in a Si7021 and in some HTU21Ds.
 */
const USER_REGISTERS: readonly number[] = Object.freeze([0x02, 0x3a]);
const LOW_SUPPLY = 0x40;

/** Decimals: resolution is 0.01 °C and 0.04 % ("Sensor performance"). */
const QUANTITIES: readonly Quantity[] = Object.freeze([
  Object.freeze({ name: 'temperature', kind: 'temperature', unit: '°C', decimals: 2 }),
  Object.freeze({ name: 'humidity', kind: 'humidity', unit: '%', decimals: 1 }),
]);

/** One HTU21D. */
export class Htu21d implements Sensor {
  readonly quantities = QUANTITIES;
  private readonly wire: Wire;
  private readonly command = new Uint8Array(1);
  private readonly reply = new Uint8Array(3);
  private hasTemperature = false;
  private celsius = 0;

  constructor(device: I2CDevice) {
    this.wire = new Wire('HTU21D', device);
  }

  /** @throws Error when the chip does not answer. */
  trigger(): number {
    this.hasTemperature = false;
    this.start(MEASURE_TEMPERATURE);
    return TEMPERATURE_MS;
  }

  /**
   * Humidity beyond 0 and 100 % is held there: the formula may give it ("Conversion of
   * signal outputs").
   * @throws Error when the chip does not answer, a checksum is wrong, or a value is none.
   */
  collect(into: Float64Array): boolean {
    const { reply, wire } = this;
    wire.needsTrigger();
    if (!wire.poll(reply)) return false;
    if (crc8(reply, 0, 2, CHECKSUM_START) !== reply[2]) wire.reject('wrong checksum');
    const count = ((reply[0] << 8) | reply[1]) & COUNT_BITS;
    // Zeros have a good checksum: so a line that is held low reads.
    if (count === 0) wire.reject('nothing was measured');
    const part = count / FULL_SCALE;
    if (!this.hasTemperature) {
      this.celsius = wire.within(-46.85 + 175.72 * part, -40, 125, 'temperature');
      this.hasTemperature = true;
      this.start(MEASURE_HUMIDITY);
      return false;
    }
    wire.isMeasuring = false;
    into[0] = this.celsius;
    into[1] = Math.min(100, Math.max(0, -6 + 125 * part));
    return true;
  }

  close(): void {
    this.wire.close();
  }

  private start(command: number): void {
    this.command[0] = command;
    this.wire.send(this.command);
    this.wire.isMeasuring = true;
  }
}

/** It has no identification that is safe to ask for: the user register is as after power-up. */
export const HTU21D = Object.freeze<KnownSensor>({
  name: 'htu21d',
  addresses: Object.freeze([0x40]),
  question: Object.freeze([READ_USER_REGISTER]),
  answerBytes: 1,
  recognises: (answer) => USER_REGISTERS.includes(answer[0] & ~LOW_SUPPLY),
  isCertain: false,
  make: (device) => new Htu21d(device),
});
