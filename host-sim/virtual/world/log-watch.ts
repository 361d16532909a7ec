/**
 * The flash log of one device, looked at from outside through copies of its flash.
 *
 * The rules: whatever a power cut left mounts, and mounting it twice gives the same; what the log
 * holds and counts is what the world has seen; within each ring erases differ by at most one. An
 * erase that mounting has to repeat, because a power cut came in between, counts apart; so does the
 * one after it, where a header of which one copy rotted was taken for one that a cut had torn.
 */

import { alarmBlocks, mountFlashOutbox } from '../../../firmware/outbox/flash-outbox.ts';
import { type Outbox, RecordKind } from '../../../firmware/outbox/outbox.ts';
import type { VirtualFlash } from '../flash.ts';
import { romCrc32 } from '../rom-crc32.ts';
import type { ReadingBook, Violate } from './reading-book.ts';

/** Cycles that a block lasts, as makers of NOR flash state them. */
const CYCLES = 100_000;
const YEAR_MS = 31_557_600_000;

export class LogWatch {
  readonly flash: VirtualFlash;
  /** Bits of the flash have flipped. */
  isRotten = false;
  readonly #violate: Violate;
  readonly #book: ReadingBook;
  readonly #windowMax: number;
  readonly #payloadBytesMax: number;
  /** Erases that a mount did, or made necessary, per block. */
  readonly #repeated: Uint32Array;
  readonly #skipped: Uint8Array;
  readonly #copy: VirtualFlash;
  readonly #kept: number[] = [];
  #erasesSeen = 0;

  /** @param copy of the same shape, for this and others to write on */
  constructor(
    flash: VirtualFlash,
    book: ReadingBook,
    limits: { readonly window: number; readonly payloadBytesMax: number },
    copy: VirtualFlash,
    violate: Violate,
  ) {
    this.flash = flash;
    this.#book = book;
    this.#violate = violate;
    this.#windowMax = limits.window;
    this.#payloadBytesMax = limits.payloadBytesMax;
    this.#repeated = new Uint32Array(flash.blocks);
    this.#skipped = new Uint8Array(flash.blocks);
    this.#copy = copy;
  }

  /** Mounts the device's own flash; checked against the copy before. */
  mount(): Outbox {
    const expected = this.#examine();
    const before = Uint32Array.from(this.flash.erasesOf);
    try {
      const outbox = this.#mount(this.flash);
      this.#compare('the mount after it', expected, countsOf(outbox));
      return outbox;
    } finally {
      for (let i = 0; i < before.length; i += 1) {
        const repeated = this.flash.erasesOf[i] - before[i];
        this.#repeated[i] += repeated;
        if (repeated > 0 && this.isRotten) this.#noteReopened(i);
      }
    }
  }

  /**
   * A mount has erased a block. Behind one that was being opened lies the oldest, unerased; where
   * that is erased, the opening was over, and comes again with that erase.
   */
  #noteReopened(block: number): void {
    const { flash } = this;
    const alarms = flash.blocks - alarmBlocks(flash.blocks);
    let next = block + 1;
    if (next === alarms) next = 0;
    else if (next === flash.blocks) next = alarms;
    const from = next * flash.blockBytes;
    const isErased = flash.bytes.subarray(from, from + flash.blockBytes).every((b) => b === 0xff);
    if (isErased && flash.erasesOf[next] > 0) this.#repeated[next] += 1;
  }

  /** Mounts a copy, twice where the first mount wrote, and empties it into the book. @returns the counts after the mount */
  #examine(): readonly number[] {
    const copy = this.#copy;
    copy.copyFrom(this.flash);
    copy.powerUp();
    const { operations } = copy;
    let outbox = this.#mount(copy);
    const once = countsOf(outbox);
    // A mount that wrote nothing leaves what it found: the next one is the same by construction.
    if (copy.operations !== operations) {
      outbox = this.#mount(copy);
      this.#compare('mounting twice', once, countsOf(outbox));
    }
    const kept = this.#kept;
    kept.length = 0;
    let alarms = 0;
    while (outbox.next()) {
      const { sequence, kind } = outbox.record;
      kept.push(sequence);
      if (kind === RecordKind.alarm) alarms += 1;
      outbox.settle(sequence, true);
    }
    if (outbox.depth !== 0) this.#violate('mount', `${outbox.depth} readings cannot be reached`);
    this.#book.remount(outbox.accepted, outbox.dropped, kept, this.isRotten, alarms);
    return once;
  }

  /** Years until the most worn block is through, at the rate so far; Infinity before any erase. */
  yearsOfLife(elapsedMs: number): number {
    const most = this.flash.erasesOf.reduce((a, b) => Math.max(a, b), 0);
    return most === 0 ? Number.POSITIVE_INFINITY : ((CYCLES / most) * elapsedMs) / YEAR_MS;
  }

  checkWear(): void {
    const { flash } = this;
    if (flash.erases === this.#erasesSeen) return;
    this.#erasesSeen = flash.erases;
    const alarms = flash.blocks - alarmBlocks(flash.blocks);
    this.#checkRing('readings', 0, alarms);
    this.#checkRing('alarms', alarms, flash.blocks);
  }

  #checkRing(name: string, from: number, to: number): void {
    let least = Number.POSITIVE_INFINITY;
    let most = 0;
    for (let i = from; i < to; i += 1) {
      const erases = this.flash.erasesOf[i];
      this.#noteSkipped(i, from, to);
      least = Math.min(least, erases + this.#skipped[i]);
      most = Math.max(most, erases - this.#repeated[i]);
    }
    if (most - least > 1) {
      this.#violate('wear', `blocks of the ${name} were erased ${least} to ${most} times`);
    }
  }

  /** The first round goes over blank flash: a mount after a cut need not erase what is erased. */
  #noteSkipped(block: number, from: number, to: number): void {
    const { erasesOf } = this.flash;
    const next = block + 1 < to ? block + 1 : from;
    if (block !== from && erasesOf[block] === 0 && erasesOf[next] > 0) this.#skipped[block] = 1;
  }

  #mount(flash: VirtualFlash): Outbox {
    const window = this.#windowMax;
    return mountFlashOutbox(flash, { window, payloadBytesMax: this.#payloadBytesMax }, romCrc32);
  }

  #compare(what: string, a: readonly number[], b: readonly number[]): void {
    if (a.every((count, i) => count === b[i])) return;
    this.#violate('mount', `${what} gives other counts: ${a.join(' ')} and ${b.join(' ')}`);
  }
}

function countsOf(outbox: Outbox): readonly number[] {
  const { accepted, delivered, refused, dropped, depth, headSequence } = outbox;
  return [accepted, delivered, refused, dropped, depth, headSequence];
}
