/** What the XS host gives a script beside the language (tests/xs/host/probe.c). */

declare function print(text: string): void;

/** Sets the program's exit code; the script goes on. */
declare function exit(code: number): void;

/** The machine's counters. Reading one allocates nothing and costs the same meter every time. */
declare const engine: {
  /** Instructions and weighted built-ins executed so far. */
  readonly meter: () => number;
  readonly slotsUsed: () => number;
  readonly slotsPeak: () => number;
  /** Size of a slot: 16 on the board and in the 32-bit host. */
  readonly slotBytes: () => number;
  readonly chunkBytesUsed: () => number;
  readonly chunkBytesPeak: () => number;
  /** The most stack slots in use at once. */
  readonly stackPeak: () => number;
  readonly collections: () => number;
  readonly collect: () => void;
  /** Bytes of bytecode of the modules whose name starts with `prefix`. */
  readonly codeBytes: (prefix: string) => number;
  /** Bytes of slots and chunks that the preloaded modules hold beside their bytecode. */
  readonly preloadedBytes: () => number;
};

/** A partition of flash outside of the heap (tests/xs/host/flash.c): 64 erased blocks of 4096. */
declare const nor: {
  readonly read: (into: Uint8Array, offset: number) => number;
  readonly write: (bytes: Uint8Array, offset: number) => void;
  /** Erases blocks `from` to `to` - 1. */
  readonly eraseBlock: (from: number, to: number) => void;
};

/** Native functions of the board (tests/xs/host/rom.c). */
declare const rom: {
  readonly crc32: (buffer: ArrayBuffer, offset: number, count: number) => number;
};

/** As the SDK makes it; tests/xs/shims/ffi.ts stands in for it. */
declare module 'mc/ffi' {
  export default class Native {
    readonly mote_crc32: typeof rom.crc32;
  }
}

/** As the platform has it; tests/xs/shims/storage-flash.ts stands in for it. */
declare module 'embedded:storage/flash' {
  type Partition = typeof nor & {
    status(): { readonly size: number; readonly blocks: number; readonly blockLength: number };
  };
  const flash: { open(options: { path: string }): Partition };

  export type { Partition };
  export default flash;
}
