/**
 * The whole radio on the event queue: a station, scans, and an access point with phones on it, on
 * one channel at a time.
 *
 *   const radio = new VirtualRadio(queue, random.fork('radio'), [{ ssid: 'home', password: 'x' }]);
 *   const station = radio.station({ ssid: bytes('home'), password: 'x' });
 *
 * What real radios do to phones, it does: a scan throws them off and lets none on; so does moving
 * the access point to another channel, and joining a network on another channel moves it.
 *
 * Invariants: handlers run from the event queue; nothing is called after `leave`, `cancel`,
 * `closeAccessPoint` or `powerOff`; every join ends in `joined` or `failed` in bounded time.
 */

import { decodeUtf8, utf8Length, writeUtf8 } from '../../firmware/base/text.ts';
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
import type { EventQueue, Scheduled } from './event-queue.ts';
import type { VirtualNetwork } from './network.ts';
import type { SeededRandom } from './random.ts';
import type { VirtualSockets } from './sockets.ts';

/** A network on the air. */
export interface AirNetwork {
  ssid: string;
  /** Empty: open. */
  password: string;
  rssi: number;
  channel: number;
  /** Not shown in scans. */
  hidden: boolean;
  inRange: boolean;
  /** From association to an address; Infinity: never. */
  addressMs: number;
  /** So many joins are refused as if the password were wrong. */
  lies: number;
}

const USUAL: Readonly<AirNetwork> = Object.freeze({
  ssid: '',
  password: '',
  rssi: -60,
  channel: 6,
  hidden: false,
  inRange: true,
  addressMs: 500,
  lies: 0,
});

/** A phone, as the access point knows it. */
export interface Visitor {
  /** It is off the network: the channel moved, or the access point is gone. */
  thrownOff(): void;
}

const SCAN_MS = 2500;
const ASSOCIATION_MS_MIN = 150;
const ASSOCIATION_MS_MAX = 900;
const ADDRESS_MS_MAX = 15_000;
const DEFAULT_MAC = Object.freeze([0x24, 0x6f, 0x28, 0x0a, 0x1b, 0x2c]);

/** A network's name as the bytes that it is on the air. */
export function ssidBytes(name: string): Uint8Array {
  const bytes = new Uint8Array(utf8Length(name));
  writeUtf8(bytes, 0, name);
  return bytes;
}

interface OpenAccessPoint {
  readonly settings: AccessPointSettings;
  readonly handler: AccessPointHandler;
}

export class VirtualRadio implements Radio {
  readonly mac: Uint8Array;
  /** What is on the air; tests change it at will. */
  readonly air: AirNetwork[] = [];
  readonly queue: EventQueue;
  readonly random: SeededRandom;
  readonly phones = new Set<Visitor>();
  /** Where the board's sockets are kept account of. */
  sockets: VirtualSockets | undefined;
  /** What the station carries: its connections end with Wi-Fi. */
  network: VirtualNetwork | undefined;
  scans = 0;
  #station: VirtualStation | undefined;
  #scanning: Scheduled | undefined;
  #accessPoint: OpenAccessPoint | undefined;

  constructor(
    queue: EventQueue,
    random: SeededRandom,
    air: readonly Partial<AirNetwork>[] = [],
    mac: Iterable<number> = DEFAULT_MAC,
  ) {
    this.queue = queue;
    this.random = random;
    this.mac = Uint8Array.from(mac);
    for (const network of air) this.add(network);
  }

  /** The access point as it is open now. */
  get accessPoint(): AccessPointSettings | undefined {
    return this.#accessPoint?.settings;
  }

  /** The network that the station is on. */
  get joined(): AirNetwork | undefined {
    return this.#station?.on;
  }

  /** Puts a network on the air. */
  add(network: Partial<AirNetwork>): AirNetwork {
    const added = { ...USUAL, ...network };
    this.air.push(added);
    return added;
  }

  station(network: WiFiNetwork): WiFi {
    return new VirtualStation(this, network);
  }

