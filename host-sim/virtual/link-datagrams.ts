/**
 * A board's datagrams as its link carries them: without Wi-Fi, in a radio gap and on a half-open
 * link they are lost; on a slow one they are late. What is late may come after its socket is closed,
 * and is lost then.
 */

import type { DatagramHandler, DatagramSocket, Datagrams } from '../../firmware/ports.ts';
import type { EventQueue } from './event-queue.ts';
import type { VirtualNetwork } from './network.ts';
import type { SeededRandom } from './random.ts';

export class LinkDatagrams implements Datagrams {
  readonly #inner: Datagrams;
  readonly #queue: EventQueue;
  readonly #random: SeededRandom;
  readonly #network: VirtualNetwork;
  readonly #isJoined: () => boolean;

  constructor(
    inner: Datagrams,
    queue: EventQueue,
    random: SeededRandom,
    network: VirtualNetwork,
    isJoined: () => boolean,
  ) {
    this.#inner = inner;
    this.#queue = queue;
    this.#random = random;
    this.#network = network;
    this.#isJoined = isJoined;
  }

  bind(port: number, received: DatagramHandler): DatagramSocket {
    let isOpen = true;
    const socket = this.#inner.bind(port, (bytes, length, from, fromPort) => {
      this.#carry('losesDown', () => {
        if (isOpen) received(bytes, length, from, fromPort);
      });
    });
    return {
      port: socket.port,
      send: (from, length, address, to) => {
        const bytes = from.slice(0, length);
        this.#carry('losesUp', () => socket.send(bytes, length, address, to));
      },
      close: () => {
        isOpen = false;
        socket.close();
      },
    };
  }

  #carry(direction: 'losesUp' | 'losesDown', arrive: () => void): void {
    const { conditions } = this.#network;
    const latencyMs = this.#random.between(conditions.latencyMsMin, conditions.latencyMsMax);
    if (!this.#isJoined() || conditions.paused || conditions[direction]) return;
    this.#queue.after(latencyMs, arrive);
  }
}
