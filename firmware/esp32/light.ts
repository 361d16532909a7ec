/** The board's light, where it has a plain one: on is high. */

import Digital from 'embedded:io/digital';
import type { Light } from '../ports.ts';

const NO_LIGHT: Light = Object.freeze({ set() {} });

/** @param pin -1 for none */
export function boardLight(pin: number): Light {
  if (pin < 0) return NO_LIGHT;
  const output = new Digital({ pin, mode: Digital.Output, initialValue: 0 });
  return { set: (isOn) => output.write(isOn ? 1 : 0) };
}
