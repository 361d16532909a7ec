/** Listens for TCP connections. */

import ListenerSocket from 'embedded:io/socket/listener';
import TCP from 'embedded:io/socket/tcp';
import { type NetworkThread, whileHeld } from '../network/network-thread.ts';
import { type SocketHost, SocketTransport } from '../network/socket-transport.ts';
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
        for (let i = 0; i < count && !isClosed; i++) take(socket, accept, host, thread);
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

function take(
  socket: ListenerSocket,
  accept: (transport: Transport) => TransportHandler | undefined,
  host: SocketHost,
  thread: NetworkThread,
): void {
  const from = socket.read();
  if (from === undefined) return;
  const transport = new SocketTransport(undefined, host);
  transport.open((events) => {
    const options = { ...events, from, nodelay: true };
    return whileHeld(thread, () => new TCP(options));
  });
  const handler = accept(transport);
  if (handler === undefined) transport.close();
  else transport.owned(handler);
}
