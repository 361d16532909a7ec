/**
 * A device's link as the world sees it: when it tried, when a connection came up, when it last
 * heard something, when it gave up.
 *
 * The rules: between the end of one attempt and the next lies the backoff's floor; without a stable
 * connection attempts get rare, whatever the other end answers; a peer that is silent is given up
 * within one and a half keep-alive intervals. Silence is looked at whenever it ends, and by whoever
 * asks in between, so that none is overlooked and no event is spent on it.
 */

import type { EventQueue } from '../event-queue.ts';
import type { Violate } from './reading-book.ts';

const FLOOR_MS = 200;
const STABLE_MS = 60_000;
/** A connection that lasts this much less than what the firmware calls stable may count as such. */
const STABLE_TOLERANCE_MS = 1000;
/** Attempts in a row without a stable connection, and the least time that they take. With delays
 * drawn evenly up to two minutes, faster ones are less likely than one in 10^11. */
const BURSTS = Object.freeze([
  Object.freeze({ attempts: 20, ms: 60_000 }),
  Object.freeze({ attempts: 40, ms: 600_000 }),
]);
const KEPT = 64;
/** What rounding adds, and the time that a last DISCONNECT has to be written. */
const TOLERANCE_MS = 4000;
const DRIFT = 0.001;

export class LinkWatch {
  /** Connections that came up, over all boots. */
  opens = 0;
  attempts = 0;
  readonly #queue: EventQueue;
  readonly #violate: Violate;
  readonly #silenceMs: number;
  readonly #times = new Float64Array(KEPT);
  #inRow = 0;
  #endedAt = Number.NEGATIVE_INFINITY;
  #openedAt = Number.NaN;
  /** Infinity without a connection: nothing is silent then. */
  #heardAt = Number.POSITIVE_INFINITY;

  /** @param keepAliveS as the device is configured. */
  constructor(queue: EventQueue, keepAliveS: number, violate: Violate) {
    this.#queue = queue;
    this.#violate = violate;
    this.#silenceMs = keepAliveS * 1500 * (1 + DRIFT) + TOLERANCE_MS;
  }

  /** The power is gone, and with it what backoff remembers. */
  powerOff(): void {
    this.checkSilence();
    this.#inRow = 0;
    this.#endedAt = Number.NEGATIVE_INFINITY;
    this.#openedAt = Number.NaN;
    this.#heardAt = Number.POSITIVE_INFINITY;
  }

  /** The device begins to look for its broker. */
  attempt(): void {
    const { now } = this.#queue;
    this.attempts += 1;
    if (now - this.#endedAt < FLOOR_MS * (1 - DRIFT) - 1) {
      const gap = Math.floor(now - this.#endedAt);
      this.#violate('backoff', `an attempt ${gap} ms after the end of the one before`);
    }
    for (const { attempts, ms } of BURSTS) {
      const first = this.#times[(this.#inRow - attempts + KEPT) % KEPT];
      if (this.#inRow >= attempts && now - first < ms) {
        this.#violate('backoff', `${attempts + 1} attempts within ${ms / 1000} s`);
      }
    }
    this.#times[this.#inRow % KEPT] = now;
    this.#inRow += 1;
  }

  /** The attempt, or the connection that it led to, is over. */
  ended(): void {
    const { now } = this.#queue;
    this.checkSilence();
    this.#endedAt = now;
    if (now - this.#openedAt >= STABLE_MS - STABLE_TOLERANCE_MS) this.#inRow = 0;
    this.#openedAt = Number.NaN;
    this.#heardAt = Number.POSITIVE_INFINITY;
  }

  opened(): void {
    this.opens += 1;
    this.#openedAt = this.#heardAt = this.#queue.now;
  }

  heard(): void {
    this.checkSilence();
    this.#heardAt = this.#queue.now;
  }

  /** Whether the peer has been silent for too long, up to now. */
  checkSilence(): void {
    const ms = this.#queue.now - this.#heardAt;
    if (ms < this.#silenceMs) return;
    this.#violate('silence', `the peer was silent for ${Math.floor(ms)} ms and is not given up`);
  }
}
