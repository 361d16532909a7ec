/**
 * A board's time: its clock, the firmware's own SNTP on it, and a watch over both.
 *
 * The rules: the clock is set to what the server said and to nothing else, within what a round trip
 * may hide; a known time moves far only when two answers in a row agree; a time that counts as
 * synchronised, and that nobody has bent since, is right; and the server is asked in moderation.
 */

import type { WiFi } from '../../../firmware/ports.ts';
import { TimeService } from '../../../firmware/time/time-service.ts';
import { TimedWiFi } from '../../../firmware/wifi/timed-wifi.ts';
import type { VirtualAlarm } from '../alarm.ts';
import { VirtualClock } from '../clock.ts';
import { VirtualDatagrams } from '../datagrams.ts';
import { LinkDatagrams } from '../link-datagrams.ts';
import type { VirtualNetwork } from '../network.ts';
import type { SeededRandom } from '../random.ts';
import type { VirtualSockets } from '../sockets.ts';
import { FAIR, NTP_PORT, type Treatment } from '../time-server.ts';
import type { VirtualWiFi } from '../wifi.ts';
import type { Violate } from './reading-book.ts';
import type { Surroundings } from './surroundings.ts';

/** The name by which boards know the server. */
export const TIME_HOST = 'ntp.test';
/** World time 0: 2026-01-01T00:00:00Z. */
export const EPOCH_MS = 1_767_225_600_000;
/** Half of the longest round trip that counts, and what rounding adds. */
const ERROR_MS = 2_100;
/** The worst crystal, and the faults of crystals, in ms per ms. */
const DRIFT = 0.0003;
/** A move over this needs two answers that agree within `SAME_MS`, and what both round trips hide. */
const FAR_MS = 60_000;
const SAME_MS = 10_000;
const WRAPS_WITHIN_MS = 6 * 3_600_000;
const PLAUSIBLE_MS = Date.UTC(2025, 0, 1);

/** What a board is, as far as its time goes. */
export interface TimedBoard {
  readonly index: number;
  readonly network: VirtualNetwork;
  readonly wifi: VirtualWiFi;
  readonly sockets: VirtualSockets;
}

/** What one boot gives: guarded calls into the firmware. */
export interface TimeBoot {
  readonly random: { below(below: number): number };
  guard(call: () => void): void;
  alarm(clock: VirtualClock, ring: () => void): VirtualAlarm;
}

/** A clock whose setting is looked at. */
class WatchedClock extends VirtualClock {
  onSet: (moveMs: number, wasKnown: boolean) => void = () => {};
  #isKnown = false;

  override set(wall: number): void {
    const moveMs = wall - this.wall();
    super.set(wall);
    this.onSet(moveMs, this.#isKnown);
    this.#isKnown = true;
  }
}

export class BoardTime {
  /** Parts per million that the crystal is off. */
  driftPpm: number;
  /** How often the clock was set. */
  sets = 0;
  readonly #world: Surroundings;
  readonly #board: TimedBoard;
  readonly #violate: Violate;
  readonly #address: string;
  readonly #datagrams: VirtualDatagrams;
  readonly #counter: SeededRandom;
  #treatment: Treatment = FAIR;
  #clock: WatchedClock | undefined;
  /** When the clock was set last, in world time; NaN when it was bent since, or never set. */
  #rightSince = Number.NaN;

  constructor(world: Surroundings, board: TimedBoard, driftPpm: number, violate: Violate) {
    this.#world = world;
    this.#board = board;
    this.#violate = violate;
    this.driftPpm = driftPpm;
    this.#counter = world.random.fork(`counter ${board.index}`);
    this.#address = `10.1.${board.index >> 8}.${board.index & 255}`;
    this.#datagrams = new VirtualDatagrams(world.air, this.#address);
    this.#datagrams.sockets = board.sockets;
  }

  /** How the server treats this board. */
  get treatment(): Treatment {
    return this.#treatment;
  }

  /** Changes that, from the next question on. */
  treat(change: Partial<Treatment>): void {
    this.#treatment = { ...this.#treatment, ...change };
    this.#world.timeServer.treat(this.#address, this.#treatment);
  }

