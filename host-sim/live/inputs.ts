/** What is on the pins of a simulated board: the same on each, as functions of the time. */

import type { PinInputs } from '../../firmware/sensors/pin-sensors.ts';
import type { AnalogInput, DigitalInput, PulseInput } from '../../firmware/sensors/sensor.ts';

const MINUTE_MS = 60_000;
/** There and back again. */
const SLOPE_MS = 20 * MINUTE_MS;
const PULSE_MS = 300;

export class SimulatedInputs implements PinInputs {
  readonly #now: () => number;

  /** @param now in ms */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Rises slowly from 0.4 to 0.6 and falls again. */
  analog(): AnalogInput {
    const part = () => (this.#now() % SLOPE_MS) / SLOPE_MS;
    return { read: () => 0.4 + 0.4 * Math.min(part(), 1 - part()), close() {} };
  }

  /** Open for a minute, connected to ground for a minute. */
  digital(): DigitalInput {
    return { read: () => 1 - (Math.floor(this.#now() / MINUTE_MS) % 2), close() {} };
  }

  /** A few pulses each second, from when it is opened. */
  pulses(): PulseInput {
    const opened = this.#now();
    return { read: () => Math.floor((this.#now() - opened) / PULSE_MS), close() {} };
  }
}
