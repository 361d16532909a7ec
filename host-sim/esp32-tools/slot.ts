/** A slot of the heap that Moddable's linker lays out in flash. */

/** What a slot takes on the ESP32. */
export const SLOT_BYTES = 16;

/** One slot of the preloaded heap. */
export interface Slot {
  readonly kind: string;
  /** The property's name, where the linker wrote it beside its number. */
  readonly name: string;
  /** The index of the next slot of its instance, or -1. */
  readonly next: number;
  /** Indices of what its value refers to. */
  readonly refs: readonly number[];
  /** A function's module, or -1. */
  readonly module: number;
  /** Items of an array, which lie behind `refs[0]`. */
  readonly items: number;
  /** Bytes outside the slot: code or text. */
  readonly extraBytes: number;
}
