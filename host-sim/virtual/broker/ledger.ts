/**
 * What one session's client owes and is owed for the QoS 1 and 2 messages that it sent, and the
 * rules that follow: identifiers in flight (2.2.1), DUP (3.3.1.1), redelivery (4.4), order (4.6).
 *
 * An entry outlives its acknowledgement, because the acknowledgement may not have reached the
 * client. The ledger reports; the caller records the findings and answers.
 */

import type { PublishRecord } from './books.ts';

/**
 * `owed`: PUBACK or PUBREC not sent. `received`: PUBREC sent, PUBREL awaited. `completing`: PUBREL
 * came, PUBCOMP not sent. `done`: the last acknowledgement was sent.
 */
export type LedgerState = 'owed' | 'received' | 'completing' | 'done';

export interface LedgerEntry {
  id: number;
  qos: number;
  state: LedgerState;
  /** Place in the order of first arrival. */
  order: number;
  /** The connection on which it was last sent. */
  connection: number;
  /** The client rebooted since, or gave up what this message carried: it may have forgotten it. */
  excused: boolean;
  /** Sent on the connection that is open, and without its last acknowledgement. */
  isOpen: boolean;
  record: PublishRecord;
}

/** A rule that a PUBLISH or PUBREL broke; 'info' where another explanation is possible. */
export interface Breach {
  level: 'violation' | 'info';
  rule: string;
  text: string;
}

/** What to do with a PUBLISH: its entry, whether to pass it on, and what it broke. */
export interface Verdict {
  entry: LedgerEntry;
  /** A QoS 2 message seen before: acknowledge, do not pass on. */
  isRepeated: boolean;
  breach: Breach | undefined;
}

/** How many settled messages are remembered, to recognise them when they come again. */
const DONE_KEPT_MAX = 512;

/** Whether two records carry the same message; DUP and time do not count. */
function isSame(a: PublishRecord, b: PublishRecord): boolean {
  if (a.qos !== b.qos || a.retain !== b.retain || a.topic !== b.topic) return false;
  if (a.payload.length !== b.payload.length) return false;
  return a.payload.every((byte, i) => byte === b.payload[i]);
}

export class Ledger {
  readonly #entries = new Map<number, LedgerEntry>();
  #openCount = 0;
  /** The entries settled last, in a ring. */
  readonly #done: LedgerEntry[] = [];
  #doneCount = 0;
  #order = 0;
  #connection = 0;
  #sessionWasPresent = false;
  #lastRedelivered = -1;
  #oldOwed = 0;

  /** A new connection begins; without a present session everything is forgotten. */
  begin(connection: number, sessionPresent: boolean): void {
    this.#connection = connection;
    this.#openCount = 0;
    this.#sessionWasPresent = sessionPresent;
    this.#lastRedelivered = -1;
    if (!sessionPresent) this.#entries.clear();
    this.#oldOwed = 0;
    for (const entry of this.#entries.values()) {
      entry.isOpen = false;
      if (this.#mustReturn(entry)) this.#oldOwed += 1;
    }
  }

  /** The client lost its memory: nothing of the past is expected of it. */
  excuse(): void {
    for (const entry of this.#entries.values()) entry.excused = true;
    this.#oldOwed = 0;
  }

  /** What one message carried was given up while it was on its way here: it need not come again. */
  excuseOne(id: number): void {
    const entry = this.#entries.get(id);
    this.#forget(entry);
    if (entry !== undefined) entry.excused = true;
  }

  /** Messages of this connection that have no last acknowledgement. */
  get inFlight(): number {
    return this.#openCount;
  }

  /** The last acknowledgement of `entry` was sent, or PUBREC with a refusal. */
  settle(entry: LedgerEntry): void {
    entry.state = 'done';
    this.#close(entry);
    const place = this.#doneCount % DONE_KEPT_MAX;
    const oldest = this.#done[place];
    this.#done[place] = entry;
    this.#doneCount += 1;
    if (oldest === undefined) return;
    if (oldest.state === 'done' && this.#entries.get(oldest.id) === oldest) {
      this.#entries.delete(oldest.id);
    }
  }

  entry(id: number): LedgerEntry | undefined {
    return this.#entries.get(id);
  }

  /** A PUBLISH with QoS 1 or 2 arrived. */
  publish(record: PublishRecord): Verdict {
    const old = this.#entries.get(record.packetId);
    const breach = this.#breachOf(record, old);
    if (old !== undefined && record.dup && isSame(old.record, record)) {
      if (old.state !== 'done' || old.qos === 1) return this.#again(old, record, breach);
    }
    const entry: LedgerEntry = {
      id: record.packetId,
      qos: record.qos,
      state: 'owed',
      order: this.#order,
      connection: this.#connection,
      excused: false,
      isOpen: false,
      record,
    };
    this.#order += 1;
    if (old !== undefined) this.#close(old);
    this.#forget(old);
    this.#entries.set(record.packetId, entry);
    this.#open(entry);
    return { entry, isRepeated: false, breach };
  }

  /** A PUBREL arrived. @returns its entry if it is known, and what it broke. */
  release(id: number): { entry: LedgerEntry | undefined; breach: Breach | undefined } {
    const entry = this.#entries.get(id);
    if (entry === undefined || entry.qos !== 2) return { entry: undefined, breach: undefined };
    let breach: Breach | undefined;
    if (entry.state === 'owed') {
      breach = violation('MQTT-4.3.3-4', `PUBREL ${id} before its PUBREC`);
    } else if (entry.state !== 'received' && entry.connection === this.#connection) {
      breach = violation('MQTT-4.4.0-1', `PUBREL ${id} repeated on a live connection`);
    }
    this.#forget(entry);
    entry.connection = this.#connection;
    entry.state = 'completing';
    this.#open(entry);
    return { entry, breach };
  }

  #open(entry: LedgerEntry): void {
    if (!entry.isOpen) this.#openCount += 1;
    entry.isOpen = true;
  }

  #close(entry: LedgerEntry): void {
    if (entry.isOpen) this.#openCount -= 1;
    entry.isOpen = false;
  }

