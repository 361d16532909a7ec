/**
 * A log in RAM, for tests. A power cut of theirs does not touch it; a restart of the process does.
 *
 * Payloads lie in one byte ring, each in one piece; the fields lie in arrays, one slot per record.
 * Everything is allocated in the constructor, but the draft with its first use. Where bytes or slots run out, the oldest record goes.
 */

import { Ledger } from '../../firmware/outbox/ledger.ts';
import type { Log } from '../../firmware/outbox/log.ts';
import type {
  Draft,
  OutboxRecord,
  RecordKind,
  RecordQuality,
} from '../../firmware/outbox/outbox.ts';

/** Numbers kept of a record, beside its time, and the places of two of them. */
const CELLS = 5;
const START = 2;
const LENGTH = 3;

export class MemoryLog implements Log {
  readonly ledger: Ledger;
  readonly payloadBytesMax: number;
  readonly bytesCapacity: number;
  readonly repairs = 0;
  readonly unnamed = 0;
  headSequence = 1;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #slots: number;
  #draft: Draft | undefined;
  readonly #at: Float64Array;
  /** By slot: sequence number, boot, start, length; kind and quality in 4 bits each, selector. */
  readonly #cells: Uint32Array;
  /** The oldest ordinal that is stored. */
  #oldest = 1;

  /**
   * @param bytes for payloads. @param records at most so many. @param window in flight per lane.
   */
  constructor(bytes: number, records: number, window: number) {
    this.ledger = new Ledger(window);
    this.payloadBytesMax = bytes;
    this.bytesCapacity = bytes;
    this.#bytes = new Uint8Array(bytes);
    this.#view = new DataView(this.#bytes.buffer);
    this.#slots = records;
    this.#at = new Float64Array(records);
    this.#cells = new Uint32Array(records * CELLS);
  }

  get bytesUsed(): number {
    const head = this.ledger.head;
    if (this.#oldest === head) return 0;
    const from = this.#cells[(this.#oldest % this.#slots) * CELLS + START];
    const last = (head - 1) % this.#slots;
    const to = this.#endOf(last);
    return to > from ? to - from : this.bytesCapacity - from + to;
  }

  draft(): Draft {
    this.#draft ??= { bytes: new Uint8Array(this.payloadBytesMax), start: 0 };
    return this.#draft;
  }

  append(
    sequence: number,
    kind: RecordKind,
    at: number,
    quality: RecordQuality,
    boot: number,
    selector: number,
    from: Uint8Array,
    start: number,
    end: number,
  ): void {
    const place = this.#makeRoom(Math.max(1, end - start));
    const slot = this.ledger.head % this.#slots;
    for (let i = start; i < end; i += 1) this.#bytes[place + i - start] = from[i];
    const cell = slot * CELLS;
    this.#at[slot] = at;
    this.#cells[cell] = sequence;
    this.#cells[cell + 1] = boot;
    this.#cells[cell + START] = place;
    this.#cells[cell + LENGTH] = end - start;
    this.#cells[cell + 4] = kind | (quality << 4) | (selector << 8);
    this.ledger.head += 1;
    this.headSequence = sequence + 1;
  }

  read(ordinal: number, into: OutboxRecord): boolean {
    if (ordinal < this.#oldest || ordinal >= this.ledger.head) return false;
    const slot = ordinal % this.#slots;
    const cell = slot * CELLS;
    const marks = this.#cells[cell + 4];
    into.sequence = this.#cells[cell];
    into.kind = (marks & 15) as RecordKind;
    into.quality = ((marks >> 4) & 15) as RecordQuality;
    into.selector = marks >> 8;
    into.at = this.#at[slot];
    into.boot = this.#cells[cell + 1];
    into.bytes = this.#bytes;
    into.view = this.#view;
    into.start = this.#cells[cell + START];
    into.end = into.start + this.#cells[cell + LENGTH];
    return true;
  }

  settled(): void {
    this.#oldest = Math.max(this.#oldest, this.ledger.keptFrom);
    this.save();
  }

  save(): void {
    this.ledger.saved();
  }

  /** Drops the oldest until `bytes` fit in one piece. @returns where they go. */
  #makeRoom(bytes: number): number {
    for (;;) {
      const place = this.#place(bytes);
      if (place >= 0) return place;
      this.#oldest += 1;
      this.ledger.evictBelow(this.#oldest);
      this.settled();
    }
  }

  /** An empty payload takes a byte, so that no two records share a place. */
  #endOf(slot: number): number {
    return this.#cells[slot * CELLS + START] + Math.max(1, this.#cells[slot * CELLS + LENGTH]);
  }

  /** Where `bytes` fit now, or -1. */
  #place(bytes: number): number {
    const head = this.ledger.head;
    if (head === this.#oldest) return 0;
    if (head - this.#oldest === this.#slots) return -1;
    const first = this.#cells[(this.#oldest % this.#slots) * CELLS + START];
    const last = (head - 1) % this.#slots;
    const end = this.#endOf(last);
    const wrapped = this.#cells[last * CELLS + START] < first;
    if (wrapped) return end + bytes <= first ? end : -1;
    if (end + bytes <= this.bytesCapacity) return end;
    return bytes <= first ? 0 : -1;
  }
}
