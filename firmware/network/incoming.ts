/** A connection that came in: a socket of the platform becomes a transport, or is closed. */

import type { Transport, TransportHandler } from '../ports.ts';
import { type NetworkThread, whileHeld } from './network-thread.ts';
import {
  type Socket,
  type SocketEvents,
  type SocketHost,
  SocketTransport,
} from './socket-transport.ts';

/**
 * Takes a connection over.
 * @param make the socket with its callbacks; called while the network thread stands still
 * @param accept says who has the connection; undefined: it is closed
 */
export function takeIncoming(
  host: SocketHost,
  thread: NetworkThread,
  make: (events: SocketEvents) => Socket,
  accept: (transport: Transport) => TransportHandler | undefined,
): void {
  const transport = new SocketTransport(undefined, host);
  transport.open((events) => whileHeld(thread, () => make(events)));
  const handler = accept(transport);
  if (handler === undefined) transport.close();
  else transport.owned(handler);
}
