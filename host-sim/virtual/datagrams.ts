/**
 * Datagrams in virtual time: an `Air` carries them between bound addresses and ports, late, and
 * perhaps not at all. They stay whole; they may overtake one another.
 */

import type { DatagramHandler, DatagramSocket, Datagrams } from '../../firmware/ports.ts';
import type { EventQueue } from './event-queue.ts';
import { PORTAL_ADDRESS } from './listener.ts';
import type { SeededRandom } from './random.ts';
import type { VirtualSockets } from './sockets.ts';

const EPHEMERAL_PORT = 49_152;

/** How the air treats a datagram. */
export interface AirConditions {
  /** One way, evenly drawn between the two. */
  readonly latencyMsMin: number;
  readonly latencyMsMax: number;
  /** Of a hundred, how many are lost. */
  readonly lossPercent: number;
}

export const CLEAR_AIR: AirConditions = Object.freeze({
  latencyMsMin: 1,
  latencyMsMax: 1,
  lossPercent: 0,
});

/** What carries the datagrams of one network. */
export class Air {
  conditions: AirConditions;
  readonly #queue: EventQueue;
  readonly #random: SeededRandom;
  readonly #bound = new Map<string, DatagramHandler>();

  constructor(queue: EventQueue, random: SeededRandom, conditions: AirConditions = CLEAR_AIR) {
    this.#queue = queue;
    this.#random = random;
    this.conditions = conditions;
  }

  /** Binds; port 0 takes the first free one from 49152 on. @throws Error when it is taken */
  bind(address: string, wanted: number, received: DatagramHandler): DatagramSocket {
    let port = wanted === 0 ? EPHEMERAL_PORT : wanted;
    while (wanted === 0 && this.#bound.has(`${address} ${port}`)) port += 1;
    const key = `${address} ${port}`;
    if (this.#bound.has(key)) throw new Error(`address in use: ${key}`);
    this.#bound.set(key, received);
    const isBound = () => this.#bound.get(key) === received;
    return {
      port,
      send: (from, length, to, toPort) => {
        if (isBound()) this.#carry(from.slice(0, length), address, port, `${to} ${toPort}`);
      },
      close: () => {
        if (isBound()) this.#bound.delete(key);
      },
    };
  }

  #carry(bytes: Uint8Array, address: string, port: number, to: string): void {
    const { latencyMsMin, latencyMsMax, lossPercent } = this.conditions;
    const isLost = lossPercent > 0 && this.#random.below(100) < lossPercent;
    const latency = this.#random.between(latencyMsMin, latencyMsMax);
    if (isLost) return;
    this.#queue.after(latency, () => this.#bound.get(to)?.(bytes, bytes.length, address, port));
  }
}

/** One host's datagrams: the board's, or with another address a phone's. */
export class VirtualDatagrams implements Datagrams {
  /** Where the host's sockets are kept account of. */
  sockets: VirtualSockets | undefined;
  readonly #air: Air;
  readonly #address: string;
  readonly #sockets = new Set<DatagramSocket>();

  constructor(air: Air, address = PORTAL_ADDRESS) {
    this.#air = air;
    this.#address = address;
  }

  bind(port: number, received: DatagramHandler): DatagramSocket {
    const socket = this.#air.bind(this.#address, port, received);
    this.#sockets.add(socket);
    return {
      ...socket,
      close: () => {
        if (!this.#sockets.delete(socket)) return;
        socket.close();
        this.sockets?.closing();
      },
    };
  }

  /** Power cut of the host: nothing is bound any more. */
  vanishAll(): void {
    for (const socket of this.#sockets) socket.close();
    this.#sockets.clear();
  }
}
