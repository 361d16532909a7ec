/**
 * Driver of the Bosch BMP280: temperature and pressure (BST-BMP280-DS001). To the registers that it
 * has it is a BME280, with the same compensation, measuring times and manners.
 */

import { registers } from '../bus/registers.ts';
import type { KnownSensor, Quantity, RegisterBus, Sensor } from '../sensor.ts';
import { BME280, BME280_QUANTITIES, Bme280, isBosch280 } from './bme280.ts';

const QUANTITIES: readonly Quantity[] = Object.freeze([BME280_QUANTITIES[0], BME280_QUANTITIES[2]]);

/** One BMP280. */
export class Bmp280 implements Sensor {
  readonly quantities = QUANTITIES;
  private readonly driver: Bme280;
  private readonly three = new Float64Array(3);

  constructor(bus: RegisterBus) {
    this.driver = new Bme280(bus, { humidity: 0 }, 'BMP280');
  }

  /** @throws Error when the chip does not answer or is another. */
  trigger(): number {
    return this.driver.trigger();
  }

  /** @throws Error when the chip does not answer, lost its settings, or nothing was triggered. */
  collect(into: Float64Array): boolean {
    if (!this.driver.collect(this.three)) return false;
    into[0] = this.three[0];
    into[1] = this.three[2];
    return true;
  }

  close(): void {
    this.driver.close();
  }
}

/** The identification. */
export const BMP280 = Object.freeze<KnownSensor>({
  name: 'bmp280',
  addresses: BME280.addresses,
  question: BME280.question,
  answerBytes: 1,
  recognises: (answer) => isBosch280('BMP280', answer[0]),
  isCertain: true,
  make: (device) => new Bmp280(registers(device)),
});
