/**
 * The portal's part of the one radio: scans, the set-up network, and the saved Wi-Fi, which is tried
 * again in the background. Scans and tries hop channels and throw phones off, so both wait while
 * somebody is at the page; a phone that is merely joined holds up scans alone.
 */

import type { Cancel, Clock, FoundNetwork, Radio, WiFi } from '../ports.ts';
import { type Dice, PortalRetry } from './portal-retry.ts';

const SCAN_MS_MAX = 8_000;
const RESCAN_MS = 60_000;
const NETWORKS_MAX = 24;
const CHANNEL = 6;
/** A page that was asked for so lately is in use. */
const USE_MS = 120_000;
const NEVER = Number.POSITIVE_INFINITY;

export interface PortalRadioParts {
  readonly clock: Clock;
  readonly random: Dice;
  readonly radio: Radio;
  /** The saved network, where it is to be tried. */
  readonly saved?: WiFi;
  /** Name and password of the set-up network. */
  readonly title: string;
  readonly password: string;
  /** The first scan is over: the set-up network may open. */
  scanned(): void;
  /** The saved network was joined. */
  rejoined(): void;
  changed(): void;
}

export class PortalRadio {
  networks: readonly FoundNetwork[] = [];
  /** Phones on the set-up network, as far as the radio says. */
  phones = 0;
  private readonly parts: PortalRadioParts;
  private readonly retry: PortalRetry;
  private channel = CHANNEL;
  private isOpen = false;
  private scan: Cancel | undefined;
  private scanDue = NEVER;
  private quietFrom = 0;

  constructor(parts: PortalRadioParts) {
    this.parts = parts;
    this.retry = new PortalRetry(parts.random);
  }

  /** Looks for networks; `scanned` follows. */
  start(): void {
    this.look(this.parts.clock.now());
  }

  /** Opens the set-up network on the channel of this one, if that is known, or moves it there. */
  open(ssid: Uint8Array): void {
    const { radio, title, password, saved, clock } = this.parts;
    const found = this.networks.find((network) => isSame(network.ssid, ssid));
    if (found !== undefined) this.channel = found.channel;
    if (!this.isOpen && saved !== undefined) this.retry.start(clock.now());
    this.isOpen = true;
    const stations = (count: number): void => {
      this.phones = count;
    };
    radio.openAccessPoint({ ssid: title, password, channel: this.channel }, { stations });
  }

  /** Closes the set-up network and leaves the other; idempotent. */
  close(): void {
    this.use(0);
    this.scanDue = NEVER;
    this.retry.hold(NEVER);
    this.parts.radio.closeAccessPoint();
  }

  /** The radio is needed now: whatever it does in the background ends, and waits. */
  use(now: number): void {
    this.quietFrom = now + USE_MS;
    this.scan?.cancel();
    this.scan = undefined;
    if (this.retry.isJoining) this.parts.saved?.leave();
    this.retry.hold(this.quietFrom);
  }

  deadline(): number {
    return Math.min(this.scanDue, this.retry.dueAt);
  }

  wake(now: number): void {
    if (now >= this.scanDue) this.rescan(now);
    if (now >= this.retry.dueAt) this.rejoin(now);
  }

  private look(now: number): void {
    this.scanDue = now + SCAN_MS_MAX;
    this.scan = this.parts.radio.scan((networks) => this.found(networks));
  }

  private found(networks: readonly FoundNetwork[]): void {
    this.scan = undefined;
    this.scanDue = this.parts.clock.now() + RESCAN_MS;
    const named = networks.filter(({ ssid }) => ssid.length > 0).slice(0, NETWORKS_MAX);
    if (named.length > 0) this.networks = named;
    if (!this.isOpen) this.parts.scanned();
    this.parts.changed();
  }

  /** Looks again where that disturbs nobody; a scan that never ended is given up. */
  private rescan(now: number): void {
    const isQuiet = this.phones === 0 && now >= this.quietFrom && !this.retry.isJoining;
    if (this.scan !== undefined) {
      this.scan.cancel();
      this.found([]);
    } else if (isQuiet) this.look(now);
    else this.scanDue = now + RESCAN_MS;
  }

  /** Tries the saved network, or gives a try up. */
  private rejoin(now: number): void {
    const { retry } = this;
    const { saved, clock, rejoined, changed } = this.parts;
    if (retry.isJoining) {
      saved?.leave();
      retry.failed(now);
    } else if (this.scan !== undefined) {
      retry.hold(this.scanDue);
    } else {
      retry.begin(now);
      saved?.join({
        joined: rejoined,
        failed: () => {
          retry.failed(clock.now());
          changed();
        },
      });
    }
  }
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
