/**
 * Finds a log in a ring of blocks, whatever state a power cut, rot or another program left.
 *
 * It writes nothing but the erasure of a spare block that is not erased: so it may be cut short and
 * repeated at will. It reads one header per block, the youngest block and the spare, and never
 * loops longer than that. What it cannot read is empty, foreign or lost, never an error.
 */

import {
  type BlockHeader,
  copyBlockHeader,
  decodeBlockHeader,
  emptyBlockHeader,
  RECORDS_AT,
} from './block.ts';
import {
  copyLedgerState,
  emptyLedgerState,
  isPlausible,
  type LedgerState,
} from './ledger-state.ts';
import {
  decodeState,
  END_OF_RECORD,
  END_OF_STATE,
  emptyRecordHeader,
  payloadIsSound,
  type RecordHeader,
  recordBytes,
  STATE_TYPE,
  statePayloadBytes,
} from './record.ts';
import type { Ring } from './ring.ts';

/** What mount found. */
export interface Mounted {
  readonly state: LedgerState;
  /** The ordinal that the next record gets. */
  head: number;
  headSequence: number;
  /** Rotten records at the end, whose sequence numbers are unknown. */
  unnamed: number;
  /** Where the next record goes, and its index there; the block's end where it was sealed. */
  writeOffset: number;
  nextIndex: number;
  repairs: number;
}

/** Sets the ring's generations up and @returns what else is known. */
export function mountRing(ring: Ring): Mounted {
  const youngest = emptyBlockHeader(emptyLedgerState());
  const mounted: Mounted = {
    state: youngest.state,
    head: 1,
    headSequence: 1,
    unnamed: 0,
    writeOffset: 0,
    nextIndex: 0,
    repairs: 0,
  };
  const scanned = scan(ring, youngest, Number.POSITIVE_INFINITY);
  if (wasTorn(ring, youngest)) scan(ring, youngest, youngest.generation);
  if (ring.youngest >= 0) replay(ring, youngest, mounted);
  else if (scanned.isUnreadable) mounted.repairs += 1;
  ring.opening = ring.youngest + 1;
  if (scanned.newerSequence > mounted.headSequence) {
    mounted.headSequence = scanned.newerSequence;
    // That block alone knows which numbers are used: it is left for last.
    if (ring.opening % ring.blocks === scanned.newerBlock) ring.opening += 1;
  }
  eraseSpare(ring, mounted);
  return mounted;
}

/** What the headers tell beside the generations. */
interface Scanned {
  /** Some block is neither ours nor erased. */
  readonly isUnreadable: boolean;
  /** Above all numbers that another version of the format gave, as far as its headers tell; or 0. */
  readonly newerSequence: number;
  /** The block that tells it. */
  readonly newerBlock: number;
}

/** Reads all block headers. @param limit generations from this one on are not looked at */
function scan(ring: Ring, youngest: BlockHeader, limit: number): Scanned {
  const generations = new Float64Array(ring.blocks).fill(-1);
  const header = emptyBlockHeader(emptyLedgerState());
  let isUnreadable = false;
  let newerSequence = 0;
  let newerBlock = -1;
  ring.youngest = -1;
  for (let i = 0; i < ring.blocks; i += 1) {
    const offset = ring.offset(i);
    const start = ring.view.load(offset, RECORDS_AT, offset + RECORDS_AT);
    const found = decodeBlockHeader(ring.view.page, start, ring, header);
    isUnreadable ||= found === 'foreign' || found === 'other version';
    if (found === 'other version') {
      // An unknown number of records follow its `nextSequence`: none of theirs is given again.
      const after = Math.ceil(header.nextSequence + ring.blockBytes / recordBytes(0, 4));
      if (after > newerSequence) newerBlock = i;
      newerSequence = Math.max(newerSequence, after);
    }
    ring.setFirst(i, 0);
    if (found !== 'valid' || header.generation % ring.blocks !== i) continue;
    if (header.generation >= limit) continue;
    generations[i] = header.generation;
    ring.setFirst(i, header.firstOrdinal);
    if (header.generation <= ring.youngest) continue;
    ring.youngest = header.generation;
    copyBlockHeader(header, youngest);
  }
  for (let i = 0; i < ring.blocks; i += 1) {
    if (!canPrecede(ring, generations[i], ring.first(i), youngest)) ring.setFirst(i, 0);
  }
  return { isUnreadable, newerSequence, newerBlock };
}

/** Whether a block can be of the same log as the youngest, and still hold its records. */
function canPrecede(
  ring: Ring,
  generation: number,
  firstOrdinal: number,
  youngest: BlockHeader,
): boolean {
  const records = youngest.firstOrdinal - firstOrdinal;
  const most = (ring.youngest - generation) * ring.recordsMax;
  return generation >= ring.oldest(ring.youngest) && records >= 0 && records <= most;
}

