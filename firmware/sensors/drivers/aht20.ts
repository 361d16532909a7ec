/**
 * Driver of the Aosong AHT20 (also AHT21, AHT25, AM2301B): temperature and humidity (product manual
 * AHT20, version A1).
 *
 * The chip says itself when it is busy. It must be told to load its calibration when its status
 * says that it has not (section 5.4); that costs the first round a few milliseconds. An AHT10 has no
 * checksum and is refused thereby.
 */

import { Wire } from '../bus/wire.ts';
import type { I2CDevice, KnownSensor, Quantity, Sensor } from '../sensor.ts';
import { crc8 } from './sensirion.ts';

const STATUS_BUSY = 0x80;
const STATUS_CALIBRATED = 0x08;
/** Section 5.4: 80 ms, and a tick of the caller's clock. */
const MEASURE_MS = 81;
const LOAD_MS = 11;
const REPLY_BYTES = 7;
const FULL_SCALE = 2 ** 20;

/** Decimals: resolution is 0.01 °C and 0.024 % (tables 1 and 2). */
const QUANTITIES: readonly Quantity[] = Object.freeze([
  Object.freeze({ name: 'temperature', kind: 'temperature', unit: '°C', decimals: 2 }),
  Object.freeze({ name: 'humidity', kind: 'humidity', unit: '%', decimals: 1 }),
]);

/** One AHT20. */
export class Aht20 implements Sensor {
  readonly quantities = QUANTITIES;
  private readonly wire: Wire;
  private readonly load = new Uint8Array([0xbe, 0x08, 0x00]);
  private readonly measure = new Uint8Array([0xac, 0x33, 0x00]);
  private readonly reply = new Uint8Array(REPLY_BYTES);
  private readonly status = this.reply.subarray(0, 1);

  constructor(device: I2CDevice) {
    this.wire = new Wire('AHT20', device);
  }

  /** @throws Error when the chip does not answer. */
  trigger(): number {
    const { status, wire } = this;
    wire.receive(status);
    wire.isMeasuring = true;
    wire.isSetUp = (status[0] & STATUS_CALIBRATED) !== 0;
    wire.send(wire.isSetUp ? this.measure : this.load);
    return wire.isSetUp ? MEASURE_MS : LOAD_MS;
  }

  /** @throws Error when the chip does not answer, forgot its calibration, or answers wrongly. */
  collect(into: Float64Array): boolean {
    const { reply, wire } = this;
    wire.needsTrigger();
    wire.receive(reply);
    if ((reply[0] & STATUS_BUSY) !== 0) return false;
    if ((reply[0] & STATUS_CALIBRATED) === 0) wire.fail('has no calibration (damaged?)');
    if (!wire.isSetUp) {
      wire.isSetUp = true;
      wire.send(this.measure);
      return false;
    }
    if (crc8(reply, 0, 6) !== reply[6]) wire.reject('wrong checksum');
    wire.isMeasuring = false;
    const h = (reply[1] << 12) | (reply[2] << 4) | (reply[3] >> 4);
    const t = ((reply[3] & 0x0f) << 16) | (reply[4] << 8) | reply[5];
    // Nothing but zeros is what it has before its first measurement, and when its element is broken.
    if (h === 0) wire.reject('no humidity was measured');
    into[0] = wire.within((t / FULL_SCALE) * 200 - 50, -40, 85, 'temperature');
    into[1] = (h / FULL_SCALE) * 100;
    return true;
  }

  close(): void {
    this.wire.close();
  }
}

/** It is only read, at any time: idle and calibrated, and no port expander, which repeats one byte. */
export const AHT20 = Object.freeze<KnownSensor>({
  name: 'aht20',
  addresses: Object.freeze([0x38]),
  question: Object.freeze([]),
  answerBytes: REPLY_BYTES,
  recognises: (answer) =>
    (answer[0] & 0xe8) === STATUS_CALIBRATED && answer.some((byte) => byte !== answer[0]),
  isCertain: false,
  make: (device) => new Aht20(device),
});
