/** Listens for TCP connections. */

import ListenerSocket from 'embedded:io/socket/listener';
import TCP from 'embedded:io/socket/tcp';
import { takeIncoming } from '../network/incoming.ts';
import type { NetworkThread } from '../network/network-thread.ts';
import type { SocketEvents, SocketHost } from '../network/socket-transport.ts';
import type { Listener, Listening, Transport, TransportHandler } from '../ports.ts';

export class BoardListener implements Listener {
  private readonly host: SocketHost;
  private readonly thread: NetworkThread;

  constructor(host: SocketHost, thread: NetworkThread) {
    this.host = host;
    this.thread = thread;
  }

  /** @throws Error when the port cannot be bound. */
  listen(port: number, accept: (transport: Transport) => TransportHandler | undefined): Listening {
    const { host, thread } = this;
    let isClosed = false;
    const socket = new ListenerSocket({
      port,
      onReadable: (count) => {
        // The handler before may have closed the socket, and dropped what waited.
        for (let i = 0; i < count && !isClosed; i++) {
          const from = socket.read();
          if (from === undefined) continue;
          const make = (events: SocketEvents) => new TCP({ ...events, from, nodelay: true });
          takeIncoming(host, thread, make, accept);
        }
      },
    });
    const close = (): void => {
      if (isClosed) return;
      isClosed = true;
      host.closing();
      socket.close();
    };
    return { port, close };
  }
}