/**
 * Whether the power went while the youngest block was opened, behind the first copy of its header.
 * It holds no record then: what was before it is there, and it is opened anew.
 */
function wasTorn(ring: Ring, youngest: BlockHeader): boolean {
  if (ring.youngest < 1 || youngest.isDoubled || ring.first(ring.youngest - 1) === 0) return false;
  const begin = ring.offset(ring.youngest);
  return ring.view.isErased(begin + RECORDS_AT, begin + ring.blockBytes);
}

/** Walks the youngest block: the newest state, the head, and where writing goes on. */
function replay(ring: Ring, youngest: BlockHeader, mounted: Mounted): void {
  const header = emptyRecordHeader();
  const begin = ring.offset(ring.youngest);
  const limit = begin + ring.blockBytes;
  mounted.headSequence = Math.max(mounted.headSequence, youngest.nextSequence);
  let end = begin + RECORDS_AT;
  for (let offset = end; ; ) {
    const at = ring.findHeader(offset, limit, header);
    if (at < 0) break;
    if (!isWritten(ring, at, limit, header, youngest.firstOrdinal, mounted)) {
      offset = at + ring.alignment;
      continue;
    }
    offset = end = at + recordBytes(header.payloadBytes, ring.alignment);
  }
  const lost = ring.view.isErased(end, limit) ? -1 : countEnds(ring, end, limit);
  // Sealed, too, where one more rotten bit in the header would cost what would be written here.
  const isSealed = lost >= 0 || !youngest.isDoubled;
  // No more than a block holds, or the next header's numbers could not be.
  mounted.unnamed = Math.min(Math.max(0, lost), ring.recordsMax - mounted.nextIndex);
  mounted.nextIndex += mounted.unnamed;
  mounted.writeOffset = isSealed ? limit : end;
  if (isSealed) mounted.repairs += 1;
  mounted.head = youngest.firstOrdinal + mounted.nextIndex;
  // Each record has taken a number, whatever their headers say.
  mounted.headSequence = Math.max(mounted.headSequence, mounted.head - mounted.unnamed);
}

/**
 * Takes one record of the youngest block into account. False for one that was torn while it was
 * written: its payload is wrong and its last word is missing. A payload that is wrong although the
 * last word is there has rotted; that record was accepted, and is counted as dropped when read.
 * @param first the ordinal of the block's first record
 */
function isWritten(
  ring: Ring,
  at: number,
  limit: number,
  header: RecordHeader,
  first: number,
  mounted: Mounted,
): boolean {
  const total = recordBytes(header.payloadBytes, ring.alignment);
  const start = ring.view.load(at, total, limit);
  const isState = header.type === STATE_TYPE;
  if (start < 0) return false;
  const sound = payloadIsSound(ring.view.page, start, header.payloadBytes);
  const ending = ring.view.page.view.getUint32(start + total - 4, true);
  if (!sound && ending !== (isState ? END_OF_STATE : END_OF_RECORD)) return false;
  if (isState && sound) takeState(ring, start, header, first, mounted);
  const taken = isState ? 0 : 1;
  mounted.nextIndex = Math.max(mounted.nextIndex, header.index + taken);
  mounted.headSequence = Math.max(mounted.headSequence, header.sequence + taken);
  return true;
}

/** Takes a stored state over, unless it is too short for one or its numbers cannot be. @param first the block's first ordinal */
function takeState(
  ring: Ring,
  start: number,
  header: RecordHeader,
  first: number,
  mounted: Mounted,
): void {
  if (header.payloadBytes < statePayloadBytes(0)) return;
  const state = emptyLedgerState();
  decodeState(ring.view.page, start, header.payloadBytes, state);
  if (isPlausible(state, first + header.index)) copyLedgerState(state, mounted.state);
}

/**
 * Last words of records whose headers have rotted: so many were accepted and are lost. A payload
 * may hold the same word, so ends that are closer than two records can be count once.
 */
function countEnds(ring: Ring, from: number, limit: number): number {
  const shortest = recordBytes(0, ring.alignment);
  let count = 0;
  for (let offset = from + shortest - 4; offset < limit; ) {
    const start = ring.view.load(offset, 4, limit);
    const isEnd = ring.view.page.view.getUint32(start, true) === END_OF_RECORD;
    if (isEnd) count += 1;
    offset += isEnd ? shortest : 4;
  }
  return count;
}

function eraseSpare(ring: Ring, mounted: Mounted): void {
  const offset = ring.offset(ring.opening);
  if (ring.view.isErased(offset, offset + ring.blockBytes)) return;
  ring.view.erase(ring.block(ring.opening));
  mounted.repairs += 1;
}
