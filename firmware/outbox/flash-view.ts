/**
 * The one window of memory through which logs look at their flash, and the buffer they write from.
 *
 * It reads ahead, so that a walk over small records costs few calls, and forgets what a write or
 * an erase has changed. It knows nothing of blocks' or records' contents.
 */

import type { Crc32, Flash } from '../ports.ts';

/** Bytes with a view on the same memory, and what makes their checksums. */
export interface Page {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly crc32: Crc32;
}

export class FlashView {
  readonly flash: Flash;
  /** What was read, or is to be written by `writePage`. */
  readonly page: Page;
  /** What is to be written, or was last. */
  readonly out: Page;
  /** Where in flash the contents of `out` lie; -1 where nowhere. */
  outOffset = -1;
  private readonly size: number;
  /** The flash offsets that `page` holds. */
  private from = 0;
  private to = 0;

  /** @param size of each buffer, in bytes, a multiple of four: no read or write is longer. */
  constructor(flash: Flash, crc32: Crc32, size: number) {
    this.flash = flash;
    this.page = newPage(size, crc32);
    this.out = newPage(size, crc32);
    this.size = size;
  }

  /**
   * Makes `bytes` bytes at `offset` readable, and as many after them as there is room for.
   * @param limit no byte from this offset on is read.
   * @returns where in `page` they begin, or -1 where they would reach beyond `limit`.
   */
  load(offset: number, bytes: number, limit: number): number {
    if (offset + bytes > limit || bytes > this.size) return -1;
    if (offset < this.from || offset + bytes > this.to) {
      const to = Math.min(limit, offset + this.size);
      this.to = this.from;
      this.flash.read(offset, this.page.bytes, 0, to - offset);
      this.from = offset;
      this.to = to;
    }
    return offset - this.from;
  }

  /** Writes the first `bytes` bytes of `out`. */
  write(offset: number, bytes: number): void {
    if (offset < this.to && offset + bytes > this.from) this.to = this.from;
    this.outOffset = -1;
    this.flash.write(offset, this.out.bytes, 0, bytes);
    this.outOffset = offset;
  }

  /** Writes the first `bytes` bytes of `page`, which were put there in place of what was read. */
  writePage(offset: number, bytes: number): void {
    this.to = this.from;
    this.flash.write(offset, this.page.bytes, 0, bytes);
  }

  erase(block: number): void {
    const offset = block * this.flash.blockBytes;
    if (offset < this.to && offset + this.flash.blockBytes > this.from) this.to = this.from;
    this.flash.erase(block);
  }

  /** Whether flash [from, to) reads as erased; a multiple of four bytes. */
  isErased(from: number, to: number): boolean {
    for (let offset = from; offset < to; ) {
      const bytes = Math.min(this.size, to - offset);
      const start = this.load(offset, bytes, to);
      if (!isBlank(this.page.view, start, start + bytes)) return false;
      offset += bytes;
    }
    return true;
  }
}

/** Whether all of [start, end) is 0xFF; a multiple of four bytes, read as words. */
export function isBlank(view: DataView, start: number, end: number): boolean {
  let at = start;
  while (at < end) {
    if (view.getInt32(at) !== -1) return false;
    at += 4;
  }
  return true;
}

function newPage(size: number, crc32: Crc32): Page {
  const bytes = new Uint8Array(size);
  return { bytes, view: new DataView(bytes.buffer), crc32 };
}
