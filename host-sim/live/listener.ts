/**
 * Listening for TCP connections under Node, on loopback unless told otherwise.
 *
 * A simulator may have no right to port 80, or run several boards: then `port` replaces what the
 * firmware asks for. Binding takes a turn of the event loop; until then the port reads 0.
 */
import { type AddressInfo, createServer, type Socket } from 'node:net';
import type {
  CloseReason,
  Listener,
  Listening,
  Transport,
  TransportHandler,
} from '../../firmware/ports.ts';
import { SocketTransport } from './socket-transport.ts';

/** Where to bind, and who is told how that went. */
export interface BindOptions {
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** Instead of what the firmware asks for; 0 for any free one. */
  readonly port?: number;
  readonly bound?: (port: number) => void;
  /** Binding failed, or the socket did later. */
  readonly failed?: (error: Error) => void;
}

type Accept = (transport: Transport) => TransportHandler | undefined;

/** Stands between a socket and a handler that is known only after its transport. */
class Relay implements TransportHandler {
  target: TransportHandler | undefined;

  opened(): void {}

  readable(): void {
    this.target?.readable();
  }

  writable(): void {
    this.target?.writable();
  }

  closed(reason: CloseReason): void {
    this.target?.closed(reason);
  }
}

export class LiveListener implements Listener {
  readonly #options: BindOptions;

  constructor(options: BindOptions = {}) {
    this.#options = options;
  }

  listen(port: number, accept: Accept): Listening {
    const { host = '127.0.0.1', bound, failed } = this.#options;
    let boundPort = 0;
    const server = createServer((socket) => take(socket, accept));
    server.on('error', (error) => failed?.(error));
    server.listen(this.#options.port ?? port, host, () => {
      boundPort = (server.address() as AddressInfo | null)?.port ?? 0;
      if (boundPort !== 0) bound?.(boundPort);
    });
    return {
      get port() {
        return boundPort;
      },
      close: () => {
        server.close();
      },
    };
  }
}

function take(socket: Socket, accept: Accept): void {
  const relay = new Relay();
  const transport = new SocketTransport(socket, false, relay, () => {});
  relay.target = accept(transport);
  if (relay.target === undefined) transport.close();
}
