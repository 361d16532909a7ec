/**
 * CRC-32 as in IEEE 802.3, zlib and PNG: reflected polynomial 0xEDB88320, start and end inverted.
 *
 * It works a nibble at a time from a table of sixteen: no memory is set up, nothing is mutable.
 * The table holds signed 32-bit numbers, which engines keep without a box.
 */

const NIBBLES = Object.freeze([
  0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c,
  -0x12477ce0, -0x0ff06cbc, -0x29295c18, -0x349e4c74, -0x649b3d50, -0x792c2d2c, -0x5ff51d88,
  -0x42420de4,
] as const);

/**
 * The CRC-32 of `bytes[start..end)`.
 * @param before the CRC-32 of what comes before these bytes; 0 for nothing.
 * @returns 0 to 2^32 - 1.
 */
export function crc32(bytes: Uint8Array, start: number, end: number, before = 0): number {
  let crc = ~before;
  for (let i = start; i < end; i += 1) {
    crc ^= bytes[i];
    crc = (crc >>> 4) ^ NIBBLES[crc & 15];
    crc = (crc >>> 4) ^ NIBBLES[crc & 15];
  }
  return ~crc >>> 0;
}
