/**
 * A log in a ring of flash blocks. FORMAT.md draws every byte and says why.
 *
 * Once `append` has returned, the record is in flash; a power cut inside it leaves it there whole
 * or not at all. Words are written once per erase, nothing is changed in place. An append is one
 * write, and one more with an erase where a block is full. The ledger's state goes into every block header
 * and, lazily, into records of its own: losing the latest only means sending a few records twice.
 *
 * It refuses to store state where that would cost a record its block, and holds no record in RAM.
 */

import { writeRange } from '../base/ascii.ts';
import { type BlockHeader, encodeBlockHeader, RECORDS_AT } from './block.ts';
import { Ledger } from './ledger.ts';
import type { Log } from './log.ts';
import { mountRing } from './mount.ts';
import type { Draft, OutboxRecord, RecordKind, RecordQuality } from './outbox.ts';
import {
  emptyRecordHeader,
  encodeState,
  isKnown,
  payloadIsSound,
  RECORD_HEADER_BYTES,
  type RecordHeader,
  readRecordHeader,
  recordBytes,
  STATE_TYPE,
  sealRecord,
  statePayloadBytes,
} from './record.ts';
import type { Ring } from './ring.ts';
import { SPAN_MAX } from './window.ts';

/** Endings that wait at most before they are stored. */
export const SAVE_EVERY = 16;
/** Readers in one log: one per lane. The cursor behind theirs is that of what is sent when appended. */
const CURSORS = 2;
const CURSOR_CELLS = 3;
const SENT_CURSOR = CURSORS * CURSOR_CELLS;

export class FlashLog implements Log {
  readonly ledger: Ledger;
  readonly payloadBytesMax: number;
  repairs: number;
  headSequence: number;
  readonly unnamed: number;
  private readonly ring: Ring;
  private readonly header: RecordHeader = emptyRecordHeader();
  /** `header` is the one of the record that was appended last. */
  private isAppended = false;
  /** For what is about to be written: its contents mean nothing between two calls. */
  private readonly block: BlockHeader;
  private readonly nextDraft: Draft;
  private writeOffset: number;
  private nextIndex: number;
  /** Where the last record was appended in this boot. */
  private appendedAt = -2;
  /** Once the tail is here it has left its block, and the state is stored. */
  private saveAtOrdinal = Number.POSITIVE_INFINITY;
  /**
   * Where records are expected that readers in turn will ask for: three cells for each cursor, its
   * ordinal, generation and offset. One array, because on XS an array costs more than its content.
   */
  private readonly cursors = new Float64Array(CURSOR_CELLS * (CURSORS + 1));
  private cursorOldest = 0;

  /**
   * Mounts the ring.
   * @param window records in flight per lane. @param oneLane unfinished records are not backlog.
   * @param payloadBytesMax a record of which fits into the ring's view and a block.
   * @param block may be shared by all logs of a view.
   */
  constructor(
    ring: Ring,
    window: number,
    oneLane: boolean,
    payloadBytesMax: number,
    block: BlockHeader,
  ) {
    const mounted = mountRing(ring);
    this.ring = ring;
    this.payloadBytesMax = payloadBytesMax;
    this.repairs = mounted.repairs;
    this.headSequence = mounted.headSequence;
    this.unnamed = mounted.unnamed;
    this.writeOffset = mounted.writeOffset;
    this.nextIndex = mounted.nextIndex;
    this.block = block;
    this.nextDraft = { bytes: ring.view.out.bytes, start: RECORD_HEADER_BYTES };
    this.ledger = new Ledger(window);
    this.ledger.restore(mounted.state, mounted.head, oneLane, SPAN_MAX + SAVE_EVERY);
    // Records in unreadable blocks are lost all at once, however many they are, and not one by one.
    this.ledger.evictBelow(this.firstSince(ring.oldest(ring.youngest)));
    this.noteTailBlock();
  }

  get bytesUsed(): number {
    const oldest = this.ledger.oldest();
    if (oldest === 0) return 0;
    const ring = this.ring;
    const generation = Math.max(ring.generationOf(oldest), ring.oldest(ring.youngest));
    const inYoungest = this.writeOffset - ring.offset(ring.youngest);
    return (ring.youngest - generation) * ring.blockBytes + inYoungest;
  }

