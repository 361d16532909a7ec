/**
 * What Sensirion's chips have in common: data in words of 16 bits, each with a checksum, and the
 * formulas of temperature and humidity. Other makers use the same checksum.
 */
import type { Wire } from '../bus/wire.ts';

/**
 * CRC-8 with polynomial 0x31 of [from..to), as in the SHT4x data sheet, section 4.4.
 * @param start 0xFF with most chips
 */
export function crc8(bytes: Uint8Array, from: number, to: number, start = 0xff): number {
  let crc = start;
  for (let i = from; i < to; i += 1) {
    crc ^= bytes[i];
    for (let bit = 0; bit < 8; bit += 1) crc = (crc << 1) ^ (crc & 0x80 ? 0x131 : 0);
  }
  return crc;
}

/** Whether each word of `reply` has its checksum. */
export function areWordsValid(reply: Uint8Array): boolean {
  for (let i = 0; i < reply.length; i += 3) {
    if (crc8(reply, i, i + 2) !== reply[i + 2]) return false;
  }
  return true;
}

/** @throws Error when a word of `reply` lacks its checksum. */
export function checkWords(wire: Wire, reply: Uint8Array): void {
  if (!areWordsValid(reply)) wire.reject('wrong checksum');
}

/** The word at `index` as a part of its full scale, 0 to 1. */
export function fraction(reply: Uint8Array, index: number): number {
  return ((reply[3 * index] << 8) | reply[3 * index + 1]) / 65535;
}
