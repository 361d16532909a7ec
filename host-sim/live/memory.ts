/**
 * Memory of a simulated board: not known. The host's heap says nothing about a board's, which is
 * measured in the XS engine.
 */
import type { Memory } from '../../firmware/ports.ts';

export class LiveMemory implements Memory {
  freeBytes(): undefined {}

  freeBytesMin(): undefined {}
}
