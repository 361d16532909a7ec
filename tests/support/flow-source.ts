/**
 * A message source for the tests of whole flows: it keeps every message until it is settled, in
 * whatever order that happens, and hands out again what was not after a rewind.
 */

import {
  emptyMessage,
  type MessageSource,
  type OutgoingMessage,
} from '../../firmware/mqtt/message-source.ts';

export type Qos = 0 | 1 | 2;

/** What a message has beside topic, payload and QoS. */
export type MessageExtras = Partial<Pick<OutgoingMessage, 'packetId' | 'retain' | 'repeats'>>;

interface Entry {
  readonly topic: Uint8Array;
  readonly payload: Uint8Array;
  readonly qos: Qos;
  readonly extras: MessageExtras;
  reason: number;
}

/** The reason of a message that is not settled. */
const OPEN = -1;

export class FlowSource implements MessageSource {
  readonly message: OutgoingMessage = emptyMessage();
  /** Sendings, and sendings again. */
  published = (again: boolean): void => {
    if (again) this.sentAgain += 1;
    else this.sent += 1;
  };
  sent = 0;
  sentAgain = 0;
  rewinds = 0;
  private readonly entries: Entry[] = [];
  private readonly topics = new Map<string, Uint8Array>();
  private at = 0;
  private firstOpen = 0;
  private openCount = 0;
  private current!: Entry;

  /** Appends a message. @returns its token, from 1 up */
  add(topic: string, payload: string | Uint8Array, qos: Qos, extras: MessageExtras = {}): number {
    const known = this.topics.get(topic) ?? new TextEncoder().encode(topic);
    this.topics.set(topic, known);
    const bytes = typeof payload === 'string' ? new TextEncoder().encode(payload) : payload;
    this.entries.push({ topic: known, payload: bytes, qos, extras, reason: OPEN });
    this.openCount += 1;
    return this.entries.length;
  }

  /** Messages that are not settled. */
  get depth(): number {
    return this.openCount;
  }

  /** The reason a message was settled with; undefined while it is not. */
  reasonOf(token: number): number | undefined {
    const { reason } = this.entries[token - 1];
    return reason === OPEN ? undefined : reason;
  }

  next(): boolean {
    while (this.at < this.entries.length && this.entries[this.at].reason !== OPEN) this.at += 1;
    if (this.at === this.entries.length) return false;
    this.load(this.at++);
    return true;
  }

  putBack(): void {
    this.at -= 1;
  }

  reload(token: number): boolean {
    if (this.entries[token - 1].reason !== OPEN) return false;
    this.load(token - 1);
    return true;
  }

  writePayload(into: Uint8Array, at: number): number {
    const { payload } = this.current;
    for (let i = 0; i < payload.length; i++) into[at + i] = payload[i];
    return at + payload.length;
  }

  settled(token: number, reason: number): void {
    const entry = this.entries[token - 1];
    if (entry.reason !== OPEN) throw new Error(`message ${token} was settled twice`);
    entry.reason = reason;
    this.openCount -= 1;
    while (this.firstOpen < this.entries.length && this.entries[this.firstOpen].reason !== OPEN) {
      this.firstOpen += 1;
    }
  }

  rewind(): void {
    this.rewinds += 1;
    this.at = this.firstOpen;
  }

  private load(index: number): void {
    const { message } = this;
    const { topic, qos, extras } = this.entries[index];
    this.current = this.entries[index];
    message.token = index + 1;
    message.topic = topic;
    message.qos = qos;
    message.packetId = extras.packetId ?? 0;
    message.retain = extras.retain ?? false;
    message.repeats = extras.repeats ?? false;
  }
}
