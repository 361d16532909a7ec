/** The board's power under Node: always on; a restart is the owner's to carry out. */
import { resetReason } from '../../firmware/mote/reset-reason.ts';
import type { Power, ResetReason } from '../../firmware/ports.ts';

export class LivePower implements Power {
  readonly resetReason: ResetReason;
  readonly #restart: () => void;

  /**
   * @param resetCode why the board started, as the chip tells it
   * @param restart called from the event loop when the device asks for a restart
   */
  constructor(resetCode: number, restart: () => void) {
    this.resetReason = resetReason(resetCode);
    this.#restart = restart;
  }

  restart(): void {
    setImmediate(this.#restart);
  }
}
