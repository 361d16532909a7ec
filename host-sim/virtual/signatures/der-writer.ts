/** Writes DER, for certificates that are made here. */

/** An element with this tag around what is given. */
export function element(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const content = join(parts);
  return join([head(tag, content.length), content]);
}

function head(tag: number, length: number): Uint8Array {
  if (length < 0x80) return Uint8Array.of(tag, length);
  if (length < 0x100) return Uint8Array.of(tag, 0x81, length);
  if (length < 0x10000) return Uint8Array.of(tag, 0x82, length >> 8, length & 0xff);
  return Uint8Array.of(tag, 0x83, length >> 16, (length >> 8) & 0xff, length & 0xff);
}

export function join(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

export function sequence(...parts: readonly Uint8Array[]): Uint8Array {
  return element(0x30, ...parts);
}

export function set(...parts: readonly Uint8Array[]): Uint8Array {
  return element(0x31, ...parts);
}

export function octetString(...parts: readonly Uint8Array[]): Uint8Array {
  return element(0x04, ...parts);
}

/** Whole bytes. */
export function bitString(bytes: Uint8Array): Uint8Array {
  return element(0x03, Uint8Array.of(0), bytes);
}

export function boolean(value: boolean): Uint8Array {
  return element(0x01, Uint8Array.of(value ? 0xff : 0));
}

export function integer(value: bigint | number): Uint8Array {
  const bytes = bytesOf(BigInt(value), 1);
  return bytes[0] < 0x80 ? element(0x02, bytes) : element(0x02, Uint8Array.of(0), bytes);
}

/** Dotted numbers. */
export function oid(text: string): Uint8Array {
  const [first, second, ...rest] = text.split('.').map(Number);
  const bytes: number[] = [];
  for (const arc of [first * 40 + second, ...rest]) {
    const groups = [arc & 0x7f];
    for (let left = Math.floor(arc / 128); left > 0; left = Math.floor(left / 128)) {
      groups.unshift((left & 0x7f) | 0x80);
    }
    bytes.push(...groups);
  }
  return element(0x06, Uint8Array.from(bytes));
}

export const NULL: Uint8Array = Uint8Array.of(0x05, 0);

/** ASCII with a tag: UTF8String where none is given. */
export function text(value: string, tag = 0x0c): Uint8Array {
  return element(tag, ascii(value));
}

export function ascii(value: string): Uint8Array {
  return Uint8Array.from(value, (letter) => letter.charCodeAt(0));
}

/** UTCTime up to 2049, else GeneralizedTime. @param at Unix milliseconds */
export function time(at: number): Uint8Array {
  const digits = new Date(at).toISOString().replace(/[-:T]|\.\d+/g, '');
  const isShort = digits < '2050' && digits >= '1950';
  return isShort ? text(digits.slice(2), 0x17) : text(digits, 0x18);
}

/** A number's bytes, the highest first; zeros in front up to `min`. */
export function bytesOf(value: bigint, min: number): Uint8Array {
  const hex = value.toString(16);
  const even = hex.length % 2 === 1 ? `0${hex}` : hex;
  const padded = even.padStart(2 * min, '0');
  const bytes = new Uint8Array(padded.length / 2);
  for (let i = 0; i < bytes.length; i++) bytes[i] = parseInt(padded.slice(2 * i, 2 * i + 2), 16);
  return bytes;
}