  #mustReturn(entry: LedgerEntry): boolean {
    return entry.state === 'owed' && !entry.excused && entry.connection !== this.#connection;
  }

  #forget(entry: LedgerEntry | undefined): void {
    if (entry !== undefined && this.#mustReturn(entry)) this.#oldOwed -= 1;
  }

  #again(old: LedgerEntry, record: PublishRecord, breach: Breach | undefined): Verdict {
    const wasDone = old.state === 'done';
    const isOutOfOrder = old.order < this.#lastRedelivered && !old.excused;
    this.#forget(old);
    this.#lastRedelivered = Math.max(this.#lastRedelivered, old.order);
    old.connection = this.#connection;
    old.record = record;
    this.#open(old);
    const isRepeated = old.qos === 2;
    if (old.qos === 1) old.state = 'owed';
    const text = `identifier ${old.id} was sent again out of its first order`;
    const order = violation('MQTT-4.6.0-1', text);
    // An acknowledged identifier may have served an equal message since, lost on its way here.
    if (wasDone) order.level = 'info';
    return { entry: old, isRepeated, breach: breach ?? (isOutOfOrder ? order : undefined) };
  }

  #breachOf(record: PublishRecord, old: LedgerEntry | undefined) {
    const { packetId, dup } = record;
    if (old?.connection === this.#connection) {
      if (dup) {
        return violation('MQTT-4.4.0-1', `identifier ${packetId} was sent again while connected`);
      }
      if (old.state === 'done') return this.#lateRedelivery(dup);
      return violation('MQTT-2.2.1-3', `identifier ${packetId} was reused while in flight`);
    }
    if (old === undefined) {
      if (dup && !this.#sessionWasPresent) {
        return violation('MQTT-3.3.1-1', `DUP on identifier ${packetId} in a fresh session`);
      }
      return this.#lateRedelivery(dup);
    }
    if (old.state === 'done' || old.excused) return this.#lateRedelivery(dup);
    if (!dup) {
      return violation('MQTT-2.2.1-3', `identifier ${packetId} was reused while unacknowledged`);
    }
    if (!isSame(old.record, record)) {
      return violation('MQTT-4.4.0-1', `identifier ${packetId} came again with another message`);
    }
    if (old.state === 'completing') {
      return violation('MQTT-4.3.3-6', `PUBLISH ${packetId} after its PUBREL`);
    }
    return undefined;
  }

  #lateRedelivery(dup: boolean): Breach | undefined {
    if (dup || this.#oldOwed === 0) return undefined;
    return violation(
      'MQTT-4.4.0-1',
      `${this.#oldOwed} unacknowledged messages came after new ones`,
    );
  }
}

function violation(rule: string, text: string): Breach {
  return { level: 'violation', rule, text };
}
