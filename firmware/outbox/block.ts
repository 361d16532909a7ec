/**
 * The header of an erase block: what and where it is, and the ledger's state as it was opened.
 * Bytes only; FORMAT.md draws them. Two copies stand at the start of the block, written at once.
 */

import { isBlank, type Page } from './flash-view.ts';
import { copyLedgerState, isPlausible, type LedgerState, RANGES_MAX } from './ledger-state.ts';

const MAGIC = 0x45544f4d;
const VERSION = 1;
/** One copy. A multiple of every write alignment that is supported. */
export const HEADER_BYTES = 96;
export const HEADER_COPIES = 2;
/** Where a block's records begin. */
export const RECORDS_AT = HEADER_BYTES * HEADER_COPIES;

const VERSION_AT = 4;
const RING_AT = 8;
const ALIGNMENT_AT = 9;
const RING_BLOCKS_AT = 10;
const GENERATION_AT = 12;
const NEXT_SEQUENCE_AT = 16;
const FIRST_ORDINAL_AT = 20;
const TAIL_AT = 24;
const DROPPED_AT = 28;
const REFUSED_AT = 32;
const RANGES_AT = 36;
const BOUNDS_AT = 40;
const CRC_AT = HEADER_BYTES - 4;
/** No ring opens more blocks in the life of its flash: one a minute for 4,000 years. */
const GENERATION_MAX = 0x7fff_ffff;

/** What a block's first bytes were found to be. */
export type HeaderFound = 'valid' | 'erased' | 'other version' | 'foreign';

/** What a ring's headers say of all its blocks; it is foreign where any of it differs. */
export interface RingShape {
  readonly id: number;
  readonly blocks: number;
  readonly alignment: number;
  /** The most records that one block can hold. */
  readonly recordsMax: number;
}

export interface BlockHeader {
  /** Counts the blocks opened in this ring; it decides the block's place and wear. */
  generation: number;
  /** Above every sequence number appended before, in any version of the format. */
  nextSequence: number;
  /** The ordinal of the block's first record. */
  firstOrdinal: number;
  /** Both copies are sound; one alone could be lost with its next rotten bit. */
  isDoubled: boolean;
  readonly state: LedgerState;
}

/** The header of a log's first block. @param state what it tells of the ledger */
export function emptyBlockHeader(state: LedgerState): BlockHeader {
  return { generation: 0, nextSequence: 1, firstOrdinal: 1, isDoubled: true, state };
}

/** Writes both copies to the start of `page`. */
export function encodeBlockHeader(page: Page, ring: RingShape, of: BlockHeader): void {
  const { bytes, view } = page;
  bytes.fill(0, 0, RECORDS_AT);
  view.setUint32(0, MAGIC, true);
  view.setUint16(VERSION_AT, VERSION, true);
  view.setUint16(VERSION_AT + 2, HEADER_BYTES, true);
  view.setUint8(RING_AT, ring.id);
  view.setUint8(ALIGNMENT_AT, ring.alignment);
  view.setUint16(RING_BLOCKS_AT, ring.blocks, true);
  view.setUint32(GENERATION_AT, of.generation, true);
  view.setUint32(NEXT_SEQUENCE_AT, of.nextSequence, true);
  view.setUint32(FIRST_ORDINAL_AT, of.firstOrdinal, true);
  view.setUint32(TAIL_AT, of.state.tail, true);
  view.setUint32(DROPPED_AT, of.state.dropped, true);
  view.setUint32(REFUSED_AT, of.state.refused, true);
  view.setUint32(RANGES_AT, of.state.ranges, true);
  for (let i = 0; i < of.state.ranges * 2; i += 1) {
    view.setUint32(BOUNDS_AT + 4 * i, of.state.bounds[i], true);
  }
  view.setUint32(CRC_AT, page.crc32(bytes, 0, CRC_AT), true);
  bytes.copyWithin(HEADER_BYTES, 0, HEADER_BYTES);
}

/**
 * Reads the first sound copy of the two at `start` of `page` into `into`. A header of another ring
 * or of a partition divided otherwise is foreign, and so is one whose numbers cannot be. Of another
 * version, only `nextSequence` is set.
 */
export function decodeBlockHeader(
  page: Page,
  start: number,
  ring: RingShape,
  into: BlockHeader,
): HeaderFound {
  const copy = soundCopy(page, start);
  const { view } = page;
  into.isDoubled = copy === start && isSound(page, start + HEADER_BYTES);
  if (copy < 0) {
    return isBlank(view, start, start + RECORDS_AT) ? 'erased' : 'foreign';
  }
  into.nextSequence = view.getUint32(copy + NEXT_SEQUENCE_AT, true);
  if (view.getUint16(copy + VERSION_AT, true) !== VERSION) return 'other version';
  if (view.getUint8(copy + RING_AT) !== ring.id) return 'foreign';
  if (view.getUint8(copy + ALIGNMENT_AT) !== ring.alignment) return 'foreign';
  if (view.getUint16(copy + RING_BLOCKS_AT, true) !== ring.blocks) return 'foreign';
  into.generation = view.getUint32(copy + GENERATION_AT, true);
  into.firstOrdinal = view.getUint32(copy + FIRST_ORDINAL_AT, true);
  into.state.tail = view.getUint32(copy + TAIL_AT, true);
  into.state.dropped = view.getUint32(copy + DROPPED_AT, true);
  into.state.refused = view.getUint32(copy + REFUSED_AT, true);
  into.state.ranges = Math.min(RANGES_MAX, view.getUint32(copy + RANGES_AT, true));
  for (let i = 0; i < into.state.ranges * 2; i += 1) {
    into.state.bounds[i] = view.getUint32(copy + BOUNDS_AT + 4 * i, true);
  }
  return canBe(into, ring) ? 'valid' : 'foreign';
}

/** A right checksum proves that a header was written, not that what wrote it was in its senses. */
function canBe({ generation, nextSequence, firstOrdinal, state }: BlockHeader, ring: RingShape) {
  return (
    generation <= GENERATION_MAX &&
    firstOrdinal >= 1 &&
    firstOrdinal <= 1 + generation * ring.recordsMax &&
    firstOrdinal <= nextSequence &&
    isPlausible(state, firstOrdinal)
  );
}

/** Copies a header, so that one buffer of headers can be read while another is kept. */
export function copyBlockHeader(from: BlockHeader, to: BlockHeader): void {
  to.generation = from.generation;
  to.nextSequence = from.nextSequence;
  to.firstOrdinal = from.firstOrdinal;
  to.isDoubled = from.isDoubled;
  copyLedgerState(from.state, to.state);
}

/** Where in `page` the first sound copy is, or -1. */
function soundCopy(page: Page, start: number): number {
  if (isSound(page, start)) return start;
  return isSound(page, start + HEADER_BYTES) ? start + HEADER_BYTES : -1;
}

/** Whether a copy has the right mark and checksum. */
function isSound(page: Page, copy: number): boolean {
  const { bytes, view } = page;
  if (view.getUint32(copy, true) !== MAGIC) return false;
  if (view.getUint16(copy + VERSION_AT + 2, true) !== HEADER_BYTES) return false;
  return view.getUint32(copy + CRC_AT, true) === page.crc32(bytes, copy, copy + CRC_AT);
}
