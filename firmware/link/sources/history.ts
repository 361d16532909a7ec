/**
 * The backlog as a source of MQTT messages: batches of old records on the history topic.
 *
 * Oldest first, one batch in flight, a pause between two: what waited for days may take minutes,
 * and never gets in the way of live values. A batch is a JSON array of what the telemetry topic
 * carries. Its records are settled together.
 *
 * A batch that the broker never acknowledges is taken apart: its records go one by one, until one is
 * found and set aside. What was set aside goes behind the backlog, alone: after ten minutes, then
 * once an hour until it is taken, or lost for want of room. `Timer.history` is when the next batch may
 * go out.
 */

import { type Deadlines, Timer } from '../../base/deadlines.ts';
import { emptyMessage, type MessageSource } from '../../mqtt/message-source.ts';
import type { Outbox } from '../../outbox/outbox.ts';
import { PATIENCE, type RecordSource } from '../record-trial.ts';
import { packetIdOf, type RecordFormat, type RecordObserver } from './outbox.ts';

/** Records in a batch at most. */
const BATCH_RECORDS = 32;
/** First byte, length, topic's length, identifier and properties of a PUBLISH, at most. */
const PUBLISH_BYTES = 13;

const OPEN = 0x5b;
const CLOSE = 0x5d;
const COMMA = 0x2c;

/** Milliseconds from one batch's sending to the next at least. */
const PAUSE_MS = 250;
/** From a connect to the first try of what was set aside, and from one try to the next. */
const ASIDE_FIRST_MS = 600_000;
const ASIDE_AGAIN_MS = 3_600_000;
const NEVER = Number.POSITIVE_INFINITY;
const RETRY = -1;

export class HistorySource implements MessageSource, RecordSource {
  readonly message = emptyMessage();
  /** Payload bytes of a batch at most; a single record goes out whatever its size. */
  private bytesMax = 0;
  private readonly outbox: Outbox;
  private readonly format: RecordFormat;
  private readonly observer: RecordObserver;
  private readonly sequences = new Uint32Array(BATCH_RECORDS);
  /** Without room for a byte: what is written here is only measured. */
  private readonly nowhere = new Uint8Array(this.sequences.buffer, 0, 0);
  /** Records of the batch that is staged or in flight. */
  private count = 0;
  /** The batch was put back: it goes out as it is. */
  private staged = false;
  private notBefore = 0;
  /** The last look found nothing. Worth no alarm: a backlog appears with a connect or a PUBACK. */
  private drained = false;
  /**
   * So many records go one by one: the batch that had them was not acknowledged. RETRY: the one that
   * is staged or in flight was set aside before.
   */
  private singles = 0;
  /** When what was set aside is tried; Infinity while there is none. */
  private asideAt = NEVER;
  private readonly deadlines: Deadlines;

  constructor(
    outbox: Outbox,
    format: RecordFormat,
    observer: RecordObserver,
    topic: Uint8Array,
    deadlines: Deadlines,
  ) {
    this.deadlines = deadlines;
    this.outbox = outbox;
    this.format = format;
    this.observer = observer;
    this.message.qos = 1;
    this.message.repeats = true;
    this.message.topic = topic;
  }

  /** A connection begins: there may be a backlog. @param packetBytes the largest packet, in bytes */
  resume(packetBytes: number, now: number): void {
    this.bytesMax = packetBytes - PUBLISH_BYTES - this.message.topic.length;
    this.drained = false;
    this.notBefore = now;
    if (this.outbox.aside > 0 && this.asideAt === NEVER) this.asideAt = now + ASIDE_FIRST_MS;
    this.plan();
  }

  /** As of the trial: a record that was set aside, or was in a batch, has been charged before. */
  get patience(): number {
    return this.singles === 0 ? PATIENCE : 1;
  }

  /** As of the trial: what is in flight was set aside before. */
  get isRetry(): boolean {
    return this.singles === RETRY;
  }

  /** None is due while one is in flight. */
  private plan(): void {
    const at = this.drained ? this.asideAt : this.notBefore;
    this.deadlines.set(Timer.history, this.count > 0 ? NEVER : at);
  }

