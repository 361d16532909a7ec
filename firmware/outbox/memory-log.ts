/**
 * A log in RAM, for boards and tests without a flash partition. It does not survive a restart.
 *
 * Payloads lie in one byte ring, each in one piece; the fields lie in arrays, one slot per record.
 * Everything is allocated in the constructor. Where bytes or slots run out, the oldest record goes.
 */

import { Ledger } from './ledger.ts';
import type { Log } from './log.ts';
import type { OutboxRecord, RecordKind, RecordQuality } from './outbox.ts';

export class MemoryLog implements Log {
  readonly ledger: Ledger;
  readonly payloadBytesMax: number;
  readonly bytesCapacity: number;
  readonly repairs = 0;
  readonly unnamed = 0;
  headSequence = 1;
  readonly #bytes: Uint8Array;
  readonly #slots: number;
  readonly #sequence: Uint32Array;
  readonly #at: Float64Array;
  readonly #boot: Uint32Array;
  readonly #start: Uint32Array;
  readonly #length: Uint32Array;
  /** Kind, quality and selector of each slot. */
  readonly #marks: Uint8Array;
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
    this.#slots = records;
    this.#sequence = new Uint32Array(records);
    this.#at = new Float64Array(records);
    this.#boot = new Uint32Array(records);
    this.#start = new Uint32Array(records);
    this.#length = new Uint32Array(records);
    this.#marks = new Uint8Array(records * 3);
  }

  get bytesUsed(): number {
    const head = this.ledger.head;
    if (this.#oldest === head) return 0;
    const from = this.#start[this.#oldest % this.#slots];
    const last = (head - 1) % this.#slots;
    const to = this.#endOf(last);
    return to > from ? to - from : this.bytesCapacity - from + to;
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
    this.#sequence[slot] = sequence;
    this.#at[slot] = at;
    this.#boot[slot] = boot;
    this.#start[slot] = place;
    this.#length[slot] = end - start;
    this.#marks[3 * slot] = kind;
    this.#marks[3 * slot + 1] = quality;
    this.#marks[3 * slot + 2] = selector;
    this.ledger.head += 1;
    this.headSequence = sequence + 1;
  }

  read(ordinal: number, into: OutboxRecord): boolean {
    if (ordinal < this.#oldest || ordinal >= this.ledger.head) return false;
    const slot = ordinal % this.#slots;
    into.sequence = this.#sequence[slot];
    into.kind = this.#marks[3 * slot] as RecordKind;
    into.quality = this.#marks[3 * slot + 1] as RecordQuality;
    into.selector = this.#marks[3 * slot + 2];
    into.at = this.#at[slot];
    into.boot = this.#boot[slot];
    into.bytes = this.#bytes;
    into.start = this.#start[slot];
    into.end = into.start + this.#length[slot];
    return true;
  }

  settled(): void {
    this.#oldest = Math.max(this.#oldest, this.ledger.tail);
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
    return this.#start[slot] + Math.max(1, this.#length[slot]);
  }

  /** Where `bytes` fit now, or -1. */
  #place(bytes: number): number {
    const head = this.ledger.head;
    if (head === this.#oldest) return 0;
    if (head - this.#oldest === this.#slots) return -1;
    const first = this.#start[this.#oldest % this.#slots];
    const last = (head - 1) % this.#slots;
    const end = this.#endOf(last);
    const wrapped = this.#start[last] < first;
    if (wrapped) return end + bytes <= first ? end : -1;
    if (end + bytes <= this.bytesCapacity) return end;
    return bytes <= first ? 0 : -1;
  }
}
