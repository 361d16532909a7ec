/**
 * The CRC-32 in a simulated chip's ROM (`Crc32` of the ports): a byte at a time from a table of 256,
 * which is faster than the firmware's own and no code of it.
 */

const TABLE = Int32Array.from({ length: 256 }, (_, byte) => {
  let rest = byte;
  for (let bit = 0; bit < 8; bit += 1)
    rest = (rest & 1) === 0 ? rest >>> 1 : (rest >>> 1) ^ 0xedb8_8320;
  return rest;
});

/** The CRC-32 of `bytes[start..end)`, 0 to 2^32 - 1. */
export function romCrc32(bytes: Uint8Array, start: number, end: number): number {
  let rest = -1;
  for (let at = start; at < end; at += 1) rest = TABLE[(rest ^ bytes[at]) & 0xff] ^ (rest >>> 8);
  return ~rest >>> 0;
}
