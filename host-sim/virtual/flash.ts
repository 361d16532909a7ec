/**
 * A flash partition with NOR semantics in memory, that breaks in the ways real ones do.
 *
 * Rules that it enforces by throwing FlashMisuse: offsets and lengths are aligned and inside; a
 * unit of `writeAlignment` bytes is written at most once per erase. It never repairs anything.
 *
 * Faults. `cutAt(n, byte)` cuts the power inside the n-th write or erase from now. A torn write
 * leaves the bytes before the tear, noise in the unit of the tear, and nothing after. A torn erase
 * leaves 0xFF before the tear, bits between old and erased for a while after it, old bytes beyond.
 * From the cut on every call throws PowerCut until `powerUp`. `rot` flips bits in place.
 *
 * It counts calls and bytes per kind, and erases per block, for the wear and speed figures.
 */

import type { Flash, Random } from '../../firmware/ports.ts';
import { copyBytes } from './copy-bytes.ts';

/** The power went while the flash was at work, or is still gone. */
export class PowerCut extends Error {
  // Defined, not assigned: in XS a frozen Error.prototype refuses the assignment.
  override readonly name = 'PowerCut';

  constructor() {
    super('power cut');
  }
}

/** The firmware broke a rule of the flash: always a defect of the firmware. */
export class FlashMisuse extends Error {
  override readonly name = 'FlashMisuse';
}

export interface VirtualFlashOptions {
  readonly blocks: number;
  readonly blockBytes?: number;
  readonly writeAlignment?: number;
  /** Makes the noise of torn operations. */
  readonly random: Random;
}

/** Bytes after the tear of an erase that are neither old nor erased. */
const HALF_ERASED_BYTES = 64;

export class VirtualFlash implements Flash {
  readonly blocks: number;
  readonly blockBytes: number;
  readonly writeAlignment: number;
  /** The storage itself, for checks from outside. Writing to it is a fault like any other. */
  readonly bytes: Uint8Array;
  /** Calls and bytes since construction. */
  reads = 0;
  readBytes = 0;
  writes = 0;
  writtenBytes = 0;
  erases = 0;
  /** Erases begun per block. */
  readonly erasesOf: Uint32Array;
  /** False from a power cut until `powerUp`. */
  powered = true;
  /** Told of each write and erase before it is done, with where it begins. */
  onOperation: ((what: 'write' | 'erase', offset: number, bytes: number) => void) | undefined;
  readonly #written: Uint8Array;
  readonly #random: Random;
  #operationsLeft = Number.POSITIVE_INFINITY;
  #tearAt = 0;

  constructor(options: VirtualFlashOptions) {
    this.blocks = options.blocks;
    this.blockBytes = options.blockBytes ?? 4096;
    this.writeAlignment = options.writeAlignment ?? 4;
    this.#random = options.random;
    this.bytes = new Uint8Array(this.blocks * this.blockBytes).fill(0xff);
    this.#written = new Uint8Array(this.bytes.length / this.writeAlignment);
    this.erasesOf = new Uint32Array(this.blocks);
  }

  /** Writes and erases so far. */
  get operations(): number {
    return this.writes + this.erases;
  }

  read(offset: number, into: Uint8Array, start: number, end: number): void {
    this.#check(offset, end - start, 1);
    this.reads += 1;
    this.readBytes += end - start;
    copyBytes(this.bytes, offset, into, start, end - start);
  }

