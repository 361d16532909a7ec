/**
 * The virtual network: an `Internet` with names and listeners, and one `VirtualNetwork` per device
 * that implements the port `Network` under conditions that may change at any time.
 *
 *   const internet = new Internet(queue, random.fork('internet'));
 *   internet.name('broker.test', '10.0.0.1');
 *   internet.listen('10.0.0.1', 1883, (end) => { end.handler = myServer(end); });
 *   const network = new VirtualNetwork(internet, random.fork('link'));
 *   network.change({ latencyMsMax: 200, fragmentBytesMin: 1, fragmentBytesMax: 1 });
 *
 * TLS is another network over it (tls.ts). Handlers are called from the event queue only.
 */

import type {
  Cancel,
  CloseReason,
  Network,
  Target,
  Transport,
  TransportHandler,
} from '../../firmware/ports.ts';
import { connectionPair, type Endpoint, type Medium } from './connection.ts';
import type { EventQueue } from './event-queue.ts';
import { checkConditions, HEALTHY_LINK, type LinkConditions } from './link.ts';
import type { SeededRandom } from './random.ts';
import type { VirtualSockets } from './sockets.ts';

/** The server's end of a connection, with a way to reset it. */
export interface ServerEnd extends Transport {
  /** Whose socket it is, where that is kept account of; set when accepting. */
  sockets: VirtualSockets | undefined;
  /** Set when accepting; `opened` is not called on it: it is open already. */
  handler: TransportHandler;
  readonly inboundIsFaulty: boolean;
  /** Ends with a reset at the device; silent here. */
  abort(): void;
  /** Goes away without a word: a killed host. */
  vanish(): void;
}

/** Called for each connection that arrives at a listener. */
export type Acceptor = (end: ServerEnd) => void;

/** An address as `VirtualNetwork.resolve` recognises it: four numbers, or with colons. */
const ADDRESS = /^(\d{1,3}(\.\d{1,3}){3}|[0-9a-fA-F:]*:[0-9a-fA-F:.]*)$/;

/** Names and listeners that all devices share. */
export class Internet {
  readonly queue: EventQueue;
  readonly #names = new Map<string, string>();
  readonly #listeners = new Map<string, Acceptor>();
  readonly #hosts = new Map<string, number>();

  constructor(queue: EventQueue) {
    this.queue = queue;
  }

  /** Gives `host` an address, replacing an earlier one; an empty address removes the name. */
  name(host: string, address: string): void {
    if (address === '') this.#names.delete(host);
    else this.#names.set(host, address);
  }

  /** The address of `host`, or '' when there is none. An address is its own. */
  addressOf(host: string): string {
    return ADDRESS.test(host) ? host : (this.#names.get(host) ?? '');
  }

  /** Accepts connections at address and port, until the returned handle is cancelled. */
  listen(address: string, port: number, accept: Acceptor): Cancel {
    const key = `${address} ${port}`;
    if (this.#listeners.has(key)) throw new Error(`address in use: ${key}`);
    this.#listeners.set(key, accept);
    this.#hosts.set(address, (this.#hosts.get(address) ?? 0) + 1);
    return {
      cancel: () => {
        if (this.#listeners.get(key) === accept) this.#listeners.delete(key);
      },
    };
  }

  /** Who accepts there; a reason if nobody does: an address never listened at is unreachable. */
  acceptorAt(address: string, port: number): Acceptor | CloseReason {
    const found = this.#listeners.get(`${address} ${port}`);
    if (found !== undefined) return found;
    return this.#hosts.has(address) ? 'refused' : 'unreachable';
  }
}

type Pair = { device: Endpoint; server: Endpoint };

export class VirtualNetwork implements Network {
  /** How often the device asked to connect, for outside checks. */
  attempts = 0;
  /** Where the device's sockets are kept account of. */
  sockets: VirtualSockets | undefined;
  readonly #internet: Internet;
  readonly #medium: Medium & { conditions: LinkConditions };
  readonly #pairs = new Set<Pair>();

  /** @param conditions differences from `HEALTHY_LINK`. */
  constructor(internet: Internet, random: SeededRandom, conditions?: Partial<LinkConditions>) {
    this.#internet = internet;
    const start = { ...HEALTHY_LINK, ...conditions };
    checkConditions(start);
    this.#medium = { queue: internet.queue, random, conditions: start };
  }

  get conditions(): Readonly<LinkConditions> {
    return this.#medium.conditions;
  }

  /** Changes some conditions from now on; open connections feel them too. */
  change(conditions: Partial<LinkConditions>): void {
    const next = { ...this.#medium.conditions, ...conditions };
    checkConditions(next);
    this.#medium.conditions = next;
    for (const pair of this.#live()) pair.device.pump();
  }

  resolve(host: string, done: (address: string) => void): Cancel {
    const { dns, dnsMsMin, dnsMsMax } = this.conditions;
    const literal = ADDRESS.test(host);
    if (dns === 'dead' && !literal) return { cancel() {} };
    const delay = literal ? 0 : this.#medium.random.between(dnsMsMin, dnsMsMax);
    return this.#internet.queue.after(delay, () => {
      done(dns === 'fail' && !literal ? '' : this.#internet.addressOf(host));
    });
  }

  connect(target: Target, handler: TransportHandler): Transport {
    this.attempts += 1;
    const [device, server] = connectionPair(this.#medium, handler);
    this.#live();
    device.sockets = this.sockets;
    this.#pairs.add({ device, server });
    const { queue } = this.#medium;
    if (this.conditions.connect === 'silent' || this.conditions.paused) {
      const { connectTimeoutMs } = this.conditions;
      if (Number.isFinite(connectTimeoutMs)) {
        queue.after(connectTimeoutMs, () => device.end('timed out'));
      }
      return device;
    }
    queue.after(this.#latency(), () => this.#arriveAt(target, device, server));
    return device;
  }

  /** Both ends of every connection end with a reset, as after a NAT table was flushed. */
  resetAll(): void {
    for (const { device, server } of this.#live()) {
      this.#medium.queue.after(0, () => device.end('reset'));
      this.#medium.queue.after(0, () => server.end('reset'));
    }
  }

  /** The device's ends fail with `reason`; the peers hear nothing, as when Wi-Fi is lost. */
  dropAll(reason: CloseReason): void {
    for (const { device } of this.#live()) {
      device.isolate();
      this.#medium.queue.after(0, () => device.end(reason));
    }
  }

  /** Power cut of the device: its ends are gone, its handlers never called, the peers hear nothing. */
  vanishAll(): void {
    for (const { device } of this.#live()) device.vanish();
    this.#pairs.clear();
  }

  #live(): Pair[] {
    for (const pair of this.#pairs) {
      const { device, server } = pair;
      if (device.isClosed && (server.isClosed || server.isOpening)) this.#pairs.delete(pair);
    }
    return [...this.#pairs];
  }

  #latency(): number {
    return this.#medium.random.between(this.conditions.latencyMsMin, this.conditions.latencyMsMax);
  }

  #arriveAt(target: Target, device: Endpoint, server: Endpoint): void {
    if (device.isClosed) return;
    const { connect } = this.conditions;
    const acceptor = this.#internet.acceptorAt(target.address, target.port);
    const back = this.#medium.queue.now + this.#latency();
    if (connect === 'silent') return;
    const failure = connect !== 'accept' ? connect : acceptor;
    if (typeof failure === 'string') {
      this.#medium.queue.at(back, () => device.end(failure));
      return;
    }
    device.holdInboundUntil(back);
    this.#medium.queue.at(back, () => device.open());
    server.open();
    failure(server);
  }
}
