/** The platform's heap. JavaScript's own memory is a fixed part of the board's and not in it. */

import type Native from 'mc/ffi';
import type { Memory } from '../ports.ts';

export class BoardMemory implements Memory {
  private readonly native: Native;

  constructor(native: Native) {
    this.native = native;
  }

  freeBytes(): number {
    return this.native.esp_get_free_heap_size();
  }

  freeBytesMin(): number {
    return this.native.esp_get_minimum_free_heap_size();
  }
}
