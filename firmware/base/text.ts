/**
 * Text as bytes: writers of ASCII, numbers, UTF-8 and JSON strings, and a strict reader of UTF-8.
 *
 * Every writer takes the buffer and the offset to write at, and returns the offset after what it
 * wrote. None throws for want of room: a typed array ignores what lies past its end while the
 * offset goes on counting, so `end > into.length` says that the text did not fit and how long it
 * is. None allocates, but that texts of more than 64 characters are read in pieces. None looks at
 * the locale, and none uses `toString`.
 *
 * Strings differ between the engines that run this: Node indexes UTF-16 units, XS code points. A
 * surrogate without its other half is no character in either, and is written as U+FFFD.
 *
 * Byte ranges are `bytes[start..end)` with 0 <= start <= end <= bytes.length.
 */

/** What `length` counts for one character beyond U+FFFF: 2 under Node, 1 on XS. */
const ASTRAL_UNITS = '\u{1F600}'.length;
const REPLACEMENT = 0xfffd;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const HEX = '0123456789abcdef';
/** Control characters with a JSON escape of their own, and the letters of those escapes. */
const SHORT_ESCAPED = '\b\f\n\r\t';
const SHORT_LETTERS = 'bfnrt';
const POWERS_OF_TEN = Object.freeze([1, 10, 100, 1000, 1e4, 1e5, 1e6, 1e7]);
const DECIMALS_MAX = 6;
/** Scaled numbers below are small integers, whose doubles leave room for a fraction. */
const SCALED_MAX = 1e9;
/** A product of doubles is closer than this to the exact one there. */
const DOUBT = 1e-6;
/** Characters that are read or decoded at once. */
const PIECE = 64;

/** The greatest magnitude that the number writers take: 2^53. */
export const NUMBER_MAX = 2 ** 53;
/** The longest text of `writeNumber`: sign, 16 digits, point and 6 decimals. */
export const NUMBER_BYTES_MAX = 24;

/** The longest text of `writeNumber` with so many decimals. @param decimals 0 to 6 */
export function numberBytesMax(decimals: number): number {
  return decimals === 0 ? 17 : 18 + decimals;
}

/**
 * The bytes of a constant, for set-up: it allocates.
 * @throws RangeError when `text` has a character beyond U+007F.
 */
export function asciiBytes(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    if (code > 0x7f) throw new RangeError('a constant of the firmware is not ASCII');
    bytes[i] = code;
  }
  return bytes;
}

/** Writes `from[start..end)`. */
export function writeRange(
  into: Uint8Array,
  at: number,
  from: Uint8Array,
  start: number,
  end: number,
): number {
  for (let i = start; i < end; i += 1) into[at++] = from[i];
  return at;
}

/**
 * Writes a whole number in decimal digits.
 * @param value -2^53 to 2^53.
 * @throws RangeError when it is not whole or lies outside.
 */
export function writeInteger(into: Uint8Array, at: number, value: number): number {
  if (Math.floor(value) !== value) throw new RangeError('not a whole number');
  return writeNumber(into, at, value, 0);
}

/**
 * Writes `value` rounded to at most `decimals` places, as a JSON number: the nearest decimal to the
 * exact binary value, halves away from zero, zeros at the end of the decimals left out, and no
 * minus sign on zero.
 * @param value finite, -2^53 to 2^53.
 * @param decimals 0 to 6.
 * @throws RangeError for anything else.
 */
export function writeNumber(into: Uint8Array, at: number, value: number, decimals: number): number {
  const scale = POWERS_OF_TEN[decimals];
  if (scale === undefined || decimals > DECIMALS_MAX)
    throw new RangeError('decimals must be 0 to 6');
  const magnitude = Math.abs(value);
  const scaled = magnitude * scale + 0.5;
  if (scaled < SCALED_MAX) {
    const rounded = scaled | 0;
    const fraction = scaled - rounded;
    // Close to a half only the exact product tells up from down.
    if (fraction > DOUBT && fraction < 1 - DOUBT) {
      if (value < 0 && rounded > 0) into[at++] = 0x2d;
      return writeScaled(into, at, rounded, decimals);
    }
  }
  return writeExactly(into, at, value, scale, decimals);
}

/** Writes a small integer with a point before its last `places` digits, and no zeros behind it. */
function writeScaled(into: Uint8Array, at: number, scaled: number, places: number): number {
  while (places > 0 && scaled % 10 === 0) {
    scaled = (scaled / 10) | 0;
    places -= 1;
  }
  if (places === 0) return writeDigits(into, at, scaled);
  let end = at + places + 2;
  for (let power = POWERS_OF_TEN[places + 1]; power <= scaled; power *= 10) end += 1;
  const point = end - 1 - places;
  let i = end;
  while (i > at) {
    i -= 1;
    if (i === point) {
      into[i] = 0x2e;
      i -= 1;
    }
    into[i] = 0x30 + (scaled % 10);
    scaled = (scaled / 10) | 0;
  }
  return end;
}

