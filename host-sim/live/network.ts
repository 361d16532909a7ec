/**
 * The networks of the host: TCP, TLS, WebSocket and WebSocket over TLS, one `Network` each.
 *
 * Certificates are always checked, against the given authorities or else the system's. What cannot
 * even be tried (a broker may name any host and port in a redirect) is a `local error`, told later
 * like every other failure.
 */
import { lookup } from 'node:dns';
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import type { SocketGate } from '../../firmware/board/socket-gate.ts';
import type {
  Cancel,
  Network,
  Scheme,
  Target,
  Transport,
  TransportHandler,
} from '../../firmware/ports.ts';
import { WebSocketNetwork } from '../../firmware/websocket/websocket-network.ts';
import { type Failure, failureOf } from './close-reason.ts';
import { LiveRandom } from './random.ts';
import { SocketTransport } from './socket-transport.ts';

/** Who to trust and who to be; PEM texts. */
export interface TlsIdentity {
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

/**
 * @param gate where the release of their sockets is waited for
 * @returns all four networks, sharing one identity and one observer.
 */
export function liveNetworks(
  identity: TlsIdentity = {},
  observer: NetworkObserver = UNOBSERVED,
  gate?: SocketGate,
): Record<Scheme, Network> {
  const over = (open: Opener) => new LiveNetwork(open, observer);
  const mqtt = over((target, handler, tell) => {
    return new SocketTransport(tcp(target), false, handler, tell, gate);
  });
  const secure = (alpn?: string) => {
    const protocols = alpn === undefined ? [] : [alpn];
    return over((target, handler, tell) => {
      return new SocketTransport(tls(target, identity, protocols), true, handler, tell, gate);
    });
  };
  return {
    mqtt,
    mqtts: secure(identity.alpn),
    ws: webSocket(mqtt, 80, observer),
    wss: webSocket(secure('http/1.1'), 443, observer),
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

type Opener = (
  target: Target,
  handler: TransportHandler,
  tell: (failure: Failure) => void,
) => Transport;

class LiveNetwork implements Network {
  readonly #open: Opener;
  readonly #observer: NetworkObserver;

  constructor(open: Opener, observer: NetworkObserver) {
    this.#open = open;
    this.#observer = observer;
  }

  /** Of a name with addresses of both kinds, IPv4 comes first, as on the board. */
  resolve(host: string, done: (address: string) => void): Cancel {
    let wanted = true;
    const answer = (address: string): void => {
      if (wanted) done(address);
      wanted = false;
    };
    if (isIP(host) !== 0) {
      setImmediate(answer, host);
    } else {
      lookup(host, { verbatim: false }, (error, address) => {
        if (error !== null && wanted) this.#observer.unresolved(host, error.code ?? 'unknown');
        answer(error === null ? address : '');
      });
    }
    return {
      cancel: () => {
        wanted = false;
      },
    };
  }

  connect(target: Target, handler: TransportHandler): Transport {
    const tell = (failure: Failure): void => this.#observer.failed(target, failure);
    try {
      return this.#open(target, handler, tell);
    } catch (error) {
      return new Unopened(handler, () => tell(failureOf(error, false)));
    }
  }
}

/** What stands for a connection that could not even be tried. */
class Unopened implements Transport {
  #silent = false;

  constructor(handler: TransportHandler, tell: () => void) {
    setImmediate(() => {
      if (this.#silent) return;
      tell();
      handler.closed('local error');
    });
  }

  read(): number {
    return 0;
  }

  write(): number {
    return 0;
  }

  close(): void {
    this.#silent = true;
  }
}

function tcp(target: Target): Socket {
  return connectTcp({ host: target.address, port: target.port });
}

/** The certificate is checked against the name, or the address where there is no name. */
function tls(target: Target, identity: TlsIdentity, protocols: string[]): TLSSocket {
  const { ca, cert, key } = identity;
  return connectTls({
    host: target.address,
    port: target.port,
    servername: isIP(target.host) === 0 ? target.host : '',
    ca,
    cert,
    key,
    ALPNProtocols: protocols.length === 0 ? undefined : protocols,
  });
}
