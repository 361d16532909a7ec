/**
 * A board that listens, in virtual time. Each set-up network is an `Internet` of its own, since
 * every board is 192.168.4.1 in its own network; a phone on it is a `VirtualNetwork`:
 *
 *   const air = new Internet(queue);
 *   const listener = new VirtualListener(air);
 *   const phone = new VirtualNetwork(air, random.fork('phone'));
 *   phone.connect({ host: '', address: PORTAL_ADDRESS, port: 80, path: '' }, handler);
 *
 * The phone's link conditions hold for its connections: "up" is from the phone to the board.
 */

import type {
  Cancel,
  Listener,
  Listening,
  Transport,
  TransportHandler,
} from '../../firmware/ports.ts';
import type { Internet, ServerEnd } from './network.ts';
import type { VirtualSockets } from './sockets.ts';

/** The board's address in its set-up network. */
export const PORTAL_ADDRESS = '192.168.4.1';

export class VirtualListener implements Listener {
  /** Where the board's sockets are kept account of. */
  sockets: VirtualSockets | undefined;
  readonly #internet: Internet;
  readonly #address: string;
  readonly #listening = new Set<Cancel>();
  readonly #ends = new Set<ServerEnd>();

  constructor(internet: Internet, address = PORTAL_ADDRESS) {
    this.#internet = internet;
    this.#address = address;
  }

  listen(port: number, accept: (transport: Transport) => TransportHandler | undefined): Listening {
    const cancel = this.#internet.listen(this.#address, port, (end) => this.#take(end, accept));
    this.#listening.add(cancel);
    return {
      port,
      close: () => {
        if (!this.#listening.delete(cancel)) return;
        cancel.cancel();
        this.sockets?.closing();
      },
    };
  }

  /** Power cut of the board: nothing listens any more, and its ends are gone without a word. */
  vanishAll(): void {
    for (const cancel of this.#listening) cancel.cancel();
    this.#listening.clear();
    for (const end of this.#ends) end.vanish();
    this.#ends.clear();
  }

  #take(end: ServerEnd, accept: (transport: Transport) => TransportHandler | undefined): void {
    const transport: Transport = {
      read: (into, start, stop) => end.read(into, start, stop),
      write: (from, start, stop) => end.write(from, start, stop),
      close: () => {
        this.#ends.delete(end);
        end.close();
      },
    };
    end.sockets = this.sockets;
    const handler = accept(transport);
    if (handler === undefined) {
      end.close();
      return;
    }
    this.#ends.add(end);
    end.handler = {
      opened() {},
      readable: () => handler.readable(),
      writable: () => handler.writable(),
      closed: (reason) => {
        this.#ends.delete(end);
        handler.closed(reason);
      },
    };
  }
}