  get bytesCapacity(): number {
    return (this.ring.blocks - 1) * this.ring.blockBytes;
  }

  draft(): Draft {
    // What was appended before is not there any more.
    this.ring.view.outOffset = -1;
    return this.nextDraft;
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
    const total = recordBytes(end - start, this.ring.alignment);
    if (!this.fits(total)) this.open(sequence);
    const header = this.header;
    header.type = kind;
    header.quality = quality;
    header.selector = selector;
    header.sequence = sequence;
    header.at = at;
    header.boot = boot;
    header.payloadBytes = end - start;
    const out = this.ring.view.out.bytes;
    if (from !== out) writeRange(out, RECORD_HEADER_BYTES, from, start, end);
    this.write(header, total);
    this.isAppended = true;
    this.appendedAt = this.ring.view.outOffset;
    this.nextIndex += 1;
    this.ledger.head += 1;
    this.headSequence = sequence + 1;
  }

  read(ordinal: number, into: OutboxRecord): boolean {
    const header = this.header;
    const view = this.ring.view;
    let page = view.out;
    let start = 0;
    if (ordinal === this.ledger.head - 1 && view.outOffset === this.appendedAt) {
      // The usual case: what was just appended is sent. It still lies where it was written from.
      if (!this.isAppended) readRecordHeader(view.out, 0, header);
      this.isAppended = true;
      this.cursors[SENT_CURSOR] = ordinal + 1;
      this.cursors[SENT_CURSOR + 1] = this.ring.youngest;
      this.cursors[SENT_CURSOR + 2] = this.writeOffset;
    } else {
      start = this.find(ordinal, header);
      if (start < 0) return false;
      page = view.page;
    }
    into.sequence = header.sequence;
    into.kind = header.type as RecordKind;
    into.quality = header.quality as RecordQuality;
    into.selector = header.selector;
    into.at = header.at;
    into.boot = header.boot;
    into.bytes = page.bytes;
    into.view = page.view;
    into.start = start + RECORD_HEADER_BYTES;
    into.end = into.start + header.payloadBytes;
    return true;
  }

  settled(): void {
    const ledger = this.ledger;
    const due = ledger.lineUnsaved || ledger.unsaved >= SAVE_EVERY;
    if (due || ledger.tail >= this.saveAtOrdinal) this.save();
  }

  save(): void {
    const ledger = this.ledger;
    if (ledger.unsaved === 0 || this.ring.youngest < 0) return;
    const { state } = this.block;
    ledger.save(state);
    const payloadBytes = statePayloadBytes(state.ranges);
    const total = recordBytes(payloadBytes, this.ring.alignment);
    if (this.fits(total)) {
      const header = this.header;
      this.isAppended = false;
      header.type = STATE_TYPE;
      header.quality = header.selector = header.at = header.boot = 0;
      header.sequence = this.headSequence;
      header.payloadBytes = payloadBytes;
      encodeState(this.ring.view.out, state);
      this.write(header, total);
      ledger.saved();
    } else if (this.firstAfterOpening() <= ledger.keptFrom) {
      this.open(this.headSequence);
    }
    if (ledger.unsaved === 0) this.noteTailBlock();
  }

  private fits(total: number): boolean {
    const ring = this.ring;
    if (ring.youngest < 0) return false;
    return this.writeOffset + total <= ring.offset(ring.youngest) + ring.blockBytes;
  }

  /** Writes the record whose payload is in the view's `out`, at the end of the log. */
  private write(header: RecordHeader, total: number): void {
    const view = this.ring.view;
    header.index = this.nextIndex;
    sealRecord(view.out, header, total);
    const offset = this.writeOffset;
    // This comes first, so that nothing is written over a place where the flash has failed.
    this.writeOffset += total;
    view.write(offset, total);
  }

  /** The oldest ordinal that stays readable when another block is opened. */
  private firstAfterOpening(): number {
    return this.firstSince(this.ring.oldest(this.ring.opening));
  }

  /** The first ordinal that is readable in a generation or the ones after it; the head for none. */
  private firstSince(generation: number): number {
    const first = this.ring.firstSince(generation);
    return first === 0 ? this.ledger.head : first;
  }