  scan(done: (networks: readonly FoundNetwork[]) => void): Cancel {
    this.scans += 1;
    this.#throwOff();
    this.#scanning?.cancel();
    const scanning = this.queue.after(SCAN_MS, () => {
      this.#scanning = undefined;
      done(this.#found());
    });
    this.#scanning = scanning;
    return { cancel: () => scanning.cancel() };
  }

  openAccessPoint(settings: AccessPointSettings, handler: AccessPointHandler): void {
    const before = this.#accessPoint?.settings;
    const isMoved =
      before?.channel !== settings.channel ||
      before.ssid !== settings.ssid ||
      before.password !== settings.password;
    if (before !== undefined && isMoved) this.sockets?.demandReleased('moves its access point');
    this.#accessPoint = { settings, handler };
    if (isMoved) this.#throwOff();
    this.queue.after(0, () => {
      if (this.#accessPoint?.handler === handler) handler.opened();
    });
  }

  closeAccessPoint(): void {
    if (this.#accessPoint !== undefined) this.sockets?.demandReleased('closes its access point');
    this.#accessPoint = undefined;
    this.#throwOff();
  }

  /** The network that the station is on goes out of reach. @returns whether there was one */
  lose(): boolean {
    return this.#station?.lose() ?? false;
  }

  /** A phone tries to get on. @returns why not, or undefined */
  associate(phone: Visitor, ssid: string, password: string): 'not found' | 'refused' | undefined {
    const settings = this.#accessPoint?.settings;
    if (settings?.ssid !== ssid || this.#scanning?.pending === true) return 'not found';
    if (settings.password !== password) return 'refused';
    this.phones.add(phone);
    this.#tellStations();
    return undefined;
  }

  /** A phone leaves by itself. */
  dissociate(phone: Visitor): void {
    if (this.phones.delete(phone)) this.#tellStations();
  }

  /** The board lost power. */
  powerOff(): void {
    this.sockets?.powerOff();
    this.#station?.leave();
    this.#scanning?.cancel();
    this.#scanning = undefined;
    this.closeAccessPoint();
  }

  /** For stations: the one radio is theirs now, on this channel. */
  take(station: VirtualStation, channel: number | undefined): void {
    const before = this.#station;
    this.#station = station;
    if (before !== undefined && before !== station) before.giveWay();
    const open = this.#accessPoint;
    if (open === undefined || channel === undefined || channel === open.settings.channel) return;
    this.#accessPoint = { ...open, settings: { ...open.settings, channel } };
    this.#throwOff();
  }

  #found(): FoundNetwork[] {
    return this.air
      .filter(({ inRange, hidden }) => inRange && !hidden)
      .map(({ ssid, rssi, channel, password }) => {
        return { ssid: ssidBytes(ssid), rssi, channel, secure: password !== '' };
      })
      .sort((a, b) => b.rssi - a.rssi);
  }

  #throwOff(): void {
    const phones = [...this.phones];
    this.phones.clear();
    for (const phone of phones) this.queue.after(0, () => phone.thrownOff());
    if (phones.length > 0) this.#tellStations();
  }

  #tellStations(): void {
    const open = this.#accessPoint;
    this.queue.after(0, () => {
      if (open !== undefined && this.#accessPoint?.handler === open.handler) {
        open.handler.stations(this.phones.size);
      }
    });
  }
}

/** The radio as a station of one network. */
class VirtualStation implements WiFi {
  /** What it is on. */
  on: AirNetwork | undefined;
  readonly #radio: VirtualRadio;
  readonly #network: WiFiNetwork;
  #handler: WiFiHandler | undefined;
  #pending: Scheduled | undefined;

  constructor(radio: VirtualRadio, network: WiFiNetwork) {
    this.#radio = radio;
    this.#network = network;
  }

  join(handler: WiFiHandler): void {
    this.leave();
    this.#handler = handler;
    const radio = this.#radio;
    const { ssid: bytes } = this.#network;
    const name = decodeUtf8(bytes, 0, bytes.length);
    const found = radio.air.find(({ ssid, inRange }) => inRange && ssid === name);
    radio.take(this, found?.channel);
    if (found === undefined) this.#failAfter(SCAN_MS, 'not found');
    else if (found.lies > 0) {
      found.lies -= 1;
      this.#failAfter(SCAN_MS, 'password refused');
    } else if (found.password !== this.#network.password) {
      this.#failAfter(SCAN_MS, 'password refused');
    } else this.#associate(found);
  }

  leave(): void {
    if (this.on !== undefined) {
      this.#radio.sockets?.demandReleased('leaves Wi-Fi');
      this.#radio.network?.dropAll('network lost');
    }
    this.#pending?.cancel();
    this.#pending = undefined;
    this.#handler = undefined;
    this.on = undefined;
  }

  /** Another station joins. */
  giveWay(): void {
    if (this.on !== undefined) this.#radio.sockets?.demandReleased('joins another network');
    this.lose();
  }

  link(): { rssi: number; channel: number; bssid: string } | undefined {
    if (this.on === undefined) return undefined;
    const { rssi, channel } = this.on;
    return { rssi, channel, bssid: '02:00:00:00:00:01' };
  }

  /** It is off, and told so, if it was on or about to be. */
  lose(): boolean {
    if (this.#handler === undefined) return false;
    if (this.on !== undefined) this.#radio.network?.dropAll('network lost');
    this.on = undefined;
    this.#pending?.cancel();
    this.#failAfter(0, 'lost');
    return true;
  }

  #associate(found: AirNetwork): void {
    const { queue, random } = this.#radio;
    const associationMs = random.between(ASSOCIATION_MS_MIN, ASSOCIATION_MS_MAX);
    const isFixed = this.#network.fixed !== undefined;
    const addressMs = isFixed ? 0 : found.addressMs;
    if (addressMs > ADDRESS_MS_MAX) {
      this.#failAfter(associationMs + ADDRESS_MS_MAX, 'no address');
      return;
    }
    this.#pending = queue.after(associationMs + addressMs, () => {
      this.#pending = undefined;
      if (!found.inRange) {
        this.#handler?.failed('timed out');
        return;
      }
      this.on = found;
      this.#handler?.joined();
    });
  }

  #failAfter(delayMs: number, reason: JoinFailure): void {
    this.#pending = this.#radio.queue.after(delayMs, () => {
      this.#pending = undefined;
      this.#handler?.failed(reason);
    });
  }
}
