/**
 * The platform's radio as a station, on the event queue: what `esp32/wifi.ts` is on the board. The
 * firmware's own station (`wifi/station-port.ts`) runs on it.
 *
 * Invariants: messages come from the event queue; a `disconnect` that is owed for an association
 * given up is swallowed by the next `connect`, as the platform's own retry does.
 */

import type { FixedAddress, WiFiNetwork } from '../../firmware/ports.ts';
import type { KnownAccessPoint } from '../../firmware/wifi/station.ts';
import type { StationRadio } from '../../firmware/wifi/station-port.ts';
import type { EventQueue, Scheduled } from './event-queue.ts';
import type { VirtualNetwork } from './network.ts';
import type { SeededRandom } from './random.ts';
import type { VirtualSockets } from './sockets.ts';

/** An access point as a station meets it. */
export interface MetAccessPoint {
  readonly rssi: number;
  readonly channel: number;
  /** It does not take the password. */
  readonly refuses: boolean;
  /** How long its router takes to give an address; Infinity: for ever. */
  readonly addressMs: number;
  /** Looked at again once the association would be made. */
  isInRange(): boolean;
}

/** Which access point answers; undefined when none does. */
export type Look = (network: WiFiNetwork) => MetAccessPoint | undefined;

/** Over all channels. */
export const SCAN_MS = 2500;
/** One access point, asked for on its channel, twice. */
const PROBE_MS = 700;
const ASSOCIATION_MS_MIN = 150;
const ASSOCIATION_MS_MAX = 900;
const FAREWELL_MS_MAX = 20;
const BSSID = '02:00:00:00:00:01';

export class VirtualWiFi implements StationRadio {
  /** Where the board's sockets are kept account of. */
  sockets: VirtualSockets | undefined;
  /** What it carries: its connections end with Wi-Fi. */
  network: VirtualNetwork | undefined;
  /** Who hears the platform's messages. */
  told: (message: string, isRefused: boolean) => void = () => {};
  readonly #queue: EventQueue;
  readonly #random: SeededRandom;
  readonly #look: Look;
  /** What it is associated with. */
  #on: MetAccessPoint | undefined;
  #next: Scheduled | undefined;
  #hasAddress = false;

  constructor(queue: EventQueue, random: SeededRandom, look: Look) {
    this.#queue = queue;
    this.#random = random;
    this.#look = look;
  }

  /** Associated, and with an address. */
  get isJoined(): boolean {
    return this.#hasAddress;
  }

  connect(network: WiFiNetwork, at: KnownAccessPoint | undefined): void {
    this.#giveUp('joins another network');
    const met = this.#look(network);
    if (met === undefined) this.#tellAfter(at === undefined ? SCAN_MS : PROBE_MS, false);
    else if (met.refuses) this.#tellAfter(SCAN_MS, true);
    else this.#associate(met);
  }

  disconnect(): void {
    const wasOn = this.#on !== undefined;
    this.#giveUp('leaves Wi-Fi');
    if (wasOn) this.#tellAfter(this.#random.between(1, FAREWELL_MS_MAX), false);
  }

  address(fixed: FixedAddress | undefined): void {
    const addressMs = fixed === undefined ? (this.#on?.addressMs ?? 0) : 0;
    if (!Number.isFinite(addressMs)) return;
    this.#after(addressMs, () => {
      if (this.#on === undefined) return;
      if (!this.#on.isInRange()) this.#drop();
      else {
        this.#hasAddress = true;
        this.told('gotIP', false);
      }
    });
  }

  link(): { rssi: number; channel: number; bssid: string } | undefined {
    if (this.#on === undefined) return undefined;
    const { rssi, channel } = this.#on;
    return { rssi, channel, bssid: BSSID };
  }

  /** The network goes away, and its connections with it. @returns whether the board was on one */
  lose(): boolean {
    if (this.#on === undefined) return false;
    const wasJoined = this.#hasAddress;
    // Which of the two the board hears first is the platform's to choose.
    const connectionsFirst = this.network !== undefined && this.#random.chance(0.8);
    if (wasJoined && connectionsFirst) this.network?.dropAll('network lost');
    this.#on = undefined;
    this.#hasAddress = false;
    this.#tellAfter(0, false);
    if (wasJoined && !connectionsFirst) this.network?.dropAll('network lost');
    return wasJoined;
  }

  /** The board lost power, or restarts. */
  powerOff(): void {
    this.sockets?.powerOff();
    this.#giveUp('loses power');
    this.told = () => {};
  }

  #associate(met: MetAccessPoint): void {
    this.#after(this.#random.between(ASSOCIATION_MS_MIN, ASSOCIATION_MS_MAX), () => {
      if (!met.isInRange()) {
        this.#drop();
        return;
      }
      this.#on = met;
      this.told('connect', false);
    });
  }

  #giveUp(deed: string): void {
    this.#next?.cancel();
    this.#next = undefined;
    if (this.#hasAddress) {
      this.sockets?.demandReleased(deed);
      this.network?.dropAll('network lost');
    }
    this.#on = undefined;
    this.#hasAddress = false;
  }

  #drop(): void {
    this.#on = undefined;
    this.told('disconnect', false);
  }

  #tellAfter(delayMs: number, isRefused: boolean): void {
    this.#after(delayMs, () => this.told('disconnect', isRefused));
  }

  #after(delayMs: number, work: () => void): void {
    this.#next?.cancel();
    this.#next = this.#queue.after(delayMs, work);
  }
}
