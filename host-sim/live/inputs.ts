/** What is on the pins of a simulated board: the same on each, as functions of the time. */

import { PulseCount } from '../../firmware/sensors/bus/pulse-count.ts';
import type { OneWirePins } from '../../firmware/sensors/drivers/ds18b20-names.ts';
import type { PinInputs } from '../../firmware/sensors/pin-sensors.ts';
import type {
  AnalogInput,
  DigitalInput,
  OneWireBus,
  PulseInput,
} from '../../firmware/sensors/sensor.ts';
import { type Surroundings, surroundings } from '../chips/curves.ts';
import type { SimulatedOneWireBus } from '../chips/one-wire-bus.ts';
import { oneWireBus } from '../chips/one-wire-sensors.ts';

const MINUTE_MS = 60_000;
/** There and back again. */
const SLOPE_MS = 20 * MINUTE_MS;
/** The contact closes, and opens as long after. */
const EDGE_MS = 150;

export class SimulatedInputs implements PinInputs, OneWirePins {
  readonly #now: () => number;
  readonly #around: Surroundings;
  readonly #chips: readonly string[];
  readonly #buses = new Map<number, SimulatedOneWireBus>();

  /**
   * @param now in ms
   * @param chips what is connected; those for a one-wire bus are on each pin
   */
  constructor(now: () => number, around = surroundings(1), chips: readonly string[] = []) {
    this.#now = now;
    this.#around = around;
    this.#chips = chips;
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

  oneWire(pin: number): OneWireBus {
    const bus = this.#buses.get(pin) ?? oneWireBus(this.#chips, this.#around, this.#now);
    this.#buses.set(pin, bus);
    return bus.open();
  }

  /**
   * A contact to ground that closes a few times each second, from when it is opened. Its edges are
   * told when it is read, and counted as the board counts them.
   */
  pulses(): PulseInput {
    const opened = this.#now();
    const pulses = new PulseCount(1);
    let told = 0;
    const read = (): number => {
      const edges = Math.floor((this.#now() - opened) / EDGE_MS);
      for (; told < edges; told += 1) pulses.edge(told & 1, opened + (told + 1) * EDGE_MS);
      return pulses.count;
    };
    return { read, close() {} };
  }
}
