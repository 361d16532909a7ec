/** One socket of Node from its close to its release, for which Node has the event `close`. */

import type { SocketGate } from '../../firmware/board/socket-gate.ts';

/** What Node's sockets and servers have in common. */
interface Closable {
  once(event: 'close', listener: () => void): unknown;
}

export class Release {
  readonly #gate: SocketGate | undefined;
  #isClosing = false;
  #isReleased = false;

  /** @param gate who is told; without one nobody is */
  constructor(gate: SocketGate | undefined, socket: Closable) {
    this.#gate = gate;
    socket.once('close', () => {
      this.#isReleased = true;
      if (this.#isClosing) gate?.released();
    });
  }

  /** The socket is being closed; idempotent. */
  begin(): void {
    if (this.#isClosing || this.#isReleased) return;
    this.#isClosing = true;
    this.#gate?.closing();
  }
}
