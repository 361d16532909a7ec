/** The blocks of a PEM text (RFC 7468) as DER, which is what the platform's TLS takes. */

const DASH = 0x2d;

/** @returns one per block; text that is no PEM gives none */
export function pemBlocks(pem: Uint8Array): Uint8Array[] {
  const blocks: Uint8Array[] = [];
  // Lines of dashes come in pairs; what lies between the first and the second is the block.
  let bodyAt = -1;
  for (let at = 0; at < pem.length; at++) {
    if (pem[at] !== DASH || pem[at + 1] !== DASH) continue;
    if (bodyAt >= 0) blocks.push(decodeBase64(pem, bodyAt, at));
    at = lineEnd(pem, at);
    bodyAt = bodyAt < 0 ? at : -1;
  }
  return blocks;
}

function lineEnd(bytes: Uint8Array, from: number): number {
  const end = bytes.indexOf(0x0a, from);
  return end < 0 ? bytes.length : end;
}

/** Decodes `from[start..end)`; whatever is no letter of base64 is passed over. */
function decodeBase64(from: Uint8Array, start: number, end: number): Uint8Array {
  const into = new Uint8Array(Math.ceil(((end - start) * 3) / 4));
  let length = 0;
  let bits = 0;
  let count = 0;
  for (let at = start; at < end; at++) {
    const value = sixBits(from[at]);
    if (value < 0) continue;
    bits = (bits << 6) | value;
    count += 6;
    if (count < 8) continue;
    count -= 8;
    into[length++] = bits >> count;
    bits &= (1 << count) - 1;
  }
  return into.slice(0, length);
}

function sixBits(letter: number): number {
  if (letter >= 0x41 && letter <= 0x5a) return letter - 0x41;
  if (letter >= 0x61 && letter <= 0x7a) return letter - 0x61 + 26;
  if (letter >= 0x30 && letter <= 0x39) return letter - 0x30 + 52;
  if (letter === 0x2b) return 62;
  return letter === 0x2f ? 63 : -1;
}
