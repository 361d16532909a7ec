/** The button of a simulated board: nobody holds it. */

import type { Button } from '../../firmware/ports.ts';

export class LiveButton implements Button {
  readonly isHeld = false;
}
