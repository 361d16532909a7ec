/**
 * A small bounded store of messages other than readings: responses, diagnostics.
 *
 * Payloads are copied into one buffer and kept until the broker has them, so QoS 1 and 2 survive a
 * reconnect (not a reboot). What does not fit is refused at once: a full mailbox never holds back
 * the readings, which have a source of their own.
 */

import { NO_BYTES } from '../base/bytes.ts';
import { emptyMessage, type MessageSource, type OutgoingMessage } from './message-source.ts';

/** What `post` takes beside topic and payload. */
export interface PostOptions {
  readonly qos: 0 | 1 | 2;
  readonly retain: boolean;
  /** Encoded MQTT 5 properties; sent in 5.0 only. */
  readonly properties?: Uint8Array;
}

/** Told of each message on its way; `topic` is the array that `post` was given. */
export interface MailboxObserver {
  /** Asked before a message is handed out: one that may not go is dropped. */
  mayGo(topic: Uint8Array): boolean;
  /** It was sent, or sent again. */
  mailPublished(topic: Uint8Array): void;
  /** It is done with: QoS 0 written, acknowledged, or refused with an MQTT `reason` from 0x80. */
  mailSettled(topic: Uint8Array, reason: number): void;
}

const NOTHING: PostOptions = Object.freeze({ qos: 0, retain: false } as const);

interface Slot {
  token: number;
  topic: Uint8Array;
  options: PostOptions;
  start: number;
  end: number;
}

export class Mailbox implements MessageSource {
  readonly message: OutgoingMessage = emptyMessage();
  /** Messages that were refused for want of room. */
  refused = 0;
  /** The payloads. A message may be written behind them, from `freeAt` on, and then posted. */
  readonly bytes: Uint8Array;
  private readonly slots: Slot[] = [];
  private readonly observer: MailboxObserver;
  /** Slots in use, in the order of posting; those before `handedOut` were given to the session. */
  private count = 0;
  private handedOut = 0;
  private lastToken = 0;
  private current: Slot;

  /**
   * @param slots messages held at most
   * @param capacity bytes of all their payloads together
   */
  constructor(slots: number, capacity: number, observer: MailboxObserver) {
    this.bytes = new Uint8Array(capacity);
    this.observer = observer;
    for (let i = 0; i < slots; i++) {
      this.slots.push({
        token: 0,
        topic: NO_BYTES,
        options: NOTHING,
        start: 0,
        end: 0,
      });
    }
    this.current = this.slots[0];
  }

  /** Messages that wait to be sent or acknowledged. */
  get depth(): number {
    return this.count;
  }

  /** Where in `bytes` the payload of the next message goes. */
  get freeAt(): number {
    return this.count === 0 ? 0 : this.slots[this.count - 1].end;
  }

  /**
   * Takes a message; its payload `payload[0..length)` is copied, unless `payload` is `bytes`: then
   * it lies at `freeAt` already.
   * @returns its token, 1 or more; 0 when there is no room
   */
  post(topic: Uint8Array, payload: Uint8Array, length: number, options: PostOptions): number {
    const start = this.freeAt;
    if (this.count === this.slots.length || start + length > this.bytes.length) {
      this.refused++;
      return 0;
    }
    if (payload !== this.bytes) {
      for (let i = 0; i < length; i++) this.bytes[start + i] = payload[i];
    }
    this.lastToken = this.lastToken === 0xffff_ffff ? 1 : this.lastToken + 1;
    const slot = this.slots[this.count++];
    slot.token = this.lastToken;
    slot.topic = topic;
    slot.options = options;
    slot.start = start;
    slot.end = start + length;
    return slot.token;
  }

  next(): boolean {
    while (this.handedOut < this.count) {
      const slot = this.slots[this.handedOut];
      if (this.observer.mayGo(slot.topic)) {
        this.handedOut++;
        this.makeCurrent(slot);
        return true;
      }
      this.remove(this.handedOut);
    }
    return false;
  }

  putBack(): void {
    this.handedOut--;
  }

  reload(token: number): boolean {
    const index = this.find(token);
    if (index < 0) return false;
    this.makeCurrent(this.slots[index]);
    return true;
  }

  writePayload(into: Uint8Array, at: number): number {
    const start = this.current.start;
    const end = this.current.end;
    for (let i = start, to = at; i < end; i++) into[to++] = this.bytes[i];
    return at + end - start;
  }

  published(): void {
    this.observer.mailPublished(this.current.topic);
  }

  settled(token: number, reason: number): void {
    const index = this.find(token);
    if (index < 0) return;
    const { topic } = this.slots[index];
    this.remove(index);
    this.observer.mailSettled(topic, reason);
  }

  rewind(): void {
    this.handedOut = 0;
  }

  private makeCurrent(slot: Slot): void {
    this.current = slot;
    const message = this.message;
    message.token = slot.token;
    message.topic = slot.topic;
    message.qos = slot.options.qos;
    message.retain = slot.options.retain;
    message.properties = slot.options.properties ?? NO_BYTES;
  }

  private find(token: number): number {
    for (let i = 0; i < this.count; i++) if (this.slots[i].token === token) return i;
    return -1;
  }

  /** Closes the gap in the bytes, and moves the slot behind those in use. */
  private remove(index: number): void {
    const slots = this.slots;
    const bytes = this.bytes;
    const gone = slots[index];
    const length = gone.end - gone.start;
    const last = slots[this.count - 1].end;
    bytes.copyWithin(gone.start, gone.end, last);
    for (let i = index; i + 1 < this.count; i++) {
      const slot = slots[i + 1];
      slot.start -= length;
      slot.end -= length;
      slots[i] = slot;
    }
    slots[this.count - 1] = gone;
    gone.topic = NO_BYTES;
    gone.options = NOTHING;
    this.count--;
    if (index < this.handedOut) this.handedOut--;
  }
}
