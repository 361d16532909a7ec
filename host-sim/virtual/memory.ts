/** Memory figures of a virtual board: constants, since what the host has would differ by machine. */

import type { Memory } from '../../firmware/ports.ts';

const FREE_BYTES = 143_360;
const FREE_BYTES_MIN = 131_072;

export class VirtualMemory implements Memory {
  freeBytes(): number {
    return FREE_BYTES;
  }

  freeBytesMin(): number {
    return FREE_BYTES_MIN;
  }
}
