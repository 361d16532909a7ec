/**
 * The portal's part of the one radio: scans, the set-up network, and the saved Wi-Fi, which is tried
 * again in the background, spaced as a device spaces it: a router slower than the board after a
 * power cut must not strand it. Scans and tries hop channels and throw phones off, so both wait while
 * somebody is at the page; a phone that is merely joined holds up scans alone.
 */

import { sameBytes } from '../../base/bytes.ts';
import type { Deadlines } from '../../base/deadlines.ts';
import type { Cancel, Clock, FoundNetwork, Radio, Random, WiFi } from '../../ports.ts';
import { SetUpTimer } from './timers.ts';

const SCAN_MS_MAX = 8_000;
const RESCAN_MS = 60_000;
const JOIN_MS_MAX = 30_000;
const SPACE_MS_MAX = 60_000;
const NETWORKS_MAX = 24;
const CHANNEL = 6;
/** The page counts as in use for this long after a request. */
const USE_MS = 120_000;
const NEVER = Number.POSITIVE_INFINITY;

export interface PortalRadioParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly radio: Radio;
  /** The saved network, where it is to be tried. */
  readonly saved?: WiFi;
  /** Milliseconds before it is first tried; default 0. */
  readonly savedAfterMs?: number;
  /** `SetUpTimer.scan` and `join`: when `wake` is due. */
  readonly deadlines: Deadlines;
  /** Name and password of the set-up network. */
  readonly title: string;
  readonly password: string;
  /** The first scan is over: the set-up network may open. */
  scanned(): void;
  /** The set-up network is open, or where it was to move. */
  opened(): void;
  /** The saved network was joined. */
  rejoined(): void;
  changed(): void;
}

export class PortalRadio {
  networks: readonly FoundNetwork[] = [];
  /** Phones on the set-up network, as far as the radio says. */
  phones = 0;
  private readonly parts: PortalRadioParts;
  private channel = CHANNEL;
  private isOpen = false;
  private scan: Cancel | undefined;
  private quietFrom = 0;
  private isJoining = false;
  private spaceMs = 5_000;

  constructor(parts: PortalRadioParts) {
    this.parts = parts;
  }

  /** Looks for networks; `scanned` follows. */
  start(): void {
    this.look(this.parts.clock.now());
  }

  /** Whether `open` would move the set-up network to another channel. */
  wouldMove(ssid: Uint8Array): boolean {
    return this.isOpen && this.channelFor(ssid) !== this.channel;
  }

  /** Opens the set-up network on the channel of this one, if that is known, or moves it there. */
  open(ssid: Uint8Array): void {
    const { radio, title, password, saved, savedAfterMs = 0, clock, opened } = this.parts;
    this.channel = this.channelFor(ssid);
    if (!this.isOpen && saved !== undefined) this.joinAt(clock.now() + savedAfterMs);
    this.isOpen = true;
    const stations = (count: number): void => {
      this.phones = count;
    };
    radio.openAccessPoint({ ssid: title, password, channel: this.channel }, { opened, stations });
  }

  /** Closes the set-up network and leaves the other; idempotent. */
  close(): void {
    this.use(0);
    this.scanAt(NEVER);
    this.joinAt(NEVER);
    this.parts.radio.closeAccessPoint();
  }

  /** The radio is needed now: whatever it does in the background ends, and waits. */
  use(now: number): void {
    this.quietFrom = now + USE_MS;
    this.scan?.cancel();
    this.scan = undefined;
    if (this.isJoining) this.parts.saved?.leave();
    this.isJoining = false;
    if (this.parts.deadlines.at[SetUpTimer.join] < NEVER) this.joinAt(this.quietFrom);
  }

  wake(now: number): void {
    const due = this.parts.deadlines.at;
    if (now >= due[SetUpTimer.scan]) this.rescan(now);
    if (now >= due[SetUpTimer.join]) this.rejoin(now);
  }

  private scanAt(at: number): void {
    this.parts.deadlines.set(SetUpTimer.scan, at);
  }

  private joinAt(at: number): void {
    this.parts.deadlines.set(SetUpTimer.join, at);
  }

  private channelFor(ssid: Uint8Array): number {
    return this.networks.find((network) => sameBytes(network.ssid, ssid))?.channel ?? this.channel;
  }

  private look(now: number): void {
    this.scanAt(now + SCAN_MS_MAX);
    this.scan = this.parts.radio.scan((networks) => this.found(networks));
  }

  private found(networks: readonly FoundNetwork[]): void {
    this.scan = undefined;
    this.scanAt(this.parts.clock.now() + RESCAN_MS);
    const named = networks.filter(({ ssid }) => ssid.length > 0).slice(0, NETWORKS_MAX);
    if (named.length > 0) this.networks = named;
    if (!this.isOpen) this.parts.scanned();
    this.parts.changed();
  }

  /** Looks again where that disturbs nobody; a scan that never ended is given up. */
  private rescan(now: number): void {
    const isQuiet = this.phones === 0 && now >= this.quietFrom && !this.isJoining;
    if (this.scan !== undefined) {
      this.scan.cancel();
      this.found([]);
    } else if (isQuiet) this.look(now);
    else this.scanAt(now + RESCAN_MS);
  }

  /** Tries the saved network, or gives a try up. */
  private rejoin(now: number): void {
    const { saved, clock, rejoined } = this.parts;
    if (this.isJoining) {
      saved?.leave();
      this.pause(now);
    } else if (this.scan !== undefined) {
      this.joinAt(this.parts.deadlines.at[SetUpTimer.scan]);
    } else {
      this.isJoining = true;
      this.joinAt(now + JOIN_MS_MAX);
      saved?.join({ joined: rejoined, failed: () => this.pause(clock.now()) });
    }
  }

  /** A try has failed: the next one waits, each time longer. */
  private pause(now: number): void {
    const { random, changed } = this.parts;
    const half = this.spaceMs >> 1;
    this.isJoining = false;
    this.joinAt(now + half + random.below(half + 1));
    this.spaceMs = Math.min(SPACE_MS_MAX, this.spaceMs * 2);
    changed();
  }
}
