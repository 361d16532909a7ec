/**
 * Settings as bytes. Big-endian:
 *
 *     0   2  mark, "MC"; "MT" where they are still to be tried, and do not count
 *     2   1  version of the writer: 1
 *     3   1  0
 *     4   4  sequence number of the write
 *     8   2  bytes of the fields, n
 *     10  n  fields, each: tag (1), length (2), value
 *     +n  4  CRC-32 of all before
 *
 * A field's tag is its place in FIELDS, from 1, for ever; its value is what a form would hold. A
 * field whose meaning changes gets a new tag, so that every version can read the blobs of every
 * other: a reader skips unknown tags, and takes the default for a value that is missing or cannot
 * be read. Empty values are not written. What a reader finds is checked like a form.
 */

import { readUint16, readUint32, writeBytes, writeUint16, writeUint32 } from '../base/bytes.ts';
import { crc32 } from '../base/crc32.ts';
import { DEFAULTS, FIELDS, type Field, type Settings } from './fields.ts';
import { parseSettings } from './settings.ts';
import { formatValue, readValue, utf8 } from './values.ts';

/** The greatest blob; a test fills every field to its limit. */
export const BLOB_BYTES_MAX = 8448;

const MARK = 0x4d43;
const STAGED_MARK = 0x4d54;
const VERSION = 1;
const SEQUENCE_AT = 4;
const LENGTH_AT = 8;
const FIELDS_AT = 10;
const CRC_BYTES = 4;

/** @param sequence 0 to 2^32 - 1 @param isStaged they are to be tried */
export function encodeBlob(settings: Settings, sequence: number, isStaged = false): Uint8Array {
  const values = FIELDS.map(({ name }) => formatValue(settings, name));
  const length = values.reduce((sum, value) => sum + (value.length > 0 ? 3 + value.length : 0), 0);
  const blob = new Uint8Array(FIELDS_AT + length + CRC_BYTES);
  writeUint16(blob, 0, isStaged ? STAGED_MARK : MARK);
  blob[2] = VERSION;
  writeUint32(blob, SEQUENCE_AT, sequence);
  writeUint16(blob, LENGTH_AT, length);
  let at = FIELDS_AT;
  values.forEach((value, i) => {
    if (value.length === 0) return;
    blob[at] = i + 1;
    at = writeBytes(blob, writeUint16(blob, at + 1, value.length), value);
  });
  writeUint32(blob, at, crc32(blob, 0, at));
  return blob;
}

/** @returns the sequence number; undefined when the bytes are no complete blob of that mark */
export function blobSequence(blob: Uint8Array, isStaged = false): number | undefined {
  const end = blob.length - CRC_BYTES;
  if (end < FIELDS_AT || blob.length > BLOB_BYTES_MAX) return undefined;
  if (readUint16(blob, 0) !== (isStaged ? STAGED_MARK : MARK)) return undefined;
  if (readUint16(blob, LENGTH_AT) !== end - FIELDS_AT) return undefined;
  if (readUint32(blob, end) !== crc32(blob, 0, end)) return undefined;
  return readUint32(blob, SEQUENCE_AT);
}

/**
 * The value itself; or, for a value that only a later version understands, an empty one, which
 * means the default. Unknown encryption is taken for TLS, so that no secret is ever sent in the
 * open.
 */
function readableOr(field: Field, value: Uint8Array): Uint8Array {
  if (readValue(field, value) !== undefined) return value;
  return utf8(field.name === 'encryption' ? 'tls' : '');
}

/** The settings of a complete blob. Fields of a later version do not disturb the others. */
export function decodeBlob(blob: Uint8Array): Settings {
  const given = new Map<string, Uint8Array>();
  const end = blob.length - CRC_BYTES;
  for (let at = FIELDS_AT; at + 3 <= end; ) {
    const start = at + 3;
    const field = FIELDS[blob[at] - 1];
    at = start + readUint16(blob, at + 1);
    if (field && at <= end) given.set(field.name, readableOr(field, blob.subarray(start, at)));
  }
  return parseSettings(given, DEFAULTS).settings;
}
