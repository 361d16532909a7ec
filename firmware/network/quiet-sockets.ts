/**
 * Tells when closed sockets are released, on a platform that does not say so: after a quarter of a
 * second in which none was closed, all count as released.
 *
 * Moddable's TCP (SDK 8.2) gives a closed socket back to lwIP once the last message about it has had
 * its turn in the engine's queue, which a write just before the close puts there. One turn of the
 * event loop may be enough, but the engine takes few messages in a turn when timers are due: so
 * turns are counted, not milliseconds. What was written goes out meanwhile, the goodbye included.
 *
 * Sans-IO: whoever owns it calls `tick` every `QUIET_TICK_MS` after `closing`, each time from the
 * event loop, until it returns false; each `closing` starts that interval anew.
 */

import type { SocketGate } from './socket-gate.ts';

export const QUIET_TICK_MS = 50;
const QUIET_TICKS = 5;

export class QuietSockets {
  private readonly gate: SocketGate;
  private held = 0;
  private ticks = 0;

  constructor(gate: SocketGate) {
    this.gate = gate;
  }

  /** A socket was closed. */
  closing(): void {
    this.held += 1;
    this.ticks = QUIET_TICKS;
    this.gate.closing();
  }

  /** @returns whether another one is needed */
  tick(): boolean {
    this.ticks -= 1;
    if (this.ticks > 0) return true;
    const { held } = this;
    this.held = 0;
    this.gate.released(held);
    return false;
  }
}