  next(now: number): boolean {
    if (this.staged) {
      this.staged = false;
      // Meanwhile all of it may have been dropped for want of room.
      return this.reload(this.sequences[0]);
    }
    if (this.count > 0 || now < this.notBefore) return false;
    if (this.outbox.nextBacklog()) this.collect();
    else {
      if (!this.drained) {
        this.drained = true;
        this.plan();
      }
      if (now < this.asideAt || !this.collectAside(now)) return false;
    }
    this.notBefore = now + PAUSE_MS;
    this.plan();
    return true;
  }

  /** Makes a batch of the record that the outbox has handed out, and of those behind it. */
  private collect(): void {
    const { outbox, format, message } = this;
    const { record } = outbox;
    // A bracket or a comma before each record, and the bracket behind all.
    let bytes = 1;
    message.duplicate = false;
    this.drained = false;
    const countMax = this.singles === 0 ? BATCH_RECORDS : 1;
    do {
      bytes += 1 + format.write(this.nowhere, 0, record, record.view);
      if (this.count > 0 && bytes > this.bytesMax) {
        outbox.putBack();
        return;
      }
      if (this.count === 0) {
        message.token = record.sequence;
        message.packetId = packetIdOf(record.sequence);
      }
      message.duplicate ||= record.maybeSent;
      this.sequences[this.count++] = record.sequence;
    } while (this.count < countMax && outbox.nextBacklog());
  }

  /** The backlog is through: one that was set aside goes alone. @returns whether there is one */
  private collectAside(now: number): boolean {
    const { outbox, message } = this;
    const { record } = outbox;
    this.asideAt = NEVER;
    if (!outbox.nextAside()) {
      this.plan();
      return false;
    }
    this.asideAt = now + ASIDE_AGAIN_MS;
    this.singles = RETRY;
    message.token = record.sequence;
    message.packetId = packetIdOf(record.sequence);
    message.duplicate = record.maybeSent;
    this.sequences[this.count++] = record.sequence;
    return true;
  }

  putBack(): void {
    this.staged = true;
  }

  reload(token: number): boolean {
    if (this.count === 0 || token !== this.sequences[0]) return false;
    for (let i = 0; i < this.count; i++) {
      if (this.outbox.load(this.sequences[i])) {
        this.message.token = token;
        return true;
      }
    }
    this.count = 0;
    this.plan();
    if (this.isRetry) this.singles = 0;
    return false;
  }

  writePayload(into: Uint8Array, start: number, view: DataView): number {
    const { outbox, format } = this;
    let at = start;
    for (let i = 0; i < this.count && at < into.length; i++) {
      if (!outbox.load(this.sequences[i])) continue;
      into[at] = at === start ? OPEN : COMMA;
      at = format.write(into, at + 1, outbox.record, view);
    }
    into[at] = CLOSE;
    return at + 1;
  }

  published(again: boolean): void {
    for (let i = 0; i < this.count; i++) {
      if (this.outbox.load(this.sequences[i])) {
        this.observer.recordPublished(this.outbox.record, true, again);
      }
    }
  }

  settled(_token: number, reason: number): void {
    for (let i = 0; i < this.count; i++) {
      const sequence = this.sequences[i];
      if (this.outbox.settle(sequence, reason < 0x80)) {
        this.observer.recordSettled(sequence, true, reason);
      }
    }
    if (this.singles > 0) this.singles--;
    // Where one is taken, the next is tried at once.
    if (this.isRetry) this.asideAt = this.singles = 0;
    this.drained = false;
    this.count = 0;
    this.plan();
  }

  setAside(token: number): number {
    const { count, isRetry } = this;
    if (count === 0 || token !== this.sequences[0]) return -1;
    if (isRetry) return token;
    if (count > 1) {
      this.singles = count;
      return 0;
    }
    this.singles = 0;
    return this.outbox.setAside(token) ? token : -1;
  }

  rewind(): void {
    if (this.isRetry) this.singles = 0;
    this.count = 0;
    this.staged = false;
    this.drained = false;
    this.plan();
    this.outbox.rewind();
  }
}
