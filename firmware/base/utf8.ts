/**
 * Strings as UTF-8 (RFC 3629), and a strict reader of it.
 *
 * A writer takes the buffer and the offset to write at, and returns the offset after what it wrote.
 * None throws for want of room: a typed array ignores what lies past its end while the offset goes
 * on counting, so `end > into.length` says that the text did not fit and how long it is. None
 * allocates, except that texts of more than 64 characters are read in pieces.
 *
 * Strings differ between the engines that run this: Node indexes UTF-16 units, XS code points. A
 * surrogate without its other half is no character in either, and is written as U+FFFD.
 *
 * Byte ranges are `bytes[start..end)` with 0 <= start <= end <= bytes.length.
 */

/** What `length` counts for one character beyond U+FFFF: 2 under Node, 1 on XS. */
const ASTRAL_UNITS = '\u{1F600}'.length;
const REPLACEMENT = 0xfffd;
/** Characters that are read or decoded at once. */
const PIECE = 64;

/** The character at an index of `text`; U+FFFD for half a surrogate pair. */
export function scalarAt(text: string, index: number): number {
  const code = text.codePointAt(index) as number;
  if (code < 0xd800 || code > 0xdfff) return code;
  if (code < 0xdc00 && index + 1 < text.length) {
    const low = text.codePointAt(index + 1) as number;
    if (low >= 0xdc00 && low <= 0xdfff) return 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
  }
  return REPLACEMENT;
}

/** How many indices of `text` the character at `index` takes. */
export function unitsOf(text: string, index: number, scalar: number): number {
  if (scalar <= 0xffff) return 1;
  // On XS a pair can sit in a string as two separate halves.
  return (text.codePointAt(index) as number) > 0xffff ? ASTRAL_UNITS : 2;
}

/** Writes one character. @param scalar its code point, U+0000 to U+10FFFF */
export function writeScalar(into: Uint8Array, at: number, scalar: number): number {
  if (scalar < 0x80) {
    into[at++] = scalar;
  } else if (scalar < 0x800) {
    into[at++] = 0xc0 | (scalar >> 6);
    into[at++] = 0x80 | (scalar & 0x3f);
  } else {
    if (scalar > 0xffff) {
      into[at++] = 0xf0 | (scalar >> 18);
      into[at++] = 0x80 | ((scalar >> 12) & 0x3f);
    } else {
      into[at++] = 0xe0 | (scalar >> 12);
    }
    into[at++] = 0x80 | ((scalar >> 6) & 0x3f);
    into[at++] = 0x80 | (scalar & 0x3f);
  }
  return at;
}

/** How many bytes `writeUtf8` writes for `text`. */
export function utf8Length(text: string): number {
  let bytes = 0;
  for (let start = 0; start < text.length; ) {
    const piece = pieceAt(text, start);
    start += piece.length;
    for (let index = 0; index < piece.length; ) {
      const scalar = scalarAt(piece, index);
      bytes += scalar < 0x80 ? 1 : scalar < 0x800 ? 2 : scalar <= 0xffff ? 3 : 4;
      index += unitsOf(piece, index, scalar);
    }
  }
  return bytes;
}

/** Writes `text` in UTF-8. */
export function writeUtf8(into: Uint8Array, at: number, text: string): number {
  for (let start = 0; start < text.length; ) {
    const piece = pieceAt(text, start);
    start += piece.length;
    for (let index = 0; index < piece.length; ) {
      const scalar = scalarAt(piece, index);
      at = writeScalar(into, at, scalar);
      index += unitsOf(piece, index, scalar);
    }
  }
  return at;
}

/**
 * The text from `start` on, as far as it is read at once: all of it if it is short. XS finds an
 * index by walking from the first byte, so reading a long text in one go takes quadratic time.
 */
export function pieceAt(text: string, start: number): string {
  if (text.length <= PIECE) return text;
  const last = text.charCodeAt(Math.min(start + PIECE, text.length) - 1);
  const mayBePair = last >= 0xd800 && last < 0xdc00;
  return text.slice(start, start + (mayBePair ? PIECE - 1 : PIECE));
}

/**
 * Looks at one UTF-8 sequence (Unicode 15, table 3-7).
 * @returns its length; or, where none is well formed, minus the bytes that one U+FFFD stands for.
 */
function sequenceAt(bytes: Uint8Array, at: number, end: number): number {
  const lead = bytes[at];
  if (lead < 0x80) return 1;
  if (lead < 0xc2 || lead > 0xf4 || at + 1 >= end) return -1;
  const second = bytes[at + 1];
  const least = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
  const most = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
  if (second < least || second > most) return -1;
  if (lead < 0xe0) return 2;
  if (at + 2 >= end || (bytes[at + 2] & 0xc0) !== 0x80) return -2;
  if (lead < 0xf0) return 3;
  return at + 3 >= end || (bytes[at + 3] & 0xc0) !== 0x80 ? -3 : 4;
}

/** Whether the range is well-formed UTF-8: no overlong form, no surrogate, nothing > U+10FFFF. */
export function isValidUtf8(bytes: Uint8Array, start: number, end: number): boolean {
  let at = start;
  while (at < end) {
    const length = sequenceAt(bytes, at, end);
    if (length < 0) return false;
    at += length;
  }
  return true;
}

/** Whether well-formed UTF-8 contains U+0000, which MQTT strings must not [MQTT-1.5.4-2]. */
export function hasNul(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at += 1) if (bytes[at] === 0) return true;
  return false;
}

/** The string of a UTF-8 range; U+FFFD where it is ill-formed. Allocates. */
export function decodeUtf8(bytes: Uint8Array, start: number, end: number): string {
  let text = '';
  let at = start;
  let codes: number[] = [];
  while (at < end) {
    const length = sequenceAt(bytes, at, end);
    codes.push(length < 0 ? REPLACEMENT : scalarOf(bytes, at, length));
    at += Math.abs(length);
    if (codes.length === PIECE || at === end) {
      text += String.fromCodePoint(...codes);
      codes = [];
    }
  }
  return text;
}

function scalarOf(bytes: Uint8Array, at: number, length: number): number {
  if (length === 1) return bytes[at];
  let scalar = bytes[at] & (0x7f >> length);
  for (let i = 1; i < length; i += 1) scalar = (scalar << 6) | (bytes[at + i] & 0x3f);
  return scalar;
}
