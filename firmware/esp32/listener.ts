/** Listens for TCP connections. */

import ListenerSocket from 'embedded:io/socket/listener';
import TCP from 'embedded:io/socket/tcp';
import Timer from 'timer';
import { SocketTransport } from '../board/socket-transport.ts';
import type { Listener, Listening, Transport, TransportHandler } from '../ports.ts';

export class BoardListener implements Listener {
  /** @throws Error when the port cannot be bound. */
  listen(port: number, accept: (transport: Transport) => TransportHandler | undefined): Listening {
    const socket = new ListenerSocket({
      port,
      onReadable: (count) => {
        for (let i = 0; i < count; i++) take(socket, accept);
      },
    });
    return { port, close: () => socket.close() };
  }
}

function take(
  socket: ListenerSocket,
  accept: (transport: Transport) => TransportHandler | undefined,
): void {
  const from = socket.read();
  if (from === undefined) return;
  const transport = new SocketTransport(undefined, Timer.set);
  transport.open((events) => new TCP({ ...events, from, nodelay: true }));
  const handler = accept(transport);
  if (handler === undefined) transport.close();
  else transport.owned(handler);
}
