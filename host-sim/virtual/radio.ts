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

import { decodeUtf8, utf8Length, writeUtf8 } from '../../firmware/base/utf8.ts';
import type {
  AccessPointHandler,
  AccessPointSettings,
  Cancel,
  FoundNetwork,
  Radio,
  WiFi,
  WiFiNetwork,
} from '../../firmware/ports.ts';
import { addFound } from '../../firmware/wifi/found-networks.ts';
import { StationPort } from '../../firmware/wifi/station-port.ts';
import { VirtualAlarm } from './alarm.ts';
import { VirtualClock } from './clock.ts';
import type { EventQueue, Scheduled } from './event-queue.ts';
import type { VirtualNetwork } from './network.ts';
import type { SeededRandom } from './random.ts';
import type { VirtualSockets } from './sockets.ts';
import { type MetAccessPoint, SCAN_MS, VirtualWiFi } from './wifi.ts';

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
  scans = 0;
  readonly #wifi: VirtualWiFi;
  readonly #clock: VirtualClock;
  readonly #alarms: VirtualAlarm[] = [];
  #station: StationPort | undefined;
  /** The network that the station asked for last. */
  #asked: AirNetwork | undefined;
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
    this.#clock = new VirtualClock(queue);
    this.#wifi = new VirtualWiFi(queue, random, (network) => this.#look(network));
    for (const network of air) this.add(network);
  }

  /** The access point as it is open now. */
  get accessPoint(): AccessPointSettings | undefined {
    return this.#accessPoint?.settings;
  }

  /** The network that the station is on. */
  get joined(): AirNetwork | undefined {
    return this.#wifi.isJoined ? this.#asked : undefined;
  }

  /** Where the board's sockets are kept account of. */
  get sockets(): VirtualSockets | undefined {
    return this.#wifi.sockets;
  }

  set sockets(sockets: VirtualSockets) {
    this.#wifi.sockets = sockets;
  }

  /** What the station carries: its connections end with Wi-Fi. */
  set network(network: VirtualNetwork) {
    this.#wifi.network = network;
  }

  /** Puts a network on the air. */
  add(network: Partial<AirNetwork>): AirNetwork {
    const added = { ...USUAL, ...network };
    this.air.push(added);
    return added;
  }

  station(network: WiFiNetwork): WiFi {
    const clock = this.#clock;
    return new StationPort(network, this.#wifi, {
      clock,
      alarm: (ring) => this.#alarmOf(ring),
      take: (station) => {
        if (this.#station !== station) this.#station?.leave();
        this.#station = station;
        this.#wifi.told = (message, isRefused) => station.notified(message, isRefused);
      },
    });
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
    return this.#wifi.lose();
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
    this.#wifi.powerOff();
    this.#station = undefined;
    for (const alarm of this.#alarms) alarm.stop();
    this.#alarms.length = 0;
    this.#scanning?.cancel();
    this.#scanning = undefined;
    this.closeAccessPoint();
  }

  #alarmOf(ring: () => void): VirtualAlarm {
    const alarm = new VirtualAlarm(this.queue, this.#clock, ring);
    this.#alarms.push(alarm);
    return alarm;
  }

  /** What a station meets that asks for this network; the access point moves to its channel. */
  #look(network: WiFiNetwork): MetAccessPoint | undefined {
    const { ssid: bytes, password } = network;
    const name = decodeUtf8(bytes, 0, bytes.length);
    const found = this.air.find(({ ssid, inRange }) => inRange && ssid === name);
    this.#asked = found;
    if (found === undefined) return undefined;
    this.#moveTo(found.channel);
    const refuses = found.lies > 0 || found.password !== password;
    if (found.lies > 0) found.lies -= 1;
    const { rssi, channel, addressMs } = found;
    return { rssi, channel, refuses, addressMs, isInRange: () => found.inRange };
  }

  /** There is one radio, on one channel. */
  #moveTo(channel: number): void {
    const open = this.#accessPoint;
    if (open === undefined || channel === open.settings.channel) return;
    this.#accessPoint = { ...open, settings: { ...open.settings, channel } };
    this.#throwOff();
  }

  #found(): FoundNetwork[] {
    const list: FoundNetwork[] = [];
    for (const { ssid, rssi, channel, password, inRange, hidden } of this.air) {
      if (!inRange || hidden) continue;
      addFound(list, { ssid: ssidBytes(ssid), rssi, channel, secure: password !== '' });
    }
    return list;
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
