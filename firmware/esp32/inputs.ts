/** Analog inputs, digital inputs and pulse counters, as sensors take them. */

import Analog from 'embedded:io/analog';
import Digital from 'embedded:io/digital';
import PulseCount from 'embedded:io/pulsecount';

/** A part of the reference voltage, 0 to 1. @throws Error when the pin is no analog one or in use */
export function analogInput(pin: number): { read(): number; close(): void } {
  const input = new Analog({ pin });
  const most = 2 ** input.resolution - 1;
  return { read: () => input.read() / most, close: () => input.close() };
}

/** 0 or 1; open is 1. @throws Error when the pin is in use */
export function digitalInput(pin: number): { read(): number; close(): void } {
  return new Digital({ pin, mode: Digital.InputPullUp });
}

/** Counts edges in hardware. @throws Error where the chip has no counter (ESP32-C3) */
export function pulseInput(pin: number): { read(): number; close(): void } {
  return new PulseCount({ signal: pin });
}
