/**
 * The radio of a host: pretend networks that a station can join, and an access point that is no
 * more than a word, since the host's own network carries the page.
 */

import type {
  AccessPointHandler,
  AccessPointSettings,
  Cancel,
  FoundNetwork,
  JoinFailure,
  Radio,
  WiFi,
  WiFiHandler,
  WiFiNetwork,
} from '../../firmware/ports.ts';

/** A network that a station can pretend to join. */
export interface PretendNetwork {
  readonly ssid: string;
  /** Empty: open. Undefined: every password is right. */
  readonly password?: string;
  readonly rssi: number;
  readonly channel: number;
}

/** One that works with the password `mote-demo`, an open one, and one in which nothing is right. */
export const PRETEND_NETWORKS: readonly PretendNetwork[] = Object.freeze([
  { ssid: 'Home', password: 'mote-demo', rssi: -52, channel: 6 },
  { ssid: 'Guests', password: '', rssi: -61, channel: 11 },
  { ssid: 'Neighbours', password: '\0', rssi: -78, channel: 1 },
]);

const LINK_BSSID = '02:00:00:00:00:01';

export interface LiveRadioOptions {
  readonly mac: Uint8Array;
  readonly networks?: readonly PretendNetwork[];
  /** How long a scan or a join pretends to take; default 700. */
  readonly delayMs?: number;
  /** Told when the access point opens, moves, or closes (undefined). */
  readonly accessPoint?: (settings: AccessPointSettings | undefined) => void;
}

export class LiveRadio implements Radio {
  readonly mac: Uint8Array;
  readonly #networks: readonly PretendNetwork[];
  readonly #delayMs: number;
  readonly #tell: (settings: AccessPointSettings | undefined) => void;
  /** Who is told of the access point, while it is open. */
  #handler: AccessPointHandler | undefined;
  #station: WiFi | undefined;

  constructor({ mac, networks, delayMs, accessPoint }: LiveRadioOptions) {
    this.mac = mac;
    this.#networks = networks ?? PRETEND_NETWORKS;
    this.#delayMs = delayMs ?? 700;
    this.#tell = accessPoint ?? (() => {});
  }

  station(network: WiFiNetwork): WiFi {
    const ssid = Buffer.from(network.ssid).toString();
    const found = this.#networks.find((candidate) => candidate.ssid === ssid);
    const isRight = found?.password === undefined || found.password === network.password;
    const failure = found === undefined ? 'not found' : isRight ? undefined : 'password refused';
    const station = new LiveStation(found, failure, this.#delayMs, () => {
      if (this.#station !== station) this.#station?.leave();
      this.#station = station;
    });
    return station;
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
    return this.#networks
      .map(({ ssid, rssi, channel, password }) => {
        return { ssid: new Uint8Array(Buffer.from(ssid)), rssi, channel, secure: password !== '' };
      })
      .sort((a, b) => b.rssi - a.rssi);
  }
}

class LiveStation implements WiFi {
  readonly #network: PretendNetwork | undefined;
  readonly #failure: JoinFailure | undefined;
  readonly #delayMs: number;
  readonly #take: () => void;
  #joining: NodeJS.Timeout | undefined;
  #isJoined = false;

  constructor(
    network: PretendNetwork | undefined,
    failure: JoinFailure | undefined,
    delayMs: number,
    take: () => void,
  ) {
    this.#network = network;
    this.#failure = failure;
    this.#delayMs = delayMs;
    this.#take = take;
  }

  join(handler: WiFiHandler): void {
    this.leave();
    this.#take();
    this.#joining = setTimeout(() => {
      this.#isJoined = this.#failure === undefined;
      if (this.#failure === undefined) handler.joined();
      else handler.failed(this.#failure);
    }, this.#delayMs);
  }

  leave(): void {
    clearTimeout(this.#joining);
    this.#isJoined = false;
  }

  link(): { rssi: number; channel: number; bssid: string } | undefined {
    if (!this.#isJoined || this.#network === undefined) return undefined;
    const { rssi, channel } = this.#network;
    return { rssi, channel, bssid: LINK_BSSID };
  }
}
