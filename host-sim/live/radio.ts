/**
 * The radio of a host: pretend networks that a station can join, and an access point that is no
 * more than a word, since the host's own network carries the page.
 */

import type {
  AccessPointHandler,
  AccessPointSettings,
  Cancel,
  Clock,
  FoundNetwork,
  Radio,
  WiFi,
  WiFiNetwork,
} from '../../firmware/ports.ts';
import { addFound } from '../../firmware/wifi/found-networks.ts';
import { StationPort } from '../../firmware/wifi/station-port.ts';
import { LiveAlarm } from './alarm.ts';
import { LiveClock } from './clock.ts';
import { LiveWiFi, type PretendNetwork } from './wifi.ts';

/** One that works with the password `mote-demo`, an open one, and one in which nothing is right. */
export const PRETEND_NETWORKS: readonly PretendNetwork[] = Object.freeze([
  { ssid: 'Home', password: 'mote-demo', rssi: -52, channel: 6 },
  { ssid: 'Guests', password: '', rssi: -61, channel: 11 },
  { ssid: 'Neighbours', password: '\0', rssi: -78, channel: 1 },
]);

export interface LiveRadioOptions {
  readonly mac: Uint8Array;
  /** The board's; default: one of its own. */
  readonly clock?: Clock;
  readonly networks?: readonly PretendNetwork[];
  /** How long a scan or a join pretends to take; default 700. */
  readonly delayMs?: number;
  /** Told when the access point opens, moves, or closes (undefined). */
  readonly accessPoint?: (settings: AccessPointSettings | undefined) => void;
}

/** The host's own network under every name: nothing is pretended. */
const HOST_NETWORK: readonly PretendNetwork[] = Object.freeze([{ rssi: -55, channel: 6 }]);

/** The radio of a board for which the host's own network is the one that it is set up for. */
export function hostRadio(mac: Uint8Array, clock?: Clock): LiveRadio {
  return new LiveRadio({ mac, clock, networks: HOST_NETWORK, delayMs: 0 });
}

export class LiveRadio implements Radio {
  readonly mac: Uint8Array;
  readonly #networks: readonly PretendNetwork[];
  readonly #delayMs: number;
  readonly #tell: (settings: AccessPointSettings | undefined) => void;
  readonly #clock: Clock;
  readonly #wifi: LiveWiFi;
  /** Who is told of the access point, while it is open. */
  #handler: AccessPointHandler | undefined;
  #station: StationPort | undefined;

  constructor({ mac, clock, networks, delayMs, accessPoint }: LiveRadioOptions) {
    this.mac = mac;
    this.#clock = clock ?? new LiveClock();
    this.#networks = networks ?? PRETEND_NETWORKS;
    this.#delayMs = delayMs ?? 700;
    this.#wifi = new LiveWiFi(this.#networks, this.#delayMs);
    this.#tell = accessPoint ?? (() => {});
  }

  station(network: WiFiNetwork): WiFi {
    const clock = this.#clock;
    return new StationPort(network, this.#wifi, {
      clock,
      alarm: (ring) => new LiveAlarm(clock, ring),
      take: (station) => {
        if (this.#station !== station) this.#station?.leave();
        this.#station = station;
        this.#wifi.told = (message, isRefused) => station.notified(message, isRefused);
      },
    });
  }

  scan(done: (networks: readonly FoundNetwork[]) => void): Cancel {
    const timer = setTimeout(() => done(this.#found()), this.#delayMs);
    return { cancel: () => clearTimeout(timer) };
  }

  openAccessPoint(settings: AccessPointSettings, handler: AccessPointHandler): void {
    this.#handler = handler;
    this.#tell(settings);
    setImmediate(() => {
      if (this.#handler === handler) handler.opened();
    });
  }

  closeAccessPoint(): void {
    if (this.#handler !== undefined) this.#tell(undefined);
    this.#handler = undefined;
  }

  #found(): FoundNetwork[] {
    const list: FoundNetwork[] = [];
    for (const { ssid, rssi, channel, password } of this.#networks) {
      if (ssid === undefined) continue;
      addFound(list, { ssid: Buffer.from(ssid), rssi, channel, secure: password !== '' });
    }
    return list;
  }
}
