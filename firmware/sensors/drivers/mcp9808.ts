/**
 * Driver of the Microchip MCP9808 (also MCP9804): temperature (DS25095A).
 *
 * The chip measures by itself four times a second, and has no sign of being ready: before its first
 * conversion it shows 0 °C. So the driver leaves a mark among its settings, in the hysteresis of an
 * alert that is off; where the mark is missing the chip has lost power, and is given time.
 */

import { Wire } from '../bus/wire.ts';
import type { I2CDevice, KnownSensor, Quantity, Sensor } from '../sensor.ts';

const CONFIGURATION = 1;
const AMBIENT = 5;
const MANUFACTURER = 6;
const MICROCHIP = 0x0054;
/** A hysteresis of 1.5 °C (register 5-2); zero after power-up. */
const MARK = 0x0200;
/** Twice the typical time ("Temperature resolution"): it gives no longest one. */
const FIRST_MS = 500;
const DEGREES_PER_COUNT = 0.0625;

/** Decimals: resolution is 0.0625 °C, and it repeats itself within that ("Features"). */
const QUANTITIES: readonly Quantity[] = Object.freeze([
  Object.freeze({ name: 'temperature', kind: 'temperature', unit: '°C', decimals: 2 }),
]);

/** One MCP9808. */
export class Mcp9808 implements Sensor {
  readonly quantities = QUANTITIES;
  private readonly wire: Wire;
  private readonly setUp = new Uint8Array([CONFIGURATION, MARK >> 8, MARK & 0xff]);
  private readonly register = new Uint8Array(1);
  private readonly reply = new Uint8Array(2);

  constructor(device: I2CDevice) {
    this.wire = new Wire('MCP9808', device);
  }

  /** @throws Error when the chip does not answer. */
  trigger(): number {
    const { wire } = this;
    const isMarked = this.read(CONFIGURATION) === MARK;
    if (!isMarked) wire.send(this.setUp);
    wire.isMeasuring = true;
    return isMarked ? 0 : FIRST_MS;
  }

  /** @throws Error when the chip does not answer, lost power, or shows no temperature. */
  collect(into: Float64Array): boolean {
    const { wire } = this;
    wire.needsTrigger();
    // The upper three bits tell an alert.
    const count = (this.read(AMBIENT) << 19) >> 19;
    if (this.read(CONFIGURATION) !== MARK) wire.fail('lost its settings (power dip?)');
    wire.isMeasuring = false;
    into[0] = wire.within(count * DEGREES_PER_COUNT, -40, 125, 'temperature');
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

/** The identification of the maker; the MCP9804, at the same addresses, has the same registers. */
export const MCP9808 = Object.freeze<KnownSensor>({
  name: 'mcp9808',
  addresses: Object.freeze([0x18, 0x19, 0x1a, 0x1b, 0x1c, 0x1d, 0x1e, 0x1f]),
  question: Object.freeze([MANUFACTURER]),
  answerBytes: 2,
  recognises: (answer) => ((answer[0] << 8) | answer[1]) === MICROCHIP,
  isCertain: true,
  make: (device) => new Mcp9808(device),
});
