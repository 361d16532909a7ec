/**
 * The board's pins as inputs of sensors. What the platform refuses, it refuses with a reason.
 *
 * The platform's own counter (`embedded:io/pulsecount`) follows a rotary encoder: without a second
 * pin it takes back at each edge what it counted at the one before. So pulses are counted by
 * interrupts, and on boards without a counter as well.
 */

import Analog from 'embedded:io/analog';
import Digital from 'embedded:io/digital';
import type { Clock } from '../ports.ts';
import { PulseCount } from '../sensors/bus/pulse-count.ts';
import type { OneWirePins } from '../sensors/drivers/ds18b20-names.ts';
import type { PinInputs } from '../sensors/pin-sensors.ts';
import type { AnalogInput, DigitalInput, OneWireBus, PulseInput } from '../sensors/sensor.ts';
import { BoardOneWireBus } from './one-wire.ts';

export class BoardInputs implements PinInputs, OneWirePins {
  private readonly clock: Clock;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** @throws Error when the pin has no converter or is in use */
  analog(pin: number): AnalogInput {
    const input = new Analog({ pin });
    const most = 2 ** input.resolution - 1;
    return { read: () => input.read() / most, close: () => input.close() };
  }

  /** @throws Error when there is no such pin or it is in use */
  digital(pin: number): DigitalInput {
    return new Digital({ pin, mode: Digital.InputPullUp });
  }

  /** @throws Error when there is no such pin, it is in use, or it is an input only */
  oneWire(pin: number): OneWireBus {
    return new BoardOneWireBus(pin);
  }

  /** @throws Error when there is no such pin or it is in use */
  pulses(pin: number): PulseInput {
    const input = new Digital({
      pin,
      mode: Digital.InputPullUp,
      edge: Digital.Rising + Digital.Falling,
      onReadable: () => pulses.edge(input.read(), this.clock.now()),
    });
    const pulses = new PulseCount(input.read());
    return { read: () => pulses.count, close: () => input.close() };
  }
}
