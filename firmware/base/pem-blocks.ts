/** The blocks of a PEM text (RFC 7468) as DER, which is what the platform's TLS takes. */

import { sixBits } from './base64.ts';

const BEGIN = '-----BEGIN ';
const END = '-----END ';

/**
 * The DER of a text's blocks, one `next` at a time: however many there are, one is held.
 * Text that is no PEM has none; text around the blocks is passed over, whatever it holds.
 */
export class PemReader {
  private readonly pem: Uint8Array;
  private at = 0;

  constructor(pem: Uint8Array) {
    this.pem = pem;
  }

  /** @returns undefined when there are no more */
  next(): Uint8Array | undefined {
    const pem = this.pem;
    const head = this.dashes(BEGIN);
    if (head < 0) return undefined;
    const bodyAt = lineEnd(pem, head + BEGIN.length);
    this.at = bodyAt;
    const end = this.dashes(END);
    if (end < 0) return undefined;
    this.at = lineEnd(pem, end);
    return decodeBase64(pem, bodyAt, end);
  }

  /** Where the next `-----BEGIN ` or `-----END ` begins; -1: nowhere. */
  private dashes(mark: string): number {
    const pem = this.pem;
    for (let at = this.at; at + mark.length <= pem.length; at++) {
      let i = 0;
      while (i < mark.length && pem[at + i] === mark.charCodeAt(i)) i++;
      if (i < mark.length) continue;
      this.at = at + mark.length;
      return at;
    }
    this.at = pem.length;
    return -1;
  }
}

/** @param max blocks, at most. @returns the DER of each */
export function pemBlocks(pem: Uint8Array, max: number): Uint8Array[] {
  const blocks: Uint8Array[] = [];
  const reader = new PemReader(pem);
  for (let der = reader.next(); der !== undefined && blocks.length < max; der = reader.next()) {
    blocks.push(der);
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
