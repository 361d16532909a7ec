/** The board's power under Node: always on; a restart is the owner's to carry out. */
import type { Power, ResetReason } from '../../firmware/ports.ts';

export class LivePower implements Power {
  readonly resetReason: ResetReason;
  readonly #restart: () => void;

  /** @param restart called from the event loop when the device asks for a restart. */
  constructor(resetReason: ResetReason, restart: () => void) {
    this.resetReason = resetReason;
    this.#restart = restart;
  }

  restart(): void {
    setImmediate(this.#restart);
  }
}
