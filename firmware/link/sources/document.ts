/**
 * One retained document as a source of MQTT messages. It is written straight into the transmit
 * buffer whenever it is sent, and so takes no memory of its own. Its timer says when it is due. What
 * the broker refuses is sent again: after a minute at first, each hour at last.
 */

import type { Deadlines } from '../../base/deadlines.ts';
import { emptyMessage, type MessageSource } from '../../mqtt/message-source.ts';

/** What is published; the same bytes while it is on its way. */
export interface RetainedDocument {
  readonly topic: Uint8Array;
  /** @returns the position after it; beyond the end when there was no room */
  write(into: Uint8Array, at: number): number;
  /** Whether it may be sent now. */
  mayGo(): boolean;
  /** It is sent anew, not redelivered: from now on its bytes may differ. */
  renew(): void;
  /** It was sent. @param again as a redelivery */
  published(again: boolean): void;
  /** As `MessageSource.settled` has it. */
  settled(reason: number): void;
}

const TOKEN = 1;
/** As the session tells it: the same message would be too large again. */
const TOO_LARGE = 0x95;
/** Milliseconds from a sending that the broker refused to the next one: at first, and at most. */
const PAUSE_MS_MIN = 60_000;
const PAUSE_MS_MAX = 3_600_000;

export class DocumentSource implements MessageSource {
  readonly message = emptyMessage();
  private readonly document: RetainedDocument;
  private readonly deadlines: Deadlines;
  private readonly timer: number;
  /** When it is to be sent; Infinity while it is not. */
  private due = Number.POSITIVE_INFINITY;
  private isOut = false;
  /** When one that was refused is sent again, and what was waited for that. */
  private againAt = Number.POSITIVE_INFINITY;
  private pauseMs = 0;
  private sentAt = 0;

  /** @param timer the document's own */
  constructor(document: RetainedDocument, deadlines: Deadlines, timer: number) {
    this.deadlines = deadlines;
    this.timer = timer;
    this.document = document;
    const { message } = this;
    message.token = TOKEN;
    message.qos = 1;
    message.retain = true;
    message.topic = document.topic;
  }

  /** Has it sent at `at`, or earlier where it is due already; after the one that is on its way. */
  send(at: number): void {
    this.due = Math.min(this.due, at);
    this.plan();
  }

  private plan(): void {
    const at = Math.min(this.due, this.againAt);
    this.deadlines.set(this.timer, this.isOut ? Number.POSITIVE_INFINITY : at);
  }

  next(now: number): boolean {
    const isAgain = now >= this.againAt;
    if (this.isOut || (now < this.due && !isAgain) || !this.document.mayGo()) return false;
    this.due = Number.POSITIVE_INFINITY;
    if (isAgain) this.againAt = Number.POSITIVE_INFINITY;
    this.sentAt = now;
    this.isOut = true;
    this.plan();
    this.document.renew();
    this.message.topic = this.document.topic;
    return true;
  }

  putBack(): void {
    this.isOut = false;
    this.due = Number.NEGATIVE_INFINITY;
    this.plan();
  }

  reload(): boolean {
    return this.isOut;
  }

  writePayload(into: Uint8Array, at: number): number {
    return this.document.write(into, at);
  }

  published(again: boolean): void {
    this.document.published(again);
  }

  settled(_token: number, reason: number): void {
    this.isOut = false;
    if (reason < 0x80) this.pauseMs = 0;
    else if (reason !== TOO_LARGE) {
      this.pauseMs = Math.min(Math.max(2 * this.pauseMs, PAUSE_MS_MIN), PAUSE_MS_MAX);
      this.againAt = Math.min(this.againAt, this.sentAt + this.pauseMs);
    }
    this.plan();
    this.document.settled(reason);
  }

  rewind(): void {
    if (this.isOut) this.putBack();
  }
}
