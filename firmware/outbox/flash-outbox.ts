/**
 * An outbox on a flash partition: readings in one ring of blocks, alarms in a smaller one after it.
 * Mounting repairs what power cuts left; it never fails for what it finds in the flash.
 */

import { crc32 } from '../base/crc32.ts';
import type { Crc32, Flash } from '../ports.ts';
import { emptyBlockHeader, RECORDS_AT } from './block.ts';
import { FlashLog } from './flash-log.ts';
import { FlashView } from './flash-view.ts';
import { emptyLedgerState, RANGES_MAX } from './ledger-state.ts';
import { LogOutbox } from './log-outbox.ts';
import { type Outbox, RecordKind, WINDOW_MAX } from './outbox.ts';
import { recordBytes, statePayloadBytes } from './record.ts';
import { RING_BLOCKS_MIN, Ring } from './ring.ts';

const ALIGNMENTS = Object.freeze([1, 2, 4, 8, 16, 32] as const);
const BLOCK_BYTES_MIN = 512;
const BLOCK_BYTES_MAX = 0x1_0000;
/** Reading ahead saves calls, but little beyond this. */
const VIEW_BYTES_MIN = 256;

export interface FlashOutboxOptions {
  /** Records in flight per lane, 1 to 128. */
  readonly window: number;
  /** The longest payload, in bytes; a record must fit a quarter of a block. */
  readonly payloadBytesMax: number;
}

/** The blocks at the end of a partition that are for alarms: an eighth of it, three at least. */
export function alarmBlocks(blocks: number): number {
  return Math.max(RING_BLOCKS_MIN, Math.floor(blocks / 8));
}

/**
 * Mounts what is in the partition, or an empty outbox where nothing can be read.
 * @param checksum the platform's, where it has one
 * @throws RangeError naming what is out of range, in the options or in the partition's shape.
 */
export function mountFlashOutbox(
  flash: Flash,
  options: FlashOutboxOptions,
  checksum: Crc32 = crc32,
): Outbox {
  const { window, payloadBytesMax } = options;
  const alignment = Math.max(4, flash.writeAlignment);
  const longest = recordBytes(payloadBytesMax, alignment);
  check(window >= 1 && window <= WINDOW_MAX, `outbox.window must be 1 to ${WINDOW_MAX}`);
  check(ALIGNMENTS.includes(flash.writeAlignment as 4), 'flash.writeAlignment must be up to 32');
  check(
    flash.blockBytes >= BLOCK_BYTES_MIN &&
      flash.blockBytes <= BLOCK_BYTES_MAX &&
      flash.blockBytes % 32 === 0,
    'flash.blockBytes must be 512 to 65536, a multiple of 32',
  );
  check(flash.blocks >= 2 * RING_BLOCKS_MIN, 'flash.blocks must be at least 6');
  check(
    payloadBytesMax >= 1 && longest <= flash.blockBytes / 4,
    'outbox.payloadBytesMax must be at least 1, and a record fit a quarter of a block',
  );
  const state = recordBytes(statePayloadBytes(RANGES_MAX), alignment);
  const viewBytes = Math.max(longest, state, RECORDS_AT, VIEW_BYTES_MIN);
  const view = new FlashView(flash, checksum, viewBytes);
  const alarms = alarmBlocks(flash.blocks);
  const readings = flash.blocks - alarms;
  const readingRing = new Ring(RecordKind.reading, view, 0, readings);
  const alarmRing = new Ring(RecordKind.alarm, view, readings, alarms);
  const block = emptyBlockHeader(emptyLedgerState());
  return new LogOutbox(
    new FlashLog(alarmRing, window, true, payloadBytesMax, block),
    new FlashLog(readingRing, window, false, payloadBytesMax, block),
  );
}

function check(holds: boolean, sentence: string): void {
  if (!holds) throw new RangeError(sentence);
}
