/**
 * The host's radio as a station, as far as there is one: it pretends to associate, and the host's
 * own network carries what is sent. The firmware's own station (`wifi/station-port.ts`) runs on it.
 *
 * Losing the network shows as it does on the host, as failing connections; coverage that comes and
 * goes is the virtual radio's business.
 */

import type { WiFiNetwork } from '../../firmware/ports.ts';
import type { StationRadio } from '../../firmware/wifi/station-port.ts';

/** A network that a station can pretend to join. */
export interface PretendNetwork {
  /** Undefined: every name is its name. */
  readonly ssid?: string;
  /** Empty: open. Undefined: every password is right. */
  readonly password?: string;
  readonly rssi: number;
  readonly channel: number;
}

const BSSID = '02:00:00:00:00:01';

export class LiveWiFi implements StationRadio {
  /** Who hears the platform's messages. */
  told: (message: string, isRefused: boolean) => void = () => {};
  readonly #networks: readonly PretendNetwork[];
  readonly #delayMs: number;
  #on: PretendNetwork | undefined;
  #cancel: () => void = () => {};

  /** @param delayMs how long joining takes */
  constructor(networks: readonly PretendNetwork[], delayMs: number) {
    this.#networks = networks;
    this.#delayMs = delayMs;
  }

  connect(network: WiFiNetwork): void {
    this.disconnect();
    const name = Buffer.from(network.ssid).toString();
    const found = this.#networks.find(({ ssid }) => ssid === undefined || ssid === name);
    const isRight = found?.password === undefined || found.password === network.password;
    this.#after(this.#delayMs, () => {
      if (found === undefined || !isRight) this.told('disconnect', found !== undefined);
      else {
        this.#on = found;
        this.told('connect', false);
      }
    });
  }

  disconnect(): void {
    this.#cancel();
    this.#on = undefined;
  }

  address(): void {
    this.#after(0, () => this.told('gotIP', false));
  }

  link(): { rssi: number; channel: number; bssid: string } | undefined {
    if (this.#on === undefined) return undefined;
    const { rssi, channel } = this.#on;
    return { rssi, channel, bssid: BSSID };
  }

  /** What comes next, instead of what would have come. */
  #after(delayMs: number, work: () => void): void {
    this.#cancel();
    if (delayMs === 0) {
      const next = setImmediate(work);
      this.#cancel = () => clearImmediate(next);
    } else {
      const next = setTimeout(work, delayMs);
      this.#cancel = () => clearTimeout(next);
    }
  }
}
