/**
 * Big-endian numbers and byte runs in a Uint8Array. Each writer takes the position to write at and
 * returns the position after; positions may run past the end of the array (nothing is written
 * there), so that a caller checks for room once, at the end.
 */

/** An empty run of bytes. */
export const NO_BYTES: Uint8Array = new Uint8Array(0);

export function writeUint16(into: Uint8Array, at: number, value: number): number {
  into[at] = value >> 8;
  into[at + 1] = value & 0xff;
  return at + 2;
}

export function writeUint32(into: Uint8Array, at: number, value: number): number {
  into[at] = value >>> 24;
  into[at + 1] = (value >>> 16) & 0xff;
  into[at + 2] = (value >>> 8) & 0xff;
  into[at + 3] = value & 0xff;
  return at + 4;
}

export function writeBytes(into: Uint8Array, at: number, from: Uint8Array): number {
  const after = at + from.length;
  if (after <= into.length) into.set(from, at);
  return after;
}

/**
 * Copies `from[start..end)` to `at`, four bytes at a time: on XS they cost what one does.
 * @returns the position after it; there must be room up to there
 */
export function copyBytes(
  into: DataView,
  at: number,
  from: DataView,
  start: number,
  end: number,
): number {
  const lastWord = end - 4;
  while (start <= lastWord) {
    into.setInt32(at, from.getInt32(start));
    start += 4;
    at += 4;
  }
  while (start < end) {
    into.setInt8(at, from.getInt8(start));
    start += 1;
    at += 1;
  }
  return at;
}

export function readUint16(from: Uint8Array, at: number): number {
  return (from[at] << 8) | from[at + 1];
}

export function readUint32(from: Uint8Array, at: number): number {
  return from[at] * 0x1000000 + ((from[at + 1] << 16) | (from[at + 2] << 8) | from[at + 3]);
}

/** The bytes of pairs of hex digits, for constants: it allocates. */
export function hexBytes(hex: string): Uint8Array {
  const bytes = new Uint8Array(hex.length >> 1);
  for (let i = 0; i < bytes.length; i++) bytes[i] = parseInt(hex.slice(2 * i, 2 * i + 2), 16);
  return bytes;
}

/** Whether two runs of bytes are the same. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
