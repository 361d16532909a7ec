/** One socket of Node from its close to its release, for which Node has the event `close`. */

import type { SocketGate } from '../../firmware/network/socket-gate.ts';

/** What Node's sockets and servers have in common. */
interface Closable {
  once(event: 'close', listener: () => void): unknown;
}

export class Release {
  readonly #gate: SocketGate | undefined;
  #isClosed = false;
  #isReleased = false;

  /** @param gate who is told; without one nobody is */
  constructor(gate: SocketGate | undefined, socket: Closable) {
    this.#gate = gate;
    socket.once('close', () => {
      this.#isReleased = true;
      if (this.#isClosed) gate?.released();
    });
  }

  /** The socket was closed, and the gate knows; once. It may have gone away by itself before. */
  closed(): void {
    this.#isClosed = true;
    if (this.#isReleased) this.#gate?.released();
  }
}
