/**
 * Finds a log in a ring of blocks, whatever state a power cut, rot or another program left.
 *
 * It writes nothing but the erasure of a spare block that is not erased: so it may be cut short and
 * repeated at will. It reads one header per block, the youngest block and the spare, and never
 * loops longer than that. What it cannot read is empty, foreign or lost, never an error.
 */

import { type BlockHeader, copyBlockHeader, decodeBlockHeader, RECORDS_AT } from './block.ts';
import { emptyLedgerState, type LedgerState } from './ledger.ts';
import {
  decodeState,
  END_OF_RECORD,
  END_OF_STATE,
  emptyRecordHeader,
  payloadIsSound,
  type RecordHeader,
  recordBytes,
  STATE_TYPE,
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
  const youngest = emptyBlockHeader();
  const mounted: Mounted = {
    state: youngest.state,
    head: 1,
    headSequence: 1,
    unnamed: 0,
    writeOffset: 0,
    nextIndex: 0,
    repairs: 0,
  };
  const unreadable = scan(ring, youngest, mounted);
  if (ring.youngest >= 0) replay(ring, youngest, mounted);
  else if (unreadable) mounted.repairs += 1;
  eraseSpare(ring, mounted);
  return mounted;
}

/** Reads all block headers. @returns whether some block is neither ours nor erased. */
function scan(ring: Ring, youngest: BlockHeader, mounted: Mounted): boolean {
  const generations = new Float64Array(ring.blocks).fill(-1);
  const header = emptyBlockHeader();
  let unreadable = false;
  for (let i = 0; i < ring.blocks; i += 1) {
    const offset = ring.offset(i);
    const start = ring.view.load(offset, RECORDS_AT, offset + RECORDS_AT);
    const found = decodeBlockHeader(ring.view.page, start, ring, header);
    if (found === 'other version') {
      // An unknown number of records follow its `nextSequence`: none of theirs is given again.
      const after = header.nextSequence + ring.blockBytes / recordBytes(0, 4);
      mounted.headSequence = Math.max(mounted.headSequence, Math.ceil(after));
    }
    unreadable ||= found === 'foreign' || found === 'other version';
    if (found !== 'valid' || header.generation % ring.blocks !== i) continue;
    generations[i] = header.generation;
    ring.setFirst(i, header.firstOrdinal);
    if (header.generation <= ring.youngest) continue;
    ring.youngest = header.generation;
    copyBlockHeader(header, youngest);
  }
  const oldest = ring.oldest(ring.youngest);
  for (let i = 0; i < ring.blocks; i += 1) if (generations[i] < oldest) ring.setFirst(i, 0);
  return unreadable;
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
    if (!isWritten(ring, at, limit, header, mounted)) {
      offset = at + ring.alignment;
      continue;
    }
    offset = end = at + recordBytes(header.payloadBytes, ring.alignment);
  }
  mounted.writeOffset = end;
  if (!ring.view.isErased(end, limit)) {
    const lost = countEnds(ring, end, limit);
    mounted.nextIndex += lost;
    mounted.unnamed = lost;
    mounted.writeOffset = limit;
    mounted.repairs += 1;
  }
  mounted.head = youngest.firstOrdinal + mounted.nextIndex;
}

/**
 * Takes one record of the youngest block into account. False for one that was torn while it was
 * written: its payload is wrong and its last word is missing. A payload that is wrong although the
 * last word is there has rotted; that record was accepted, and is counted as dropped when read.
 */
function isWritten(
  ring: Ring,
  at: number,
  limit: number,
  header: RecordHeader,
  mounted: Mounted,
): boolean {
  const total = recordBytes(header.payloadBytes, ring.alignment);
  const start = ring.view.load(at, total, limit);
  const isState = header.type === STATE_TYPE;
  if (start < 0) return false;
  const sound = payloadIsSound(ring.view.page, start, header.payloadBytes);
  const ending = ring.view.page.view.getUint32(start + total - 4, true);
  if (!sound && ending !== (isState ? END_OF_STATE : END_OF_RECORD)) return false;
  if (isState && sound) decodeState(ring.view.page, start, header.payloadBytes, mounted.state);
  const taken = isState ? 0 : 1;
  mounted.nextIndex = Math.max(mounted.nextIndex, header.index + taken);
  mounted.headSequence = Math.max(mounted.headSequence, header.sequence + taken);
  return true;
}

/** Last words of records whose headers have rotted: so many were accepted and are lost. */
function countEnds(ring: Ring, from: number, limit: number): number {
  let count = 0;
  for (let offset = from; offset < limit; offset += 4) {
    const start = ring.view.load(offset, 4, limit);
    if (ring.view.page.view.getUint32(start, true) === END_OF_RECORD) count += 1;
  }
  return count;
}

function eraseSpare(ring: Ring, mounted: Mounted): void {
  const offset = ring.offset(ring.youngest + 1);
  if (ring.view.isErased(offset, offset + ring.blockBytes)) return;
  ring.view.erase(ring.block(ring.youngest + 1));
  mounted.repairs += 1;
}

function emptyBlockHeader(): BlockHeader {
  return { generation: 0, nextSequence: 1, firstOrdinal: 1, state: emptyLedgerState() };
}
