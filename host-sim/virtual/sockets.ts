/**
 * The sockets of one board as its platform keeps them, in virtual time: one that is closed is
 * released some milliseconds later, from the platform's own event loop.
 *
 * A network that is left, moved or closed before, or a restart, takes the memory of such a socket
 * along, and the platform then frees it once more: the board panics. Here `panic` is told.
 *
 * The platform does not say when it releases. What the firmware knows comes from its own rule for
 * such platforms, which runs here as on the board.
 */

import { QUIET_TICK_MS, QuietSockets } from '../../firmware/network/quiet-sockets.ts';
import type { SocketGate } from '../../firmware/network/socket-gate.ts';
import type { EventQueue, Scheduled } from './event-queue.ts';
import type { SeededRandom } from './random.ts';

const RELEASE_MS_MIN = 1;
const RELEASE_MS_MAX = 40;

export class VirtualSockets {
  #quiet: QuietSockets | undefined;
  #tick: Scheduled | undefined;
  readonly #queue: EventQueue;
  readonly #random: SeededRandom;
  readonly #panic: (words: string) => void;
  readonly #releases = new Set<Scheduled>();

  /** @param panic gets what was done, and under how many sockets */
  constructor(queue: EventQueue, random: SeededRandom, panic: (words: string) => void) {
    this.#queue = queue;
    this.#random = random;
    this.#panic = panic;
  }

  /** Closed sockets that are not released yet. */
  get held(): number {
    return this.#releases.size;
  }

  /** A board starts, with this gate. */
  powerUp(gate: SocketGate): void {
    this.#quiet = new QuietSockets(gate);
  }

  /** A socket was closed. */
  closing(): void {
    const delayMs = this.#random.between(RELEASE_MS_MIN, RELEASE_MS_MAX);
    const release = this.#queue.after(delayMs, () => this.#releases.delete(release));
    this.#releases.add(release);
    this.#quiet?.closing();
    this.#tickSoon();
  }

  /** The board does what no closed socket survives. */
  demandReleased(deed: string): void {
    if (this.held > 0) this.#panic(`${deed} while ${this.held} closed sockets are not released`);
  }

  /** The board lost power, or restarts: it has no sockets any more. */
  powerOff(): void {
    for (const release of this.#releases) release.cancel();
    this.#releases.clear();
    this.#tick?.cancel();
    this.#quiet = undefined;
  }

  #tickSoon(): void {
    this.#tick?.cancel();
    this.#tick = this.#queue.after(QUIET_TICK_MS, () => {
      if (this.#quiet?.tick() === true) this.#tickSoon();
    });
  }
}
