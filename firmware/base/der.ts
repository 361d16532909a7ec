/**
 * Reads DER (X.690) in place: a cursor over elements that lie side by side. It allocates nothing
 * per element and never enters one by itself, so that nesting costs nothing.
 *
 * It refuses lengths that are indefinite, too long or not in their shortest form, high tag numbers,
 * and elements that run past the end of what they lie in.
 */

import { PeerError } from './errors.ts';

export const Tag = Object.freeze({
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  oid: 0x06,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const);

const LONG = 0x80;
const HIGH_TAG = 0x1f;
/** What a length takes at most behind its first byte: 65,535 bytes of content. */
const LENGTH_BYTES_MAX = 2;

export function malformed(): PeerError {
  return new PeerError(0, 'malformed DER');
}

export class DerCursor {
  readonly bytes: Uint8Array;
  /** The element that was read last: from its tag, `bytes[start..end)` being its content. */
  tag = 0;
  from = 0;
  start = 0;
  end = 0;
  private at: number;
  private limit: number;

  /** Over `bytes[start..end)`, before its first element. */
  constructor(bytes: Uint8Array, start = 0, end = bytes.length) {
    this.bytes = bytes;
    this.at = start;
    this.limit = end;
  }

  /** Whether no element is left. */
  get isAtEnd(): boolean {
    return this.at >= this.limit;
  }

  /** Reads the next element's head. @returns false when there is none. @throws PeerError */
  next(): boolean {
    const { bytes, limit } = this;
    if (this.at >= limit) return false;
    this.from = this.at;
    this.tag = bytes[this.at];
    let start = this.at + 2;
    let length = bytes[this.at + 1];
    if ((this.tag & HIGH_TAG) === HIGH_TAG || start > limit) throw malformed();
    if (length >= LONG) {
      const size = length & 0x7f;
      if (size === 0 || size > LENGTH_BYTES_MAX || start + size > limit) throw malformed();
      length = 0;
      for (let i = 0; i < size; i++) length = length * 256 + bytes[start++];
      if (length < LONG || (size === 2 && length < 256)) throw malformed();
    }
    this.start = start;
    this.end = start + length;
    if (this.end > limit) throw malformed();
    this.at = this.end;
    return true;
  }

  /** Reads the next element, which has to be there and to have this tag. @throws PeerError */
  take(tag: number): void {
    if (!this.next() || this.tag !== tag) throw malformed();
  }

  /** Reads the next element when it has this tag. @throws PeerError */
  takeIf(tag: number): boolean {
    return this.at < this.limit && this.bytes[this.at] === tag && this.next();
  }

  /** Enters the element that was read last: from now on the cursor covers its content alone. */
  enter(): void {
    this.at = this.start;
    this.limit = this.end;
  }

  /** A cursor inside of the element that was read last; this one goes on behind it. */
  inside(): DerCursor {
    return new DerCursor(this.bytes, this.start, this.end);
  }

  /** Nothing may follow. @throws PeerError */
  finish(): void {
    if (this.at !== this.limit) throw malformed();
  }

  /** A view of the element that was read last, with its head. */
  whole(): Uint8Array {
    return this.bytes.subarray(this.from, this.end);
  }

  /** A view of its content. */
  content(): Uint8Array {
    return this.bytes.subarray(this.start, this.end);
  }

  /** Whether the content is these bytes, written as pairs of hex digits. */
  isHex(hex: string): boolean {
    if (hex.length !== 2 * (this.end - this.start)) return false;
    for (let i = 0; i < hex.length; i++) {
      const byte = this.bytes[this.start + (i >> 1)];
      const digit = (i & 1) === 0 ? byte >> 4 : byte & 15;
      if (digit !== hexDigit(hex.charCodeAt(i))) return false;
    }
    return true;
  }
}

function hexDigit(letter: number): number {
  return letter <= 0x39 ? letter - 0x30 : letter - 0x61 + 10;
}

/**
 * A view of the content of an INTEGER that is not negative, without the sign's byte.
 * @throws PeerError when it is negative, empty or not in its shortest form
 */
export function positiveInteger(cursor: DerCursor): Uint8Array {
  const { bytes, start, end } = cursor;
  const first = bytes[start];
  if (cursor.tag !== Tag.integer || end === start || first >= LONG) throw malformed();
  if (first !== 0 || end - start === 1) return bytes.subarray(start, end);
  if (bytes[start + 1] < LONG) throw malformed();
  return bytes.subarray(start + 1, end);
}
