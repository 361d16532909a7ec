/**
 * Memory figures of the process: what V8's heap may still grow by. All devices of a fleet share
 * them; a board's budget is measured in the XS engine, not here.
 */
import { getHeapStatistics } from 'node:v8';
import type { Memory } from '../../firmware/ports.ts';

export class LiveMemory implements Memory {
  #freeBytesMin = Number.POSITIVE_INFINITY;

  freeBytes(): number {
    const { heap_size_limit: limit, used_heap_size: used } = getHeapStatistics();
    const freeBytes = Math.max(0, limit - used);
    this.#freeBytesMin = Math.min(this.#freeBytesMin, freeBytes);
    return freeBytes;
  }

  /** The least that was seen when somebody asked; nothing is sampled in between. */
  freeBytesMin(): number {
    this.freeBytes();
    return this.#freeBytesMin;
  }
}
