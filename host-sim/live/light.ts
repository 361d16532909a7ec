/** The light of a simulated board: there is nothing to see. */

import type { Light } from '../../firmware/ports.ts';

export class LiveLight implements Light {
  isOn = false;

  set(isOn: boolean): void {
    this.isOn = isOn;
  }
}
