/** The radio of a virtual device: joins after a while, or fails, as the test says. */

import type { JoinFailure, WiFi, WiFiHandler } from '../../firmware/ports.ts';
import type { EventQueue } from '../../host-sim/virtual/event-queue.ts';
import type { VirtualNetwork } from '../../host-sim/virtual/network.ts';

/** A radio that a test takes out of reach and back. */
export class TestWiFi implements WiFi {
  joins = 0;
  /** What joining comes to; undefined: it works. */
  failure: JoinFailure | undefined;
  joinMs = 100;
  readonly #queue: EventQueue;
  #pending: { cancel(): void } | undefined;
  #handler: WiFiHandler | undefined;
  #joined = false;

  constructor(queue: EventQueue) {
    this.#queue = queue;
  }

  join(handler: WiFiHandler): void {
    this.leave();
    this.joins += 1;
    this.#handler = handler;
    this.#pending = this.#queue.after(this.joinMs, () => {
      this.#joined = this.failure === undefined;
      if (this.failure === undefined) handler.joined();
      else handler.failed(this.failure);
    });
  }

  leave(): void {
    this.#pending?.cancel();
    this.#handler = undefined;
    this.#joined = false;
  }

  /** The network is lost, and stays so until `failure` is cleared. */
  lose(network: VirtualNetwork): void {
    this.failure = 'not found';
    network.dropAll('unreachable');
    const handler = this.#handler;
    const wasJoined = this.#joined;
    this.#joined = false;
    if (wasJoined) this.#queue.after(0, () => handler?.failed('lost'));
  }

  link(): { rssi: number; channel: number; bssid: string } | undefined {
    return this.#joined ? { rssi: -61, channel: 11, bssid: '02:00:00:00:00:09' } : undefined;
  }
}
