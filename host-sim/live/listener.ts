/**
 * Listening for TCP connections under Node, on loopback unless told otherwise.
 *
 * A simulator may have no right to port 80, or run several boards: then `port` replaces what the
 * firmware asks for. Binding takes a turn of the event loop; until then the port reads 0. Whoever
 * listens again gets the same port again: its page has been told to somebody.
 */
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { takeIncoming } from '../../firmware/network/incoming.ts';
import type { NetworkThread } from '../../firmware/network/network-thread.ts';
import type { SocketGate } from '../../firmware/network/socket-gate.ts';
import type { SocketEvents } from '../../firmware/network/socket-transport.ts';
import type { Listener, Listening, Transport, TransportHandler } from '../../firmware/ports.ts';
import { socketHost } from './network.ts';
import { Release } from './release.ts';
import { LiveSocket } from './socket.ts';

/** Where to bind, and who is told how that went. */
export interface BindOptions {
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** Instead of what the firmware asks for; 0 for any free one. */
  readonly port?: number;
  readonly bound?: (port: number) => void;
  /** Binding failed, or the socket did later. */
  readonly failed?: (error: Error) => void;
  /** Where the release of its sockets is waited for. */
  readonly gate?: SocketGate;
}

/** Node brings what comes from its event loop, and nothing comes between. */
const ONE_THREAD: NetworkThread = Object.freeze({ hold() {}, release() {} });

type Accept = (transport: Transport) => TransportHandler | undefined;

export class LiveListener implements Listener {
  readonly #options: BindOptions;
  /** What was bound last, and for which port that was asked for. */
  readonly #bound = new Map<number, number>();

  constructor(options: BindOptions = {}) {
    this.#options = options;
  }

  listen(port: number, accept: Accept): Listening {
    const { host = '127.0.0.1', bound, failed, gate } = this.#options;
    const before = this.#bound.get(port);
    let boundPort = 0;
    let isClosed = false;
    const server = createServer((socket) => take(socket, accept, gate));
    const release = new Release(gate, server);
    server.on('error', (error) => failed?.(error));
    server.listen(before ?? this.#options.port ?? port, host, () => {
      boundPort = (server.address() as AddressInfo | null)?.port ?? 0;
      if (boundPort === 0) return;
      this.#bound.set(port, boundPort);
      if (boundPort !== before) bound?.(boundPort);
    });
    return {
      get port() {
        return boundPort;
      },
      close: () => {
        if (isClosed) return;
        isClosed = true;
        gate?.closing();
        release.closed();
        server.close();
      },
    };
  }
}

function take(socket: Socket, accept: Accept, gate: SocketGate | undefined): void {
  const make = (events: SocketEvents) => new LiveSocket(socket, events, { gate });
  takeIncoming(socketHost(gate), ONE_THREAD, make, accept);
}
