/** The power of a virtual board: why it started, and a restart that the world carries out. */

import type { Power, ResetReason } from '../../firmware/ports.ts';

export class VirtualPower implements Power {
  readonly resetReason: ResetReason;
  readonly #restart: () => void;

  /** @param restart called when the device asks for a restart; it must not end the device at once. */
  constructor(resetReason: ResetReason, restart: () => void) {
    this.resetReason = resetReason;
    this.#restart = restart;
  }

  restart(): void {
    this.#restart();
  }
}