  /**
   * Opens the spare block, then erases the oldest to be the next spare. The header already tells
   * of the loss of the oldest, so a power cut between the two leaves nothing to decide.
   */
  private open(nextSequence: number): void {
    const ring = this.ring;
    const generation = ring.opening;
    this.ledger.evictBelow(this.firstAfterOpening());
    this.ledger.save(this.block.state);
    this.block.generation = generation;
    this.block.nextSequence = nextSequence;
    this.block.firstOrdinal = this.ledger.head;
    // Not where a draft may lie.
    encodeBlockHeader(ring.view.page, ring, this.block);
    ring.view.writePage(ring.offset(generation), RECORDS_AT);
    this.ledger.saved();
    ring.setFirst(generation, this.ledger.head);
    ring.youngest = generation;
    ring.opening = generation + 1;
    this.writeOffset = ring.offset(generation) + RECORDS_AT;
    this.nextIndex = 0;
    ring.setFirst(generation + 1, 0);
    ring.view.erase(ring.block(generation + 1));
    this.noteTailBlock();
  }

  private noteTailBlock(): void {
    const generation = this.ring.generationOf(this.ledger.tail);
    const next = generation < 0 ? 0 : this.ring.firstSince(generation + 1);
    this.saveAtOrdinal = next === 0 ? Number.POSITIVE_INFINITY : next;
  }

  /** Loads a record and its header. @returns where in the view's page it is; -1 where it is lost. */
  private find(ordinal: number, header: RecordHeader): number {
    const { view, alignment, blockBytes } = this.ring;
    this.isAppended = false;
    const at = this.locate(ordinal, header);
    if (at < 0 || !isKnown(header)) return -1;
    // A number that was never given is not sent: it will be another record's.
    if (header.sequence === 0 || header.sequence >= this.headSequence) return -1;
    const total = recordBytes(header.payloadBytes, alignment);
    const start = view.load(at, total, at - (at % blockBytes) + blockBytes);
    return start >= 0 && payloadIsSound(view.page, start, header.payloadBytes) ? start : -1;
  }

  /** The flash offset of a record, its header in `header`; -1 where it is lost. */
  private locate(ordinal: number, header: RecordHeader): number {
    const ring = this.ring;
    const cursor = this.cursorAt(ordinal);
    const generation = cursor < 0 ? ring.generationOf(ordinal) : this.cursors[cursor + 1];
    if (generation < 0) return -1;
    let offset = cursor < 0 ? ring.offset(generation) + RECORDS_AT : this.cursors[cursor + 2];
    const begin = ring.offset(generation);
    const limit = generation === ring.youngest ? this.writeOffset : begin + ring.blockBytes;
    const first = ring.first(generation);
    for (;;) {
      const at = ring.findHeader(offset, limit, header);
      if (at < 0) return -1;
      offset = at + recordBytes(header.payloadBytes, ring.alignment);
      if (header.type === STATE_TYPE || first + header.index < ordinal) continue;
      if (first + header.index > ordinal) return -1;
      this.moveCursor(cursor, ordinal, generation, offset);
      return at;
    }
  }

  /** Sets a cursor, or where `found` is -1 the one longest unused, to what follows a record. */
  private moveCursor(found: number, ordinal: number, generation: number, offset: number): void {
    const cursor = found < 0 ? this.cursorOldest : found;
    this.cursors[cursor] = ordinal + 1;
    this.cursors[cursor + 1] = generation;
    this.cursors[cursor + 2] = offset;
    this.cursorOldest = (cursor + CURSOR_CELLS) % SENT_CURSOR;
  }

  /** The first cell of the cursor that stands before `ordinal`, or -1. */
  private cursorAt(ordinal: number): number {
    const ring = this.ring;
    for (let i = 0; i <= SENT_CURSOR; i += CURSOR_CELLS) {
      if (this.cursors[i] !== ordinal) continue;
      const generation = this.cursors[i + 1];
      if (generation < ring.oldest(ring.youngest)) continue;
      const next = generation < ring.youngest ? ring.firstSince(generation + 1) : 0;
      if (next === 0 || ordinal < next) return i;
    }
    return -1;
  }
}
