/** The board's button, between its pin and ground. */

import Digital from 'embedded:io/digital';
import type { Button } from '../ports.ts';

const NO_BUTTON: Button = Object.freeze({ isHeld: false });

/** @param pin -1 for none */
export function boardButton(pin: number): Button {
  if (pin < 0) return NO_BUTTON;
  const input = new Digital({ pin, mode: Digital.InputPullUp });
  return {
    get isHeld() {
      return input.read() === 0;
    },
  };
}
