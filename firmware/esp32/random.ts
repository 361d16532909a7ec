/** The hardware's randomness, which is true randomness while the radio runs (ESP32, 24). */

import type Native from 'mc/ffi';
import type { Random } from '../ports.ts';

const RANGE = 0x1_0000_0000;

export class BoardRandom implements Random {
  private readonly native: Native;

  constructor(native: Native) {
    this.native = native;
  }

  below(below: number): number {
    // What lies beyond the last whole multiple would make small numbers likelier.
    const fair = RANGE - (RANGE % below);
    let drawn = RANGE;
    while (drawn >= fair) drawn = this.native.esp_random() >>> 0;
    return drawn % below;
  }
}
