/**
 * A ring of erase blocks: where each generation lies and which ordinals it holds.
 *
 * Generation g lies in block g mod `blocks`. The youngest is written to, the next to be opened is
 * the spare, kept erased; so `blocks` - 1 generations are readable. Opened in strict turn, every block
 * is erased once per round: that is the whole of the wear levelling.
 */

import { RECORDS_AT } from './block.ts';
import type { FlashView } from './flash-view.ts';
import {
  decodeRecordHeader,
  RECORD_HEADER_BYTES,
  type RecordHeader,
  recordBytes,
  STATE_TYPE,
} from './record.ts';

/** Two blocks of data and the spare. */
export const RING_BLOCKS_MIN = 3;

export class Ring {
  readonly id: number;
  readonly view: FlashView;
  readonly blocks: number;
  readonly blockBytes: number;
  readonly alignment: number;
  /** The most records that a block can hold. */
  readonly recordsMax: number;
  /** The youngest generation, or -1 where there is none. */
  youngest = -1;
  /** The generation to open next, in the spare block. */
  opening = 0;
  private readonly firstBlock: number;
  /** The first ordinal of each block; 0 where the block cannot be read. */
  private readonly firsts: Uint32Array;

  /** @param id is written into headers. @param firstBlock of the partition, where it begins. */
  constructor(id: number, view: FlashView, firstBlock: number, blocks: number) {
    this.id = id;
    this.view = view;
    this.blocks = blocks;
    this.blockBytes = view.flash.blockBytes;
    this.alignment = Math.max(4, view.flash.writeAlignment);
    const shortest = recordBytes(0, this.alignment);
    this.recordsMax = Math.floor((this.blockBytes - RECORDS_AT) / shortest);
    this.firstBlock = firstBlock;
    this.firsts = new Uint32Array(blocks);
  }

  /** The block's index in the partition. */
  block(generation: number): number {
    return this.firstBlock + (generation % this.blocks);
  }

  /** The flash offset at which a generation's block begins. */
  offset(generation: number): number {
    return this.block(generation) * this.blockBytes;
  }

  /** The oldest generation that stays readable once `youngest` is the youngest. */
  oldest(youngest: number): number {
    return Math.max(0, youngest - (this.blocks - 2));
  }

  setFirst(generation: number, ordinal: number): void {
    this.firsts[generation % this.blocks] = ordinal;
  }

  /** The first ordinal of a generation, or 0 where its block cannot be read. */
  first(generation: number): number {
    return this.firsts[generation % this.blocks];
  }

  /** The first ordinal in generations `from` to the youngest; 0 where none can be read. */
  firstSince(from: number): number {
    for (let generation = from; generation <= this.youngest; generation += 1) {
      if (this.first(generation) !== 0) return this.first(generation);
    }
    return 0;
  }

  /** The generation whose block holds `ordinal` if any does, or -1. */
  generationOf(ordinal: number): number {
    const oldest = this.oldest(this.youngest);
    for (let generation = this.youngest; generation >= oldest; generation -= 1) {
      const first = this.first(generation);
      if (first !== 0 && first <= ordinal) return generation;
    }
    return -1;
  }

  /**
   * Finds the next sound record header from `offset` on, past whatever has rotted.
   * @returns its flash offset, with the header in `into`; -1 where there is none before `limit`.
   */
  findHeader(offset: number, limit: number, into: RecordHeader): number {
    for (let at = offset; ; at += this.alignment) {
      const start = this.view.load(at, RECORD_HEADER_BYTES, limit);
      if (start < 0) return -1;
      if (!decodeRecordHeader(this.view.page, start, into)) continue;
      // A state names the next record's index, a record its own.
      if (into.index >= this.recordsMax + (into.type === STATE_TYPE ? 1 : 0)) continue;
      if (at + recordBytes(into.payloadBytes, this.alignment) <= limit) return at;
    }
  }
}
