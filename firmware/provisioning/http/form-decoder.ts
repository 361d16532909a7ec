/**
 * Percent-decoding, and forms as browsers send them (application/x-www-form-urlencoded, WHATWG URL).
 *
 * Decoding is exact and in place: decoded bytes are never longer than encoded ones, and any value
 * from 0 to 255 may come out. A `%` without two hex digits is refused, not guessed at. Of fields
 * that share a name the last counts, as a checkbox after its hidden default wants it.
 */

import { decodeUtf8 } from '../../base/utf8.ts';
import type { FormFields } from '../model.ts';

export const FORM_FIELDS_MAX = 64;
const NAME_BYTES_MAX = 32;

const PERCENT = 0x25;
const AMPERSAND = 0x26;
const PLUS = 0x2b;
const EQUALS = 0x3d;

/** The value of a hex digit; -1 for anything else, undefined included. */
function hexValue(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const letter = code | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}

/**
 * Decodes `bytes[start..end)` in place.
 * @param plusIsSpace as in forms; in a path a plus is a plus
 * @returns the end of what is decoded; -1 for a malformed escape
 */
export function decodePercent(
  bytes: Uint8Array,
  start: number,
  end: number,
  plusIsSpace: boolean,
): number {
  let to = start;
  for (let at = start; at < end; at += 1) {
    let code = bytes[at];
    if (code === PERCENT) {
      if (at + 2 >= end) return -1;
      const high = hexValue(bytes[at + 1]);
      const low = hexValue(bytes[at + 2]);
      if (high < 0 || low < 0) return -1;
      code = (high << 4) | low;
      at += 2;
    } else if (code === PLUS && plusIsSpace) code = 0x20;
    bytes[to++] = code;
  }
  return to;
}

/** The first place in `bytes[start..end)` that holds `code`; `end` when none does. */
function find(bytes: Uint8Array, start: number, end: number, code: number): number {
  let at = start;
  while (at < end && bytes[at] !== code) at += 1;
  return at;
}

/**
 * Decodes a form in place; the values are views of `bytes`, which belongs to the form from then on.
 * @returns undefined for a malformed escape, a name over 32 bytes or more than 64 fields
 */
export function decodeForm(bytes: Uint8Array): FormFields | undefined {
  const fields = new Map<string, Uint8Array>();
  let count = 0;
  for (let at = 0; at < bytes.length; ) {
    const end = find(bytes, at, bytes.length, AMPERSAND);
    const equals = find(bytes, at, end, EQUALS);
    const nameEnd = decodePercent(bytes, at, equals, true);
    const valueEnd = decodePercent(bytes, Math.min(equals + 1, end), end, true);
    if (nameEnd < 0 || valueEnd < 0 || nameEnd - at > NAME_BYTES_MAX) return undefined;
    if (end > at) {
      count += 1;
      if (count > FORM_FIELDS_MAX) return undefined;
      const value = bytes.subarray(Math.min(equals + 1, end), valueEnd);
      fields.set(decodeUtf8(bytes, at, nameEnd), value);
    }
    at = end + 1;
  }
  return fields;
}
