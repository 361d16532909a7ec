/** The networks of the board: TCP, TLS, and WebSocket over each. */

import TCP from 'embedded:io/socket/tcp';
import { type SocketHost, SocketTransport } from '../network/socket-transport.ts';
import { WebSocketNetwork } from '../network/websocket/websocket-network.ts';
import type {
  Cancel,
  Clock,
  Network,
  Random,
  Scheme,
  Target,
  Transport,
  TransportHandler,
} from '../ports.ts';
import type { Credentials } from './certificates.ts';
import { resolveName } from './resolve.ts';
import { RECORD_OVERHEAD, SecureSocket } from './secure-socket.ts';

/**
 * @param credentials for TLS: without an authority no server is trusted
 * @param clock for certificates
 * @param host of the sockets
 */
export function boardNetworks(
  credentials: Credentials,
  random: Random,
  clock: Clock,
  host: SocketHost,
): Record<Scheme, Network> {
  const { later } = host;
  const now = () => (clock.quality() === 'none' ? undefined : clock.wall());
  const mqtt = new BoardNetwork((target, handler) => plain(target, handler, host));
  const mqtts = new BoardNetwork((target, handler) =>
    secure(target, handler, credentials, now, host),
  );
  return {
    mqtt,
    mqtts,
    ws: new WebSocketNetwork(mqtt, { random, defaultPort: 80, later }),
    wss: new WebSocketNetwork(mqtts, { random, defaultPort: 443, later }),
  };
}

class BoardNetwork implements Network {
  readonly connect: (target: Target, handler: TransportHandler) => Transport;

  constructor(connect: (target: Target, handler: TransportHandler) => Transport) {
    this.connect = connect;
  }

  resolve(host: string, done: (address: string) => void): Cancel {
    return resolveName(host, done);
  }
}

function plain(target: Target, handler: TransportHandler, host: SocketHost): Transport {
  const { address, port } = target;
  const transport = new SocketTransport(handler, host);
  transport.open((events) => new TCP({ ...events, address, port, nodelay: true }));
  return transport;
}

function secure(
  target: Target,
  handler: TransportHandler,
  credentials: Credentials,
  now: () => number | undefined,
  host: SocketHost,
): Transport {
  const transport = new SocketTransport(handler, host, RECORD_OVERHEAD);
  transport.open((events) => new SecureSocket(target, credentials, now, events));
  return transport;
}
