/**
 * A record in flash, byte for byte; FORMAT.md draws it. Bytes only: no flash, no ledger.
 *
 * Header and payload have a checksum each, so that a record whose payload has rotted still tells
 * where the next one is. The last word is the same in all records: where a header cannot be read,
 * it proves that a record had been written to its end, which a torn write never is.
 */

import type { Page } from './flash-view.ts';
import { type LedgerState, RANGES_MAX } from './ledger-state.ts';

export const RECORD_HEADER_BYTES = 28;
/** Beside readings (0) and alarms (1): a record of the ledger's state, which has no ordinal. */
export const STATE_TYPE = 2;
/** The last word of readings and alarms, and of state records. */
export const END_OF_RECORD = 0x44524f57;
export const END_OF_STATE = 0x45544154;

const TYPE_AT = 2;
const SELECTOR_AT = 3;
const SEQUENCE_AT = 4;
const TIME_AT = 8;
const INDEX_AT = 14;
const BOOT_AT = 16;
const PAYLOAD_CRC_AT = 20;
const HEADER_CRC_AT = 24;
const TYPE_MASK = 0x0f;
const QUALITY_SHIFT = 4;
/** The best quality of a time: synchronised. */
const QUALITY_MAX = 2;

export interface RecordHeader {
  /** A RecordKind, STATE_TYPE, or what a later version invented. */
  type: number;
  quality: number;
  selector: number;
  sequence: number;
  at: number;
  boot: number;
  /** Its place among its block's readings and alarms, from 0; of a state record: of the next. */
  index: number;
  payloadBytes: number;
}

export function emptyRecordHeader(): RecordHeader {
  return {
    type: 0,
    quality: 0,
    selector: 0,
    sequence: 0,
    at: 0,
    boot: 0,
    index: 0,
    payloadBytes: 0,
  };
}

/** What a record takes in flash, in bytes. @param alignment 4, 8, 16 or 32. */
export function recordBytes(payloadBytes: number, alignment: number): number {
  return (RECORD_HEADER_BYTES + payloadBytes + 4 + alignment - 1) & -alignment;
}

/**
 * Writes a record to the start of `page`, its payload being there already.
 * @param total its `recordBytes`
 */
export function sealRecord(page: Page, of: RecordHeader, total: number): void {
  const bytes = page.bytes;
  const view = page.view;
  const payloadEnd = RECORD_HEADER_BYTES + of.payloadBytes;
  // Whole words, of which some hold several fields: on XS each call costs as much as the rest.
  view.setInt32(
    0,
    of.payloadBytes |
      (of.type << (8 * TYPE_AT)) |
      (of.quality << (8 * TYPE_AT + QUALITY_SHIFT)) |
      (of.selector << (8 * SELECTOR_AT)),
    true,
  );
  view.setUint32(SEQUENCE_AT, of.sequence, true);
  view.setInt32(TIME_AT, of.at >>> 0, true);
  const timeHigh = Math.floor(of.at / 0x1_0000_0000);
  view.setInt32(TIME_AT + 4, timeHigh | (of.index << (8 * (INDEX_AT - TIME_AT - 4))), true);
  view.setUint32(BOOT_AT, of.boot, true);
  view.setUint32(PAYLOAD_CRC_AT, page.crc32(bytes, RECORD_HEADER_BYTES, payloadEnd), true);
  view.setUint32(HEADER_CRC_AT, page.crc32(bytes, 0, HEADER_CRC_AT), true);
  if (payloadEnd < total - 4) bytes.fill(0, payloadEnd, total - 4);
  view.setUint32(total - 4, of.type === STATE_TYPE ? END_OF_STATE : END_OF_RECORD, true);
}

/** Reads the header at `start` of `page`; false where there is no sound one. */
export function decodeRecordHeader(page: Page, start: number, into: RecordHeader): boolean {
  const { bytes, view } = page;
  const crc = view.getUint32(start + HEADER_CRC_AT, true);
  if (crc !== page.crc32(bytes, start, start + HEADER_CRC_AT)) return false;
  readRecordHeader(page, start, into);
  return true;
}

/** Reads a header that is known to be sound. */
export function readRecordHeader({ view }: Page, start: number, into: RecordHeader): void {
  const type = view.getUint8(start + TYPE_AT);
  into.type = type & TYPE_MASK;
  into.quality = type >> QUALITY_SHIFT;
  into.payloadBytes = view.getUint16(start, true);
  into.selector = view.getUint8(start + SELECTOR_AT);
  into.sequence = view.getUint32(start + SEQUENCE_AT, true);
  const high = view.getUint16(start + TIME_AT + 4, true);
  into.at = high * 0x1_0000_0000 + view.getUint32(start + TIME_AT, true);
  into.index = view.getUint16(start + INDEX_AT, true);
  into.boot = view.getUint32(start + BOOT_AT, true);
}

/** Whether a record is of a kind, and its time of a quality, that this version has a word for. */
export function isKnown({ type, quality }: RecordHeader): boolean {
  return type < STATE_TYPE && quality <= QUALITY_MAX;
}

/** Whether the payload after the header at `start` of `page` is what was written. */
export function payloadIsSound(page: Page, start: number, payloadBytes: number): boolean {
  const from = start + RECORD_HEADER_BYTES;
  const crc = page.view.getUint32(start + PAYLOAD_CRC_AT, true);
  return crc === page.crc32(page.bytes, from, from + payloadBytes);
}

/** Bytes of a state record's payload. */
export function statePayloadBytes(ranges: number): number {
  return 12 + 8 * ranges;
}

/** Writes a state record's payload where `sealRecord` expects it. */
export function encodeState(page: Page, state: LedgerState): void {
  const { view } = page;
  view.setUint32(RECORD_HEADER_BYTES, state.tail, true);
  view.setUint32(RECORD_HEADER_BYTES + 4, state.dropped, true);
  view.setUint32(RECORD_HEADER_BYTES + 8, state.refused, true);
  for (let i = 0; i < state.ranges * 2; i += 1) {
    view.setUint32(RECORD_HEADER_BYTES + 12 + 4 * i, state.bounds[i], true);
  }
}

/** Reads the payload of a state record whose header is at `start`; its CRC was checked. */
export function decodeState(page: Page, start: number, bytes: number, into: LedgerState): void {
  const { view } = page;
  const from = start + RECORD_HEADER_BYTES;
  into.tail = view.getUint32(from, true);
  into.dropped = view.getUint32(from + 4, true);
  into.refused = view.getUint32(from + 8, true);
  into.ranges = Math.min(RANGES_MAX, Math.floor((bytes - 12) / 8));
  for (let i = 0; i < into.ranges * 2; i += 1) {
    into.bounds[i] = view.getUint32(from + 12 + 4 * i, true);
  }
}
