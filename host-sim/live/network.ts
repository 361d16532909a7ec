/**
 * The networks of the host: TCP, TLS, WebSocket and WebSocket over TLS, one `Network` each.
 *
 * Certificates are always checked, by the firmware's own rules, against the given authorities or
 * else those that Node brings along. (A board has only what was pasted.) What cannot
 * even be tried (a broker may name any host and port in a redirect) is a `local error`, told later
 * like every other failure.
 */
import { connect as connectTcp } from 'node:net';
import { rootCertificates } from 'node:tls';
import type { SocketGate } from '../../firmware/network/socket-gate.ts';
import {
  type Socket,
  type SocketEvents,
  type SocketHost,
  SocketTransport,
} from '../../firmware/network/socket-transport.ts';
import { WebSocketNetwork } from '../../firmware/network/websocket/websocket-network.ts';
import type {
  Cancel,
  Network,
  Scheme,
  Target,
  Transport,
  TransportHandler,
} from '../../firmware/ports.ts';
import { type Failure, failureOf } from './close-reason.ts';
import { connectGuarded } from './guarded-socket.ts';
import { LiveRandom } from './random.ts';
import { resolveHost } from './resolve.ts';
import { LiveSocket } from './socket.ts';

/** Who to trust and who to be; PEM texts. */
export interface TlsIdentity {
  /** Undefined: those of the system. Empty: nobody is trusted. */
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  /** The one application protocol to offer over mqtts. */
  readonly alpn?: string;
}

/** Is told what went wrong below MQTT, in more detail than the port has. */
export interface NetworkObserver {
  /** @param code Node's, such as ENOTFOUND. */
  unresolved(host: string, code: string): void;
  failed(target: Target, failure: Failure): void;
}

const UNOBSERVED: NetworkObserver = Object.freeze({ unresolved() {}, failed() {} });

/** What is around networks; all of it may be left out. */
export interface NetworkSurroundings {
  readonly observer?: NetworkObserver;
  /** Where the release of their sockets is waited for. */
  readonly gate?: SocketGate;
  /** Unix milliseconds, for certificates; undefined: nobody knows. */
  now?(): number | undefined;
}

/** @returns all four networks, sharing one identity. */
export function liveNetworks(
  identity: TlsIdentity = {},
  { observer = UNOBSERVED, gate, now = Date.now }: NetworkSurroundings = {},
): Record<Scheme, Network> {
  const over = (open: Opener) => new LiveNetwork(open, observer, socketHost(gate));
  const mqtt = over(({ address: host, port }, events, failed) => {
    return new LiveSocket(connectTcp({ host, port }), events, { gate, failed });
  });
  const { ca, cert, key } = identity;
  const secure = (alpn?: string) => {
    const protocols = alpn === undefined ? [] : [alpn];
    return over((target, events, failed) => {
      const authorities = Buffer.from(ca ?? rootCertificates.join('\n'));
      const options = { authorities, cert, key, protocols, now };
      const { below, socket } = connectGuarded(target, options);
      return new LiveSocket(socket, events, { below, gate, failed });
    });
  };
  return {
    mqtt,
    mqtts: secure(identity.alpn),
    ws: webSocket(mqtt, 80, observer),
    wss: webSocket(secure('http/1.1'), 443, observer),
  };
}

/** What transports ask of the host: its network is always there. */
export function socketHost(gate: SocketGate | undefined): SocketHost {
  return {
    later: (work) => {
      setImmediate(work);
    },
    closing: () => gate?.closing(),
    hasNetwork: () => true,
  };
}

/** The board's own WebSocket over a network of the host. */
function webSocket(below: Network, defaultPort: number, observer: NetworkObserver): Network {
  return new WebSocketNetwork(below, {
    random: new LiveRandom(),
    defaultPort,
    later: setImmediate,
    refused: (target, status) => {
      const detail = status === '' ? 'its answer is too long' : `it answers ${status}`;
      observer.failed(target, { reason: 'websocket refused', detail });
    },
  });
}

type Opener = (target: Target, events: SocketEvents, failed: (failure: Failure) => void) => Socket;

class LiveNetwork implements Network {
  readonly #open: Opener;
  readonly #observer: NetworkObserver;
  readonly #host: SocketHost;

  constructor(open: Opener, observer: NetworkObserver, host: SocketHost) {
    this.#open = open;
    this.#observer = observer;
    this.#host = host;
  }

  resolve(host: string, done: (address: string) => void): Cancel {
    return resolveHost(host, done, (code) => this.#observer.unresolved(host, code));
  }

  connect(target: Target, handler: TransportHandler): Transport {
    const failed = (failure: Failure): void => this.#observer.failed(target, failure);
    const transport = new SocketTransport(handler, this.#host);
    transport.open((events) => {
      try {
        return this.#open(target, events, failed);
      } catch (error) {
        failed(failureOf(error, 'connecting'));
        throw error;
      }
    });
    return transport;
  }
}
