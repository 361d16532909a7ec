/**
 * A bare MQTT client for the tests of the virtual world: it sends what it is told, encoded by
 * `mqtt-packet` or as raw bytes, records what comes, and answers nothing by itself.
 */

import {
  generate,
  type IAuthPacket,
  type IConnackPacket,
  type IPublishPacket,
  type Packet,
  parser,
} from 'mqtt-packet';
import type { Transport } from '../../../firmware/ports.ts';
import { VirtualBroker } from '../../../host-sim/virtual/broker/broker.ts';
import type { BrokerSettings } from '../../../host-sim/virtual/broker/settings.ts';
import { EventQueue } from '../../../host-sim/virtual/event-queue.ts';
import type { LinkConditions } from '../../../host-sim/virtual/link.ts';
import { Internet, VirtualNetwork } from '../../../host-sim/virtual/network.ts';
import { SeededRandom } from '../../../host-sim/virtual/random.ts';

export const BROKER_ADDRESS = '10.0.0.1';

/** Any packet of a server, with the fields that the tests look at. */
export interface Received {
  cmd: string;
  messageId?: number;
  reasonCode?: number;
  returnCode?: number;
  sessionPresent?: boolean;
  topic?: string;
  payload?: Uint8Array;
  dup?: boolean;
  retain?: boolean;
  granted?: number[];
  properties?: IConnackPacket['properties'] &
    IPublishPacket['properties'] &
    IAuthPacket['properties'];
}

export interface ConnectOptions {
  clientId?: string;
  version?: 4 | 5;
  clean?: boolean;
  keepalive?: number;
  will?: object;
  username?: string;
  password?: Buffer;
  properties?: object;
}

export class WireClient {
  readonly received: Received[] = [];
  closedWith: string | undefined;
  isOpen = false;
  readonly version: 4 | 5;
  readonly #queue: EventQueue;
  readonly #transport: Transport;
  readonly #bytes = new Uint8Array(65536);

  constructor(queue: EventQueue, network: VirtualNetwork, version: 4 | 5) {
    this.#queue = queue;
    this.version = version;
    const decoder = parser({ protocolVersion: version });
    decoder.on('packet', (packet) => this.received.push(packet as Received));
    decoder.on('error', () => {});
    const target = { host: 'broker', address: BROKER_ADDRESS, port: 1883, path: '/' };
    this.#transport = network.connect(target, {
      opened: () => {
        this.isOpen = true;
      },
      readable: () => {
        for (;;) {
          const count = this.#transport.read(this.#bytes, 0, this.#bytes.length);
          if (count === 0) return;
          decoder.parse(Buffer.from(this.#bytes.slice(0, count)));
        }
      },
      writable: () => {},
      closed: (reason) => {
        this.closedWith = reason;
      },
    });
  }

  raw(bytes: Uint8Array): this {
    this.#transport.write(bytes, 0, bytes.length);
    this.#queue.runFor(10);
    return this;
  }

  send(packet: object): this {
    return this.raw(generate(packet as Packet, { protocolVersion: this.version }));
  }

  close(): void {
    this.#transport.close();
    this.#queue.runFor(10);
  }

  publish(topic: string, payload: string, more: object = {}): this {
    const base = { cmd: 'publish', topic, payload, qos: 0, dup: false, retain: false };
    return this.send({ ...base, ...more });
  }

  subscribe(messageId: number, topic: string, more: object = {}, properties?: object): this {
    const subscriptions = [{ topic, qos: 1, ...more }];
    return this.send({ cmd: 'subscribe', messageId, subscriptions, properties });
  }

  of(cmd: string): Received[] {
    return this.received.filter((packet) => packet.cmd === cmd);
  }

  /** The first CONNACK; undefined at run time when none came. */
  get connack(): Received {
    return this.of('connack')[0];
  }
}

/** A broker on a virtual network with a healthy link. */
export function createWorld(
  settings?: Partial<BrokerSettings>,
  conditions?: Partial<LinkConditions>,
) {
  const queue = new EventQueue();
  const random = new SeededRandom(7);
  const internet = new Internet(queue);
  const broker = new VirtualBroker(queue, random.fork('broker'), settings);
  broker.listen(internet, BROKER_ADDRESS);
  const network = new VirtualNetwork(internet, random.fork('link'), conditions);
  const dial = (version: 4 | 5 = 5) => {
    const client = new WireClient(queue, network, version);
    queue.runFor(10);
    return client;
  };
  const connect = (options: ConnectOptions = {}) => {
    const { version = 5, clientId = 'mote', clean = true, keepalive = 0, ...rest } = options;
    const protocolId = 'MQTT';
    return dial(version).send({
      cmd: 'connect',
      protocolId,
      protocolVersion: version,
      clientId,
      clean,
      keepalive,
      ...rest,
    });
  };
  const rules = () => broker.violations.map(({ rule }) => rule);
  return { queue, random, internet, broker, network, dial, connect, rules };
}