/** Writes `value` as `writeNumber` does, whatever its size and wherever it lies. */
function writeExactly(
  into: Uint8Array,
  at: number,
  value: number,
  scale: number,
  decimals: number,
): number {
  const magnitude = Math.abs(value);
  if (!(magnitude <= NUMBER_MAX)) throw new RangeError('not a number up to 2^53');
  let whole = Math.floor(magnitude);
  let part = roundedPart(magnitude - whole, scale);
  if (part === scale) {
    whole += 1;
    part = 0;
  }
  if (value < 0 && (whole > 0 || part > 0)) into[at++] = 0x2d;
  at = writeDigits(into, at, whole);
  if (part === 0) return at;
  let places = decimals;
  while (part % 10 === 0) {
    part /= 10;
    places -= 1;
  }
  into[at++] = 0x2e;
  return writePadded(into, at, part, places);
}

/**
 * `fraction * scale`, rounded with halves up, decided on the exact product. The product of doubles
 * would be rounded before it is looked at, so the fraction is cut at 2^-39: the upper piece times
 * 10^6 has 53 bits at most, and wherever a half is near the lower piece has 34, times 5^6 48.
 */
function roundedPart(fraction: number, scale: number): number {
  const upper = Math.floor(fraction * 2 ** 39) / 2 ** 39;
  const scaled = upper * scale;
  const whole = Math.floor(scaled);
  return (fraction - upper) * scale >= 0.5 - (scaled - whole) ? whole + 1 : whole;
}

/** Digits in two pieces: up to nine of them are small integers, which XS divides fast. */
function writeDigits(into: Uint8Array, at: number, value: number): number {
  if (value >= 1e9) {
    const upper = Math.floor(value / 1e9);
    return writePadded(into, writeDigits(into, at, upper), value - upper * 1e9, 9);
  }
  let width = 1;
  for (let power = 10; power <= value; power *= 10) width += 1;
  return writePadded(into, at, value, width);
}

function writePadded(into: Uint8Array, at: number, value: number, width: number): number {
  const end = at + width;
  let i = end;
  while (i > at) {
    i -= 1;
    into[i] = 0x30 + (value % 10);
    value = (value / 10) | 0;
  }
  return end;
}

/** The character at an index of `text`; U+FFFD for half a surrogate pair. */
function scalarAt(text: string, index: number): number {
  const code = text.codePointAt(index) as number;
  if (code < 0xd800 || code > 0xdfff) return code;
  if (code < 0xdc00 && index + 1 < text.length) {
    const low = text.codePointAt(index + 1) as number;
    if (low >= 0xdc00 && low <= 0xdfff) return 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
  }
  return REPLACEMENT;
}

/** How many indices of `text` the character at `index` takes. */
function unitsOf(text: string, index: number, scalar: number): number {
  if (scalar <= 0xffff) return 1;
  // On XS a pair can sit in a string as two separate halves.
  return (text.codePointAt(index) as number) > 0xffff ? ASTRAL_UNITS : 2;
}

function writeScalar(into: Uint8Array, at: number, scalar: number): number {
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

/** Writes `text` in UTF-8 (RFC 3629). */
export function writeUtf8(into: Uint8Array, at: number, text: string): number {
  return writeText(into, at, text, false);
}

/** Writes `text` as a JSON string with its quotes (RFC 8259, section 7), in UTF-8. */
export function writeJsonString(into: Uint8Array, at: number, text: string): number {
  into[at++] = QUOTE;
  at = writeText(into, at, text, true);
  into[at++] = QUOTE;
  return at;
}

function writeText(into: Uint8Array, at: number, text: string, escaping: boolean): number {
  for (let start = 0; start < text.length; ) {
    const piece = pieceAt(text, start);
    start += piece.length;
    for (let index = 0; index < piece.length; ) {
      const scalar = scalarAt(piece, index);
      const special = scalar < 0x20 || scalar === QUOTE || scalar === BACKSLASH;
      at = (escaping && special ? writeEscape : writeScalar)(into, at, scalar);
      index += unitsOf(piece, index, scalar);
    }
  }
  return at;
}

/**
 * The text from `start` on, as far as it is read at once: all of it if it is short. XS finds an
 * index by walking from the first byte, so reading a long text in one go takes quadratic time.
 */
function pieceAt(text: string, start: number): string {
  if (text.length <= PIECE) return text;
  const last = text.charCodeAt(Math.min(start + PIECE, text.length) - 1);
  const mayBePair = last >= 0xd800 && last < 0xdc00;
  return text.slice(start, start + (mayBePair ? PIECE - 1 : PIECE));
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
