/** The CRC-32 in the chip's ROM. */

import type Native from 'mc/ffi';
import type { Crc32 } from '../ports.ts';

export function boardCrc32(native: Native): Crc32 {
  return (bytes, start, end) => {
    const { buffer, byteOffset } = bytes;
    return native.mote_crc32(buffer as ArrayBuffer, byteOffset + start, end - start);
  };
}
