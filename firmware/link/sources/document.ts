/**
 * One retained document as a source of MQTT messages. It is written straight into the transmit
 * buffer whenever it is sent, and so takes no memory of its own. Its timer says when it is due.
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

export class DocumentSource implements MessageSource {
  readonly message = emptyMessage();
  private readonly document: RetainedDocument;
  private readonly deadlines: Deadlines;
  private readonly timer: number;
  /** When it is to be sent; Infinity while it is not. */
  private due = Number.POSITIVE_INFINITY;
  private isOut = false;

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
    this.deadlines.set(this.timer, this.isOut ? Number.POSITIVE_INFINITY : this.due);
  }

  next(now: number): boolean {
    if (this.isOut || now < this.due || !this.document.mayGo()) return false;
    this.due = Number.POSITIVE_INFINITY;
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
    this.plan();
    this.document.settled(reason);
  }

  rewind(): void {
    if (this.isOut) this.putBack();
  }
}
