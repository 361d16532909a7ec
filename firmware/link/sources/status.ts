/**
 * The status as a source of MQTT messages: a state, of which only the newest word counts.
 *
 * A word is sent until the broker has acknowledged it: with the next connection where this one
 * ends before, after a pause where the broker refuses it. A word that was not sent yet gives way to
 * a newer one; one that is on its way keeps its content, and the newer one follows it. It has its
 * own place, so no other message can crowd it out. Nothing here allocates. `Timer.status` is when the
 * newest word is to be sent; Infinity: it is on its way, or acknowledged.
 */

import { NO_BYTES, writeBytes } from '../../base/bytes.ts';
import { type Deadlines, Timer } from '../../base/deadlines.ts';
import { emptyMessage, type MessageSource } from '../../mqtt/message-source.ts';

/** Told of each word on its way; `mqtt/mailbox.ts` tells the same. */
export interface StatusObserver {
  /** Whether a message may be sent now. */
  mayGo(topic: Uint8Array): boolean;
  mailPublished(topic: Uint8Array): void;
  mailSettled(topic: Uint8Array, reason: number): void;
}

/** Words on their way at most: the newest one, and one that it replaces. */
export const STATUS_WINDOW = 2;
/** Milliseconds from one sending to the next after a refusal: at first, and at most. */
const PAUSE_MS_MIN = 1_000;
const PAUSE_MS_MAX = 60_000;

export class StatusSource implements MessageSource {
  readonly message = emptyMessage();
  private readonly observer: StatusObserver;
  private readonly deadlines: Deadlines;
  private word: Uint8Array = NO_BYTES;
  /** The token of the message with the newest word, while that is on its way; else 0. */
  private carrier = 0;
  private lastToken = 0;
  /** By place the token of what is on its way, 0 for nothing, and its word. */
  private readonly tokens = [0, 0];
  private readonly words = [NO_BYTES, NO_BYTES];
  private current = 0;
  private sentAt = 0;
  private pauseMs = 0;

  /** @param topic encoded */
  constructor(topic: Uint8Array, observer: StatusObserver, deadlines: Deadlines) {
    this.deadlines = deadlines;
    this.observer = observer;
    this.message.topic = topic;
    this.message.qos = 1;
    this.message.retain = true;
  }

  /** Whether the broker has the newest word. */
  get isAcknowledged(): boolean {
    const isUnsent = this.deadlines.at[Timer.status] < Number.POSITIVE_INFINITY;
    return !isUnsent && this.carrier === 0 && this.word !== NO_BYTES;
  }

  /**
   * This holds from now on, and is to be told: also where it was told before, for the will may have
   * been published since. A word that is still on its way to the broker is not said twice.
   * @param word the same array for the same word
   */
  say(word: Uint8Array): void {
    const isOut = word === this.word && this.carrier !== 0;
    this.word = word;
    this.pauseMs = 0;
    if (isOut) return;
    this.carrier = 0;
    this.deadlines.set(Timer.status, 0);
  }

  next(now: number): boolean {
    if (now < this.deadlines.at[Timer.status]) return false;
    if (!this.observer.mayGo(this.message.topic)) return false;
    const place = this.tokens.indexOf(0);
    if (place < 0) return false;
    this.lastToken = this.lastToken === 0xffff_ffff ? 1 : this.lastToken + 1;
    this.tokens[place] = this.carrier = this.lastToken;
    this.words[place] = this.word;
    this.deadlines.set(Timer.status, Number.POSITIVE_INFINITY);
    this.sentAt = now;
    this.makeCurrent(place);
    return true;
  }

  putBack(): void {
    this.tokens[this.current] = this.carrier = 0;
    this.deadlines.set(Timer.status, 0);
  }

  reload(token: number): boolean {
    const place = this.tokens.indexOf(token);
    if (place < 0) return false;
    this.makeCurrent(place);
    return true;
  }

  writePayload(into: Uint8Array, at: number): number {
    return writeBytes(into, at, this.words[this.current]);
  }

  published(): void {
    this.observer.mailPublished(this.message.topic);
  }

  settled(token: number, reason: number): void {
    const place = this.tokens.indexOf(token);
    if (place < 0) return;
    this.tokens[place] = 0;
    if (token === this.carrier) {
      this.carrier = 0;
      if (reason >= 0x80) {
        this.pauseMs = Math.min(Math.max(2 * this.pauseMs, PAUSE_MS_MIN), PAUSE_MS_MAX);
        this.deadlines.set(Timer.status, this.sentAt + this.pauseMs);
      }
    }
    this.observer.mailSettled(this.message.topic, reason);
  }

  rewind(): void {
    this.tokens.fill(0);
    if (this.carrier !== 0) this.deadlines.set(Timer.status, 0);
    this.carrier = 0;
  }

  private makeCurrent(place: number): void {
    this.current = place;
    this.message.token = this.tokens[place];
  }
}
