/**
 * The outbox's alarms and live lane as a source of MQTT messages: one record, one QoS 1 message. An
 * alarm goes first, and is retained on a topic of its own.
 *
 * The packet identifier follows from the sequence number, so that a redelivery after a reboot into
 * a session that is still present carries the identifier of the first sending.
 */

import { emptyMessage, type MessageSource } from '../../mqtt/message-source.ts';
import { type Outbox, type OutboxRecord, RecordKind } from '../../outbox/outbox.ts';
import { PATIENCE, type RecordSource } from '../record-trial.ts';

/** Identifiers of records are 1 to this; the session's own ones lie above. */
const RECORD_IDS = 0x7fff;

/** The packet identifier of a message whose first record has this number. */
export function packetIdOf(sequence: number): number {
  return ((sequence - 1) % RECORD_IDS) + 1;
}

/** How records look on the wire. */
export interface RecordFormat {
  /** The topic of readings. */
  readonly topic: Uint8Array;
  /** That of an alarm's record, made anew: there are few of them. */
  alarmTopic(record: OutboxRecord): Uint8Array;
  /**
   * Writes a payload; what has no room is left out.
   * @param view on the memory of `into`
   * @returns the position after it as if there had been room for all of it
   */
  write(into: Uint8Array, at: number, record: OutboxRecord, view: DataView): number;
}

/** Told of each record on its way. */
export interface RecordObserver {
  /** It was sent, `late`: on the history topic; `again`: as a redelivery. */
  recordPublished(record: OutboxRecord, late: boolean, again: boolean): void;
  /**
   * The broker acknowledged it, or refused it with an MQTT `reason` of 0x80 or more.
   * @param alarmTopic of an alarm
   */
  recordSettled(sequence: number, late: boolean, reason: number, alarmTopic?: Uint8Array): void;
}

export class OutboxSource implements MessageSource, RecordSource {
  readonly message = emptyMessage();
  private readonly outbox: Outbox;
  private readonly format: RecordFormat;
  private readonly observer: RecordObserver;
  /** The number of the youngest alarm that was handed out: what is younger and settled is none. */
  private lastAlarm = 0;

  constructor(outbox: Outbox, format: RecordFormat, observer: RecordObserver) {
    this.outbox = outbox;
    this.format = format;
    this.observer = observer;
    this.message.qos = 1;
    this.message.repeats = true;
  }

  get patience(): number {
    return PATIENCE;
  }

  get isRetry(): boolean {
    return false;
  }

  next(): boolean {
    if (!this.outbox.nextLive()) return false;
    this.describe();
    return true;
  }

  putBack(): void {
    this.outbox.putBack();
  }

  reload(token: number): boolean {
    if (!this.outbox.load(token)) return false;
    this.describe();
    return true;
  }

  writePayload(into: Uint8Array, at: number, view: DataView): number {
    return this.format.write(into, at, this.outbox.record, view);
  }

  published(again: boolean): void {
    this.observer.recordPublished(this.outbox.record, false, again);
  }

  settled(token: number, reason: number): void {
    if (token <= this.lastAlarm && this.settledAlarm(token, reason)) return;
    if (this.outbox.settle(token, reason < 0x80)) {
      this.observer.recordSettled(token, false, reason);
    }
  }

  /** @returns whether it was one */
  private settledAlarm(token: number, reason: number): boolean {
    const { outbox } = this;
    if (!outbox.load(token) || outbox.record.kind !== RecordKind.alarm) return false;
    const topic = this.format.alarmTopic(outbox.record);
    outbox.settle(token, reason < 0x80);
    this.observer.recordSettled(token, false, reason, topic);
    return true;
  }

  rewind(): void {
    this.outbox.rewind();
  }

  setAside(token: number): number {
    return this.outbox.setAside(token) ? token : -1;
  }

  private describe(): void {
    const message = this.message;
    const record = this.outbox.record;
    message.token = record.sequence;
    message.packetId = packetIdOf(record.sequence);
    message.duplicate = record.maybeSent;
    message.topic = this.format.topic;
    if (record.kind === RecordKind.alarm) this.describeAlarm();
    else if (message.retain) this.describeReading();
  }

  /** The message before was an alarm. */
  private describeReading(): void {
    this.message.retain = false;
    this.message.repeats = true;
  }

  private describeAlarm(): void {
    const { message, format, outbox } = this;
    this.lastAlarm = Math.max(this.lastAlarm, message.token);
    message.retain = true;
    message.repeats = false;
    message.topic = format.alarmTopic(outbox.record);
  }
}