  /** The clock of a new boot: it knows no time. */
  boot(): VirtualClock {
    const clock = new WatchedClock(this.#world.queue, {
      startMs: this.#counterAtBoot(),
      driftPpm: this.driftPpm,
      epochMs: EPOCH_MS,
    });
    clock.onSet = (moveMs, wasKnown) => this.#wasSet(clock, moveMs, wasKnown);
    this.#clock = clock;
    this.#rightSince = Number.NaN;
    this.#world.timeServer.forget(this.#address);
    return clock;
  }

  /** Now and then a counter that wraps within the day, as one does after 49 days. */
  #counterAtBoot(): number {
    return this.#counter.chance(0.1) ? 2 ** 32 - this.#counter.between(1, WRAPS_WITHIN_MS) : 0;
  }

  /** The firmware's service on that clock, around the station that it depends on. */
  around(station: WiFi, clock: VirtualClock, { random, guard, alarm }: TimeBoot): WiFi {
    const { network, wifi } = this.#board;
    const { queue } = this.#world;
    const ways = this.#world.random.fork(`datagrams ${this.#address}`);
    const ring = alarm(clock, () => service.wake(clock.now()));
    const link = new LinkDatagrams(this.#datagrams, queue, ways, network, () => wifi.isJoined);
    const service = new TimeService({
      clock,
      random,
      datagrams: {
        bind: (port, received) => {
          return link.bind(port, (...datagram) => guard(() => received(...datagram)));
        },
      },
      resolve: (host, done) => network.resolve(host, (address) => guard(() => done(address))),
      changed: () => ring.set(service.deadline()),
    });
    return new TimedWiFi(station, service, { host: TIME_HOST, port: NTP_PORT });
  }

  powerOff(): void {
    this.#datagrams.vanishAll();
    this.#clock = undefined;
    this.#rightSince = Number.NaN;
  }

  drift(driftPpm: number): void {
    this.driftPpm = driftPpm;
    this.#clock?.setDrift(driftPpm);
  }

  /** Somebody bends the clock: from here on it may be wrong. */
  jump(byMs: number): void {
    this.#clock?.jumpWall(byMs);
    this.#rightSince = Number.NaN;
  }

  /** Whether the board knows a time at all. */
  get isKnown(): boolean {
    return this.#clock !== undefined && this.#clock.quality() !== 'none';
  }

  /** A time that counts as synchronised is right, up to now. */
  check(): void {
    const clock = this.#clock;
    const ageMs = this.#world.queue.now - this.#rightSince;
    if (clock === undefined || clock.quality() !== 'sync' || Number.isNaN(ageMs)) return;
    const errorMs = Math.abs(clock.wall() - clock.trueWall());
    if (errorMs > ERROR_MS + ageMs * DRIFT) {
      this.#violate('time', `${errorMs} ms wrong, ${ageMs} ms after it was set`);
    }
  }

  #wasSet(clock: VirtualClock, moveMs: number, wasKnown: boolean): void {
    const told = this.#world.timeServer.toldTo(this.#address);
    const offsetMs = clock.wall() - clock.trueWall();
    this.sets += 1;
    if (clock.wall() < PLAUSIBLE_MS) this.#violate('time', `set to ${clock.wall()}`);
    const near = (ms: number) => told.filter((one) => Math.abs(one - offsetMs) <= ms).length;
    if (near(ERROR_MS) === 0) {
      this.#violate('time', `set ${offsetMs} ms off, and the server said ${told.join(', ')} off`);
    }
    const isFar = wasKnown && Math.abs(moveMs) > FAR_MS + ERROR_MS;
    if (isFar && near(SAME_MS + ERROR_MS) < 2) {
      this.#violate('time', `moved by ${moveMs} ms on the word of one answer`);
    }
    // What the server said may be wrong on purpose.
    this.#rightSince = Math.abs(offsetMs) <= ERROR_MS ? this.#world.queue.now : Number.NaN;
  }
}
