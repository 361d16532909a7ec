/** Base64 (RFC 4648, section 4) as bytes of ASCII. */

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const PAD = 0x3d;

/** The letter of six bits. @param value 0 to 63 */
export function base64Letter(value: number): number {
  return LETTERS.charCodeAt(value);
}

/** The six bits of a letter; -1 for what is no letter of base64. */
export function sixBits(letter: number): number {
  if (letter >= 0x41 && letter <= 0x5a) return letter - 0x41;
  if (letter >= 0x61 && letter <= 0x7a) return letter - 0x61 + 26;
  if (letter >= 0x30 && letter <= 0x39) return letter - 0x30 + 52;
  if (letter === 0x2b) return 62;
  return letter === 0x2f ? 63 : -1;
}

/** Writes `bytes` in base64, padded. @returns the position after it */
export function writeBase64(into: Uint8Array, at: number, bytes: Uint8Array): number {
  const length = bytes.length;
  for (let i = 0; i < length; i += 3) {
    const left = length - i;
    const bits = (bytes[i] << 16) | ((left > 1 ? bytes[i + 1] : 0) << 8);
    const all = left > 2 ? bits | bytes[i + 2] : bits;
    into[at] = base64Letter(all >> 18);
    into[at + 1] = base64Letter((all >> 12) & 63);
    into[at + 2] = left > 1 ? base64Letter((all >> 6) & 63) : PAD;
    into[at + 3] = left > 2 ? base64Letter(all & 63) : PAD;
    at += 4;
  }
  return at;
}

/**
 * Decodes all of `from[start..end)` strictly: padding to a multiple of four, no other letters, and
 * zeros in the bits that are left over.
 * @returns undefined for anything else
 */
export function readBase64(from: Uint8Array, start: number, end: number): Uint8Array | undefined {
  const count = end - start;
  if (count % 4 !== 0) return undefined;
  let pads = 0;
  while (pads < 2 && pads < count && from[end - 1 - pads] === PAD) pads += 1;
  const into = new Uint8Array((count / 4) * 3 - pads);
  let bits = 0;
  let held = 0;
  let length = 0;
  for (let at = start; at < end - pads; at++) {
    const value = sixBits(from[at]);
    if (value < 0) return undefined;
    bits = (bits << 6) | value;
    held += 6;
    if (held < 8) continue;
    held -= 8;
    into[length++] = bits >> held;
    bits &= (1 << held) - 1;
  }
  return bits === 0 ? into : undefined;
}
