/** Strings of JSON (RFC 8259, section 7) in UTF-8. The writer's room is as in `utf8.ts`. */

import { pieceAt, scalarAt, unitsOf, writeScalar } from './utf8.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const HEX = '0123456789abcdef';
/** Control characters with a JSON escape of their own, and the letters of those escapes. */
const SHORT_ESCAPED = '\b\f\n\r\t';
const SHORT_LETTERS = 'bfnrt';

/** Writes `text` as a JSON string with its quotes. */
export function writeJsonString(into: Uint8Array, at: number, text: string): number {
  into[at++] = QUOTE;
  for (let start = 0; start < text.length; ) {
    const piece = pieceAt(text, start);
    start += piece.length;
    for (let index = 0; index < piece.length; ) {
      const scalar = scalarAt(piece, index);
      const isSpecial = scalar < 0x20 || scalar === QUOTE || scalar === BACKSLASH;
      at = (isSpecial ? writeEscape : writeScalar)(into, at, scalar);
      index += unitsOf(piece, index, scalar);
    }
  }
  into[at++] = QUOTE;
  return at;
}

function writeEscape(into: Uint8Array, at: number, code: number): number {
  into[at++] = BACKSLASH;
  if (code >= 0x20) {
    into[at++] = code;
    return at;
  }
  for (let i = 0; i < SHORT_ESCAPED.length; i += 1) {
    if (SHORT_ESCAPED.charCodeAt(i) !== code) continue;
    into[at++] = SHORT_LETTERS.charCodeAt(i);
    return at;
  }
  into[at++] = 0x75;
  into[at++] = 0x30;
  into[at++] = 0x30;
  into[at++] = HEX.charCodeAt(code >> 4);
  into[at++] = HEX.charCodeAt(code & 15);
  return at;
}
