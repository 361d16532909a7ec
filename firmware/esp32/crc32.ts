/** The CRC-32 in the chip's ROM. */

import type Native from 'mc/ffi';
import type { Crc32 } from '../ports.ts';

export function boardCrc32(native: Native): Crc32 {
  return (bytes, start, end) =>
    native.mote_crc32(bytes.buffer as ArrayBuffer, bytes.byteOffset + start, end - start);
}
