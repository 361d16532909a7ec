/**
 * The radio as a station on the event queue: an access point that may be out of reach, refuse the
 * password, or take its time with an address.
 *
 * Invariants: handlers run from the event queue; nothing is called after `leave` or `powerOff`;
 * every join ends in `joined` or `failed` in bounded time.
 */

import type { JoinFailure, WiFi, WiFiHandler } from '../../firmware/ports.ts';
import type { EventQueue, Scheduled } from './event-queue.ts';
import type { VirtualNetwork } from './network.ts';
import type { SeededRandom } from './random.ts';
import type { VirtualSockets } from './sockets.ts';

/** What the surroundings are like. */
export interface RadioConditions {
  inRange: boolean;
  passwordIsRight: boolean;
  /** From association to an address, evenly drawn between the two, in milliseconds. */
  addressMsMin: number;
  addressMsMax: number;
}

export const GOOD_RADIO: Readonly<RadioConditions> = Object.freeze({
  inRange: true,
  passwordIsRight: true,
  addressMsMin: 200,
  addressMsMax: 1500,
});

const SCAN_MS = 2500;
const ASSOCIATION_MS_MIN = 150;
const ASSOCIATION_MS_MAX = 900;
/** Without an address for so long a join has failed. */
const ADDRESS_MS_MAX = 15_000;

export class VirtualWiFi implements WiFi {
  /** Where the board's sockets are kept account of. */
  sockets: VirtualSockets | undefined;
  /** What it carries: its connections end with Wi-Fi. */
  network: VirtualNetwork | undefined;
  readonly #queue: EventQueue;
  readonly #random: SeededRandom;
  #conditions: RadioConditions = { ...GOOD_RADIO };
  #handler: WiFiHandler | undefined;
  #joining: Scheduled | undefined;
  #isJoined = false;

  constructor(queue: EventQueue, random: SeededRandom) {
    this.#queue = queue;
    this.#random = random;
  }

  get conditions(): Readonly<RadioConditions> {
    return this.#conditions;
  }

  get isJoined(): boolean {
    return this.#isJoined;
  }

  /** Changes the surroundings; what is joined stays so until `lose`. */
  change(conditions: Partial<RadioConditions>): void {
    this.#conditions = { ...this.#conditions, ...conditions };
  }

  /** The network that was joined is gone, and its connections with it. @returns whether one was */
  lose(): boolean {
    if (!this.#isJoined) return false;
    this.#isJoined = false;
    const handler = this.#handler;
    // Which of the two the device hears first is the platform's to choose.
    const connectionsFirst = this.network !== undefined && this.#random.chance(0.8);
    if (connectionsFirst) this.network?.dropAll('network lost');
    this.#joining = this.#queue.after(0, () => this.#fail(handler, 'lost'));
    if (!connectionsFirst) this.network?.dropAll('network lost');
    return true;
  }

  join(handler: WiFiHandler): void {
    this.leave();
    this.#handler = handler;
    const { inRange, passwordIsRight } = this.#conditions;
    if (!inRange) this.#failAfter(SCAN_MS, 'not found');
    else if (!passwordIsRight) this.#failAfter(SCAN_MS, 'password refused');
    else this.#associate();
  }

  leave(): void {
    if (this.#isJoined) {
      this.sockets?.demandReleased('leaves Wi-Fi');
      this.network?.dropAll('network lost');
    }
    this.#joining?.cancel();
    this.#joining = undefined;
    this.#handler = undefined;
    this.#isJoined = false;
  }

  /** The board lost power. */
  powerOff(): void {
    this.sockets?.powerOff();
    this.leave();
  }

  link(): { rssi: number; channel: number; bssid: string } | undefined {
    if (!this.#isJoined) return undefined;
    return { rssi: -50 - this.#random.below(30), channel: 6, bssid: '02:00:00:00:00:01' };
  }

  #associate(): void {
    const { addressMsMin, addressMsMax } = this.#conditions;
    const association = this.#random.between(ASSOCIATION_MS_MIN, ASSOCIATION_MS_MAX);
    const address = this.#random.between(addressMsMin, addressMsMax);
    if (address > ADDRESS_MS_MAX) {
      this.#failAfter(association + ADDRESS_MS_MAX, 'no address');
      return;
    }
    this.#joining = this.#queue.after(association + address, () => {
      this.#joining = undefined;
      const { inRange, passwordIsRight } = this.#conditions;
      if (!inRange || !passwordIsRight) {
        this.#fail(this.#handler, 'timed out');
        return;
      }
      this.#isJoined = true;
      this.#handler?.joined();
    });
  }

  #failAfter(delayMs: number, reason: JoinFailure): void {
    this.#joining = this.#queue.after(delayMs, () => this.#fail(this.#handler, reason));
  }

  #fail(handler: WiFiHandler | undefined, reason: JoinFailure): void {
    this.#joining = undefined;
    handler?.failed(reason);
  }
}