  write(offset: number, from: Uint8Array, start: number, end: number): void {
    this.#check(offset, end - start, this.writeAlignment);
    const length = end - start;
    this.onOperation?.('write', offset, length);
    const torn = this.#countDown();
    const whole = torn ? Math.min(this.#tearAt, length - 1) : length;
    const units = Math.ceil((torn ? whole + 1 : length) / this.writeAlignment);
    const firstUnit = offset / this.writeAlignment;
    for (let unit = firstUnit; unit < firstUnit + units; unit += 1) {
      if (this.#written[unit] !== 0) {
        throw new FlashMisuse(`second write to offset ${unit * this.writeAlignment}`);
      }
      this.#written[unit] = 1;
    }
    this.writes += 1;
    for (let i = 0; i < whole; i += 1) this.bytes[offset + i] &= from[start + i];
    this.writtenBytes += whole;
    if (torn) this.#cutInWrite(offset, whole);
  }

  erase(block: number): void {
    this.#check(block * this.blockBytes, this.blockBytes, this.blockBytes);
    this.erases += 1;
    this.erasesOf[block] += 1;
    const from = block * this.blockBytes;
    this.onOperation?.('erase', from, this.blockBytes);
    const torn = this.#countDown();
    const whole = torn ? Math.min(this.#tearAt, this.blockBytes - 1) : this.blockBytes;
    this.bytes.fill(0xff, from, from + whole);
    this.#written.fill(0, from / this.writeAlignment, this.#unitAfter(from + whole));
    if (torn) this.#cutInErase(from + whole, from + this.blockBytes);
  }

  /**
   * Cuts the power inside a coming operation.
   * @param operation 1 is the next write or erase. @param byte how much of it is still done.
   */
  cutAt(operation: number, byte: number): void {
    this.#operationsLeft = operation;
    this.#tearAt = byte;
  }

  /** The power is back; the storage is as the cut left it, and no further cut is planned. */
  powerUp(): void {
    this.powered = true;
    this.#operationsLeft = Number.POSITIVE_INFINITY;
  }

  /** Flips the bits of `mask` in one byte. */
  rot(offset: number, mask: number): void {
    this.bytes[offset] ^= mask;
  }

  /** Fills the partition with bytes of another program, which all count as written. */
  fill(byteAt: (offset: number) => number): void {
    for (let i = 0; i < this.bytes.length; i += 1) this.bytes[i] = byteAt(i);
    this.#written.fill(1);
  }

  /** Takes an image, erased behind its end; units of it that read as erased are. */
  load(image: Uint8Array): void {
    this.bytes.fill(0xff);
    this.bytes.set(image.subarray(0, this.bytes.length));
    for (let unit = 0; unit < this.#written.length; unit += 1) this.#noteUnit(unit);
  }

  /** Takes over the contents and wear of another partition of the same shape. */
  copyFrom(other: VirtualFlash): void {
    this.bytes.set(other.bytes);
    this.#written.set(other.#written);
    this.erasesOf.set(other.erasesOf);
  }

  #check(offset: number, length: number, alignment: number): void {
    if (!this.powered) throw new PowerCut();
    if (offset % alignment !== 0 || length % alignment !== 0) {
      throw new FlashMisuse(`offset ${offset} or length ${length} is not aligned to ${alignment}`);
    }
    if (!(offset >= 0 && length >= 0 && offset + length <= this.bytes.length)) {
      throw new FlashMisuse(`offset ${offset} with length ${length} is outside of the partition`);
    }
  }

  #countDown(): boolean {
    this.#operationsLeft -= 1;
    return this.#operationsLeft === 0;
  }

  #cutInWrite(offset: number, whole: number): never {
    const tear = offset + whole;
    const unit = Math.floor(tear / this.writeAlignment);
    const end = (unit + 1) * this.writeAlignment;
    for (let i = tear; i < end; i += 1) this.bytes[i] = this.#random.below(256);
    this.#noteUnit(unit);
    this.powered = false;
    throw new PowerCut();
  }

  #cutInErase(tear: number, end: number): never {
    const noisyEnd = Math.min(end, tear + HALF_ERASED_BYTES);
    for (let i = tear; i < noisyEnd; i += 1) this.bytes[i] |= this.#random.below(256);
    this.#noteUnit(Math.floor(tear / this.writeAlignment));
    this.powered = false;
    throw new PowerCut();
  }

  /** A unit at a tear that still reads as erased is erased. */
  #noteUnit(unit: number): void {
    const from = unit * this.writeAlignment;
    const contents = this.bytes.subarray(from, from + this.writeAlignment);
    this.#written[unit] = contents.every((byte) => byte === 0xff) ? 0 : 1;
  }

  #unitAfter(offset: number): number {
    return Math.ceil(offset / this.writeAlignment);
  }
}
