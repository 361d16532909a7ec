/**
 * One device's readings, as the world itself has seen them: taken by the outbox, received and
 * acknowledged by the broker, settled by the device. It believes none of the device's counts and
 * checks them all.
 *
 * The rules: a number is given once and ascends; what arrives was accepted and has its values; per
 * topic, readings arrive for the first time in ascending order, whether the broker takes or refuses
 * them; nothing is settled that the broker did not acknowledge; accepted = settled + in the log +
 * counted as dropped, to the record.
 *
 * A refusal is stored lazily, as an acknowledgement is: after a power cut what was refused comes
 * again, perhaps behind what was taken meanwhile. Its place in the order is that of its first time.
 *
 * One exception of the order: a reading that the outbox set aside, whose number the device told, may
 * come late, once, on the history topic. It takes no place in the order.
 */

import type { Outbox } from '../../../firmware/outbox/outbox.ts';
import type { PublishRecord } from '../broker/books.ts';
import { AlarmBook } from './alarm-book.ts';
import { ReadingWalk } from './readings.ts';
import { digestOf } from './state-hash.ts';

/** Told of a broken rule. */
export type Violate = (rule: string, text: string) => void;

const ACCEPTED = 1;
const RECEIVED = 2;
const DELIVERED = 4;
const SETTLED = 8;
/** An append that a power cut interrupted: it may be in the log. */
const DOUBTFUL = 16;
/** It reached the broker, which took it or refused it: its place in the order is taken. */
const SENT = 32;
/** The outbox has set it aside. */
const ASIDE = 64;
/** The device has told that. */
const TOLD = 128;

type Topic = 'telemetry' | 'history' | 'alarm';

export class ReadingBook {
  /** What is known of alarms beside: they have a place among the readings, too. */
  readonly alarms: AlarmBook;
  accepted = 0;
  /** Readings that the broker acknowledged, and the device knows; each counts once. */
  delivered = 0;
  /** Readings that the broker refused, and the device knows. */
  refused = 0;
  /** Times that a reading arrived which had arrived before. */
  duplicates = 0;
  /** Readings that arrived, each counted once. */
  received = 0;
  /** Times that a reading was set aside. */
  aside = 0;
  /** Readings that the present boot need not send any more. */
  #settled = 0;
  readonly #violate: Violate;
  readonly #walk = new ReadingWalk();
  #flags = new Uint8Array(1024);
  #digests = new Uint32Array(1024);
  #boots = new Uint32Array(1024);
  /** The session in which each arrived last. */
  #epochs = new Uint32Array(1024);
  #epoch = 0;
  #session: object | undefined;
  #last = 0;
  #doubtful = 0;
  /** The log has dropped what lay below, for want of room. */
  #keptFrom = 0;
  #hasDropped = false;
  readonly #lastOn = { telemetry: 0, history: 0, alarm: 0 };
  /** The last PUBLISH with a reading that is not settled. */
  readonly #carriers = new Map<number, PublishRecord>();
  #record: PublishRecord | undefined;
  #topic: Topic = 'telemetry';

  /** @param windowMax records on their way at most */
  constructor(violate: Violate, windowMax = Number.POSITIVE_INFINITY) {
    this.#violate = violate;
    this.alarms = new AlarmBook(windowMax, violate);
  }

  /** The outbox took a reading under `sequence`. */
  accept(sequence: number, boot: number, digest: number): void {
    if (sequence <= this.#last) {
      this.#violate('accepted', `number ${sequence} was given after ${this.#last}`);
      return;
    }
    this.#note(sequence, boot, digest, ACCEPTED);
    this.accepted += 1;
  }

