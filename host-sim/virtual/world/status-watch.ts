/**
 * Availability as a subscriber of the status topic sees it, against what the world knows.
 *
 * The rules, asked once a minute: `online` stands only while the broker has a connection, or the
 * time is running that the will takes; where device and broker have been connected for a while and
 * nothing is disturbed, `online` stands; on a connection that lives, another word does not stand for
 * long, whatever else is disturbed, unless the broker itself has just refused the right one; after a
 * goodbye that reached the broker, `offline`.
 *
 * A connection lives while packets come: what a device sent a minute after the wrong word was seen
 * came behind whatever it had said by then.
 */

import type { VirtualBroker } from '../broker/broker.ts';
import type { Board } from './board.ts';
import type { Violate } from './reading-book.ts';

/** What the status is most of the time: not made from its bytes each time. */
const WORDS = Object.freeze(['online', 'lost', 'offline']);
/** The will's delay of five seconds, and what a broker that restarts adds to it. */
const WILL_MS_MAX = 60_000;
/**
 * How long after a connection, with nothing disturbed, the status must be right: one that was
 * refused before is said again within a minute.
 */
const SAID_MS_MAX = 90_000;

/** What is asked of a board. */
export type WatchedBoard = Pick<
  Board,
  'id' | 'index' | 'statusTopic' | 'isLeaving' | 'onlineSince' | 'linkChangedAt'
>;

export class StatusWatch {
  readonly #broker: VirtualBroker;
  readonly #violate: Violate;
  readonly #absentSince: Float64Array;
  #upSince = 0;
  /** By board: when the broker last refused a word of it. */
  readonly #refusedAt: Float64Array;
  /** By board: the connection on which a wrong word was seen first, and what had come by then. */
  readonly #wrong: ({ readonly connection: number; readonly at: number } | undefined)[] = [];

  constructor(broker: VirtualBroker, boards: number, violate: Violate) {
    this.#broker = broker;
    this.#violate = violate;
    this.#absentSince = new Float64Array(boards).fill(Number.NaN);
    this.#refusedAt = new Float64Array(boards);
  }

  /** The broker refuses what the board says of itself: from now on it has time to say it again. */
  refused({ index }: WatchedBoard, now: number): void {
    this.#refusedAt[index] = now;
  }

  /** @param calmSince when a fault last began or ended; Infinity while one is under way */
  check(boards: readonly WatchedBoard[], now: number, calmSince: number): void {
    if (!this.#broker.isUp) this.#upSince = now;
    for (const board of boards) this.#checkOne(board, now, calmSince);
  }

  #checkOne(board: WatchedBoard, now: number, calmSince: number): void {
    const { id, index } = board;
    const status = this.#statusOf(board.statusTopic);
    if (this.#broker.isOnline(id)) {
      this.#absentSince[index] = Number.NaN;
      // Who is about to leave has said so.
      const onlineSince = board.isLeaving ? now : board.onlineSince;
      const since = Math.max(onlineSince, calmSince, this.#upSince);
      if (now - since > SAID_MS_MAX && status !== 'online') {
        const text = `${id} has been connected for a while, and its status is '${status}'`;
        this.#violate('availability', text);
      }
      this.#checkLiving(board, now, status);
      return;
    }
    this.#wrong[index] = undefined;
    if (Number.isNaN(this.#absentSince[index])) this.#absentSince[index] = now;
    const since = Math.max(this.#absentSince[index], this.#upSince, board.linkChangedAt);
    // A broker that forgot the session forgot the will that it owed; one that waits will be said.
    const session = this.#broker.session(id);
    const isExcused = session === undefined || session.willEvent?.pending === true;
    if (status !== 'online' || isExcused || now - since <= WILL_MS_MAX) return;
    const seconds = Math.floor((now - since) / 1000);
    this.#violate('availability', `${id} has been gone for ${seconds} s, and its status is online`);
  }

  #checkLiving({ id, index }: WatchedBoard, now: number, status: string): void {
    const heard = this.#broker.heard(id);
    const before = this.#wrong[index];
    if (status === 'online' || heard === undefined) this.#wrong[index] = undefined;
    else if (before?.connection !== heard.connection) {
      this.#wrong[index] = { connection: heard.connection, at: now };
    } else if (heard.at - Math.max(before.at, this.#refusedAt[index]) > SAID_MS_MAX) {
      const seconds = Math.floor((now - before.at) / 1000);
      const text = `${id} has been heard for ${seconds} s, and its status is still '${status}'`;
      this.#violate('availability', text);
    }
  }

  #statusOf(topic: string): string {
    const payload = this.#broker.retained(topic);
    if (payload === undefined) return '';
    return WORDS.find((word) => isWord(payload, word)) ?? String.fromCharCode(...payload);
  }
}

function isWord(payload: Uint8Array, word: string): boolean {
  if (payload.length !== word.length) return false;
  for (let i = 0; i < word.length; i += 1) {
    if (payload[i] !== word.charCodeAt(i)) return false;
  }
  return true;
}
