/**
 * Constants as bytes, and runs of bytes.
 *
 * A writer takes the buffer and the offset to write at, and returns the offset after what it wrote.
 * None throws for want of room: a typed array ignores what lies past its end while the offset goes
 * on counting, so `end > into.length` says that the text did not fit and how long it is.
 */

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
