/**
 * The outbox port as a device gets it in the world: it passes everything on, and keeps the world's
 * book of what was accepted and settled. It changes nothing.
 */

import { decodeUtf8 } from '../../../firmware/base/utf8.ts';
import {
  type Draft,
  type Outbox,
  type OutboxRecord,
  RecordKind,
  type RecordQuality,
} from '../../../firmware/outbox/outbox.ts';
import { PowerCut } from '../flash.ts';
import type { ReadingBook } from './reading-book.ts';
import { digestOf } from './state-hash.ts';

export class WatchedOutbox implements Outbox {
  readonly record: OutboxRecord;
  readonly payloadBytesMax: number;
  readonly inner: Outbox;
  readonly #book: ReadingBook;
  readonly #touch: () => void;

  /** @param touch called when the outbox may have changed, so that its counts are compared. */
  constructor(inner: Outbox, book: ReadingBook, touch: () => void) {
    this.inner = inner;
    this.record = inner.record;
    this.payloadBytesMax = inner.payloadBytesMax;
    this.#book = book;
    this.#touch = touch;
  }

  draft(): Draft {
    return this.inner.draft();
  }

  append(
    kind: RecordKind,
    at: number,
    quality: RecordQuality,
    boot: number,
    selector: number,
    from: Uint8Array,
    start: number,
    end: number,
  ): number {
    this.#touch();
    const digest = digestOf(from, start, end);
    const alarm = kind === RecordKind.alarm ? decodeUtf8(from, start, end) : '';
    try {
      const sequence = this.inner.append(kind, at, quality, boot, selector, from, start, end);
      if (sequence !== 0) this.#book.accept(sequence, boot, digest);
      if (sequence !== 0 && alarm !== '') this.#book.alarms.accept(sequence, alarm);
      return sequence;
    } catch (error) {
      if (error instanceof PowerCut) {
        const { headSequence } = this.inner;
        this.#book.doubt(headSequence, boot, digest);
        if (alarm !== '') this.#book.alarms.doubt(headSequence, alarm);
      }
      throw error;
    }
  }

  settle(sequence: number, accepted: boolean): boolean {
    this.#touch();
    try {
      const settles = this.inner.settle(sequence, accepted);
      if (settles) this.#book.settle(sequence, accepted);
      return settles;
    } catch (error) {
      // The mount that follows tells whether it was still stored.
      if (error instanceof PowerCut) this.#book.settle(sequence, accepted);
      throw error;
    }
  }

  discard(): void {
    this.#touch();
    this.inner.discard();
  }

  startLive(): void {
    this.#touch();
    this.inner.startLive();
  }

  next(): boolean {
    this.#touch();
    return this.inner.next();
  }

  nextLive(): boolean {
    this.#touch();
    return this.inner.nextLive();
  }

  nextBacklog(): boolean {
    this.#touch();
    return this.inner.nextBacklog();
  }

  nextAside(): boolean {
    this.#touch();
    return this.inner.nextAside();
  }

  setAside(sequence: number): boolean {
    this.#touch();
    const isAside = this.inner.setAside(sequence);
    if (isAside) this.#book.setAside(sequence);
    return isAside;
  }

  loadAside(index: number): boolean {
    return this.inner.loadAside(index);
  }

  load(sequence: number): boolean {
    this.#touch();
    return this.inner.load(sequence);
  }

  loadOldest(): boolean {
    return this.inner.loadOldest();
  }

  putBack(): void {
    this.inner.putBack();
  }

  rewind(): void {
    this.#touch();
    this.#book.alarms.rewind();
    this.inner.rewind();
  }

  flush(): void {
    this.#touch();
    this.inner.flush();
  }

  wake(now: number): number {
    return this.inner.wake(now);
  }

  get accepted(): number {
    return this.inner.accepted;
  }

  get delivered(): number {
    return this.inner.delivered;
  }

  get refused(): number {
    return this.inner.refused;
  }

  get dropped(): number {
    return this.inner.dropped;
  }

  get depth(): number {
    return this.inner.depth;
  }

  get inFlight(): number {
    return this.inner.inFlight;
  }

  get aside(): number {
    return this.inner.aside;
  }

  get oversized(): number {
    return this.inner.oversized;
  }

  get repairs(): number {
    return this.inner.repairs;
  }

  get headSequence(): number {
    return this.inner.headSequence;
  }

  get bytesUsed(): number {
    return this.inner.bytesUsed;
  }

  get bytesCapacity(): number {
    return this.inner.bytesCapacity;
  }
}
