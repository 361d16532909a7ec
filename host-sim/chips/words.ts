/** Registers of 16 bits, as many chips have them: what goes into one, and how it is read. */

/** Whole, limited, and as 16 bits. */
export function counts(value: number, most: number): number {
  return Math.min(most, Math.max(-most, Math.round(value))) & 0xffff;
}

/** What a register holds, highest byte first; ones behind it. */
export function show(into: Uint8Array, value: number): true {
  into.fill(0xff);
  into.set([value >> 8, value & 0xff].slice(0, into.length));
  return true;
}