  /** A power cut came inside an append that would have got `sequence`. */
  doubt(sequence: number, boot: number, digest: number): void {
    if (sequence > this.#last) this.#doubtful = sequence;
    this.#note(sequence, boot, digest, DOUBTFUL);
  }

  /** The device is done with a reading, because of what the broker said. */
  settle(sequence: number, isAccepted: boolean): void {
    const record = this.#carriers.get(sequence);
    if (record === undefined) {
      this.#violate('settled', `reading ${sequence} was settled without having been sent`);
      return;
    }
    const refuses = record.reason >= 0x80;
    if (record.acknowledgedAt === undefined || refuses === isAccepted) {
      this.#violate('settled', `reading ${sequence} was settled as the broker never said`);
    }
    this.#carriers.delete(sequence);
    this.alarms.settle(sequence);
    this.#settled += 1;
    if (isAccepted && (this.#flags[sequence] & DELIVERED) === 0) this.delivered += 1;
    if (!isAccepted) this.refused += 1;
    this.#flags[sequence] |= isAccepted ? SETTLED | DELIVERED : SETTLED;
  }

  /** The outbox has set a reading aside. */
  setAside(sequence: number): void {
    this.aside += 1;
    this.alarms.settle(sequence);
    this.#flags[sequence] |= ASIDE;
  }

  /** The device has told that a reading was set aside. */
  tell(sequence: number): void {
    if ((this.#flags[sequence] & ASIDE) === 0) {
      this.#violate('aside', `reading ${sequence} was told as set aside, and was not`);
    }
    this.#flags[sequence] |= TOLD;
  }

  /** The log has dropped readings for want of room. @param oldest what it has now begins with it */
  drop(oldest: number): void {
    this.#keptFrom = Math.max(this.#keptFrom, oldest);
    this.alarms.excuse();
  }

  /**
   * A PUBLISH with readings arrived at the broker.
   * @param session stands for the broker's session; another one when that was lost
   * @returns whether the log has dropped one of them, while it was on its way or before
   */
  arrive(record: PublishRecord, topic: Topic, session?: object): boolean {
    if (session !== this.#session) this.#epoch += 1;
    this.#session = session;
    this.#record = record;
    this.#topic = topic;
    this.#hasDropped = false;
    const problem = this.#walk.walk(record.payload, this.#see);
    if (problem !== '') this.#violate('payload', `${topic} payload: ${problem}`);
    return this.#hasDropped;
  }

  readonly #see = (sequence: number, boot: number, start: number, end: number): void => {
    const record = this.#record as PublishRecord;
    const flags = this.#flags[sequence];
    if (sequence < this.#keptFrom) this.#hasDropped = true;
    if ((flags & ACCEPTED) === 0) {
      this.#violate('accepted', `reading ${sequence} arrived and was never accepted`);
      return;
    }
    if (
      this.#boots[sequence] !== boot ||
      this.#digests[sequence] !== digestOf(record.payload, start, end)
    ) {
      this.#violate('payload', `reading ${sequence} arrived with other values than accepted`);
    }
    this.#carriers.set(sequence, record);
    if ((flags & SENT) === 0) this.#first(sequence);
    if (!record.forwarded) return;
    if ((flags & RECEIVED) !== 0) {
      this.duplicates += 1;
      if (!record.dup && this.#epochs[sequence] === this.#epoch) {
        this.#violate('duplicate', `reading ${sequence} came again in its session without DUP`);
      }
    }
    this.#epochs[sequence] = this.#epoch;
    if ((flags & RECEIVED) !== 0) return;
    this.#flags[sequence] |= RECEIVED;
    this.received += 1;
  };

  /** A reading arrived that had not arrived before. */
  #first(sequence: number): void {
    const last = this.#lastOn[this.#topic];
    const flags = this.#flags[sequence];
    this.#flags[sequence] |= SENT;
    if (sequence < last && this.#topic === 'history' && (flags & ASIDE) !== 0) {
      if ((flags & TOLD) === 0) {
        this.#violate('aside', `reading ${sequence} came late, and was not told as set aside`);
      }
      return;
    }
    if (sequence < last) {
      const text = `reading ${sequence} first arrived after ${last} on ${this.#topic}`;
      this.#violate('order', text);
    }
    this.#lastOn[this.#topic] = sequence;
  }

  /** The device's claims against the world's counts. O(1): asked after every step. */
  compare(outbox: Outbox): void {
    const { accepted, delivered, refused, dropped, depth } = outbox;
    if (accepted !== this.accepted) {
      this.#violate('accepted', `the outbox counts ${accepted}, the world ${this.accepted}`);
    } else if (delivered + refused !== this.#settled) {
      const text = `the outbox counts ${delivered + refused} settled, the world ${this.#settled}`;
      this.#violate('settled', text);
    } else if (accepted !== this.#settled + dropped + depth || dropped < 0 || depth < 0) {
      const text = `${accepted} accepted, ${this.#settled} settled, ${dropped} dropped`;
      this.#violate('kept', `${text}, ${depth} in the log`);
    }
  }

  /**
   * After a mount, from a copy of the flash: which readings the log would still send, and how many
   * it counts as dropped. What was settled may be there again, since that is stored lazily.
   * @param isRotten bits have flipped: what was settled and not stored as such may be unreadable
   *   by now, and is counted as dropped
   * @param alarms how many of those that are kept are alarms: the first ones
   */
  remount(
    accepted: number,
    dropped: number,
    kept: readonly number[],
    isRotten = false,
    alarms = 0,
  ): void {
    if (this.#doubtful !== 0 && accepted === this.accepted + 1) {
      this.#flags[this.#doubtful] |= ACCEPTED;
      this.accepted += 1;
      this.alarms.remount(true);
    } else this.alarms.remount(false);
    this.alarms.isRotten ||= isRotten;
    this.#doubtful = 0;
    let last = 0;
    for (const [place, sequence] of kept.entries()) {
      const flags = this.#flags[sequence] ?? 0;
      if (place === alarms) last = 0;
      if ((flags & ACCEPTED) === 0 || sequence <= last) {
        this.#violate('kept', `the log has reading ${sequence}, never accepted or out of order`);
        return;
      }
      last = sequence;
      if ((flags & SETTLED) === 0) continue;
      this.#flags[sequence] = flags & ~SETTLED;
      this.#settled -= 1;
    }
    const excess = this.#settled + dropped + kept.length - accepted;
    if (isRotten && excess > 0) this.#settled -= excess;
    if (accepted === this.accepted && (excess === 0 || (isRotten && excess > 0))) return;
    const text = `${this.accepted} accepted, ${this.#settled} settled, ${kept.length} in the log`;
    this.#violate('kept', `${text}, ${dropped} counted as dropped, ${accepted} claimed`);
  }

  /** Readings that the outbox took, without alarms. */
  get readings(): number {
    return this.accepted - this.alarms.accepted;
  }

  /** Accepted readings that never arrived at the broker. */
  get missing(): number {
    return this.accepted - this.received;
  }

  #note(sequence: number, boot: number, digest: number, flag: number): void {
    if (sequence >= this.#flags.length) this.#grow(sequence);
    this.#flags[sequence] = flag;
    this.#digests[sequence] = digest;
    this.#boots[sequence] = boot;
    if (flag === ACCEPTED) this.#last = sequence;
  }

  #grow(sequence: number): void {
    const size = Math.max(sequence + 1, this.#flags.length * 2);
    const flags = new Uint8Array(size);
    const digests = new Uint32Array(size);
    const boots = new Uint32Array(size);
    const epochs = new Uint32Array(size);
    flags.set(this.#flags);
    digests.set(this.#digests);
    boots.set(this.#boots);
    epochs.set(this.#epochs);
    this.#epochs = epochs;
    this.#flags = flags;
    this.#digests = digests;
    this.#boots = boots;
  }
}
