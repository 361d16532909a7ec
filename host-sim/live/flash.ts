/**
 * A flash partition in a file, with the rules of NOR flash.
 *
 * What `write` or `erase` has returned from survives the death of the process (not of the host:
 * nothing waits for the disk). A unit that was written since its block's erase is refused, as the
 * firmware would lose it on a board. A file of another size is refused, never resized.
 */

import { closeSync, fstatSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';
import type { Flash } from '../../firmware/ports.ts';

const ERASED = 0xff;

/** The state's file cannot be used; the message is one plain sentence. */
export class FlashProblem extends Error {}

export interface FlashShape {
  readonly blocks: number;
  readonly blockBytes: number;
  readonly writeAlignment: number;
}

/** 256 KiB, as the partition of the default board. */
export const DEFAULT_SHAPE: FlashShape = Object.freeze({
  blocks: 64,
  blockBytes: 4096,
  writeAlignment: 4,
});

export class LiveFlash implements Flash {
  readonly blocks: number;
  readonly blockBytes: number;
  readonly writeAlignment: number;
  readonly #file: number;
  /** The file's bytes; every change goes to both. */
  readonly #bytes: Uint8Array;

  /**
   * Opens the partition, or makes an erased one.
   * @throws FlashProblem when the file cannot be opened, or is no partition of this shape
   */
  constructor(path: string, shape: FlashShape = DEFAULT_SHAPE) {
    this.blocks = shape.blocks;
    this.blockBytes = shape.blockBytes;
    this.writeAlignment = shape.writeAlignment;
    const size = shape.blocks * shape.blockBytes;
    this.#bytes = new Uint8Array(size).fill(ERASED);
    this.#file = open(path);
    const found = fstatSync(this.#file).size;
    if (found === 0) this.#format();
    else if (found === size) readSync(this.#file, this.#bytes, 0, size, 0);
    else {
      closeSync(this.#file);
      throw new FlashProblem(`${path} has ${found} bytes, a partition has ${size}`);
    }
  }

  read(offset: number, into: Uint8Array, start: number, end: number): void {
    into.set(this.#bytes.subarray(offset, offset + end - start), start);
  }

  write(offset: number, from: Uint8Array, start: number, end: number): void {
    const length = end - start;
    if (offset % this.writeAlignment !== 0 || length % this.writeAlignment !== 0) {
      throw new RangeError(`flash write of ${length} bytes at ${offset} is not aligned`);
    }
    for (let i = offset; i < offset + length; i++) {
      if (this.#bytes[i] !== ERASED) throw new RangeError(`flash byte ${i} is written twice`);
    }
    this.#bytes.set(from.subarray(start, end), offset);
    writeSync(this.#file, from, start, length, offset);
  }

  erase(block: number): void {
    const start = block * this.blockBytes;
    this.#bytes.fill(ERASED, start, start + this.blockBytes);
    writeSync(this.#file, this.#bytes, start, this.blockBytes, start);
  }

  /** Gives the file back; nothing may be called after. */
  close(): void {
    closeSync(this.#file);
  }

  #format(): void {
    ftruncateSync(this.#file, this.#bytes.length);
    writeSync(this.#file, this.#bytes, 0, this.#bytes.length, 0);
  }
}

function open(path: string): number {
  try {
    return openSync(path, 'r+');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw problem(path, error);
  }
  try {
    return openSync(path, 'wx+');
  } catch (error) {
    throw problem(path, error);
  }
}

function problem(path: string, error: unknown): FlashProblem {
  return new FlashProblem(`${path} cannot be opened (${(error as NodeJS.ErrnoException).code})`);
}
