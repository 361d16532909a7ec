/** The power of a virtual board: why it started, and a restart that the world carries out. */

import { resetReason } from '../../firmware/mote/reset-reason.ts';
import type { Power, ResetReason } from '../../firmware/ports.ts';
import type { VirtualSockets } from './sockets.ts';

export class VirtualPower implements Power {
  readonly resetReason: ResetReason;
  readonly #restart: () => void;

  readonly #sockets: VirtualSockets | undefined;

  /**
   * @param resetCode why the board started, as the chip tells it
   * @param restart called when the device asks for a restart; it must not end the device at once.
   * @param sockets where the board's sockets are kept account of
   */
  constructor(resetCode: number, restart: () => void, sockets?: VirtualSockets) {
    this.resetReason = resetReason(resetCode);
    this.#restart = restart;
    this.#sockets = sockets;
  }

  restart(): void {
    this.#sockets?.demandReleased('restarts');
    this.#restart();
  }
}
