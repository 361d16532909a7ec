/**
 * What stands before the values of a message: `{"seq":1042,"boot":17,"ts":1795204800,"tq":"sync"`,
 * with the time in whole seconds, or `"up":90500,"tq":"none"` where it is not known.
 *
 * Its bytes are kept. The next message has most often the next number and a little more time: then
 * the few digits that change are counted up where they stand, because on XS to divide a number into
 * its digits costs as much as all else of the stamp.
 */

import { asciiBytes } from '../base/ascii.ts';
import { writeBytes } from '../base/bytes.ts';
import { writeInteger } from '../base/decimal.ts';
import type { TimeQuality } from '../ports.ts';

/** What a stamp tells. One object may be filled again for each message. */
export interface ReadingStamp {
  /** The reading's number, which never repeats: up to 2^32 - 1. */
  sequence: number;
  /** The number of the boot in which it was taken: up to 2^32 - 1. */
  boot: number;
  quality: TimeQuality;
  /** Unix time in ms; not looked at while `quality` is `none`. */
  unixMs: number;
  /** Milliseconds since that boot; published only while `quality` is `none`. */
  upMs: number;
}

// On the board they lie in flash, which a field of each stamp would not.
const SEQUENCE_KEY = asciiBytes('{"seq":');
const BOOT_KEY = asciiBytes(',"boot":');
const TIME_KEY = asciiBytes(',"ts":');
const UP_KEY = asciiBytes(',"up":');
const SYNCHRONISED = asciiBytes(',"tq":"sync"');
const ESTIMATED = asciiBytes(',"tq":"estimated"');
const UNKNOWN = asciiBytes(',"tq":"none"');

/** The longest stamp: 38 bytes of keys, two numbers of ten digits, and a time of sixteen. */
export const STAMP_BYTES_MAX = 38 + 2 * 10 + 16;
const ZERO = 0x30;
/** What is less is a small integer, also with a digit more. */
const COUNT_MAX = 1e9;

export class Stamp {
  /** The stamp is `bytes[0..end)`; what lies behind it means nothing. */
  readonly bytes = new Uint8Array(STAMP_BYTES_MAX);
  end = 0;
  private sequence = 0;
  private sequenceEnd = 0;
  private boot = 0;
  private quality: TimeQuality = 'none';
  /** Seconds, or milliseconds since boot. */
  private time = 0;
  private timeAt = 0;
  private timeEnd = 0;

  /**
   * Makes `bytes` tell this.
   * @throws RangeError when a number is not finite
   */
  set(of: ReadingStamp): void {
    const sequence = of.sequence;
    const boot = of.boot;
    const quality = of.quality;
    const time = quality === 'none' ? Math.floor(of.upMs) : Math.floor(of.unixMs / 1000);
    const isCounted =
      this.end > 0 &&
      boot === this.boot &&
      quality === this.quality &&
      this.count(SEQUENCE_KEY.length, this.sequenceEnd, this.sequence, sequence) &&
      this.count(this.timeAt, this.timeEnd, this.time, time);
    this.sequence = sequence;
    this.time = time;
    if (!isCounted) this.write(sequence, boot, quality, time);
  }

  /**
   * Counts the number at `bytes[start..end)` up, from what it is.
   * @returns false where it is to be written anew: it is less, or has a digit more
   */
  private count(start: number, end: number, from: number, to: number): boolean {
    let carry = to - from;
    if (!(carry >= 0 && carry < COUNT_MAX && from >= 0)) return false;
    const bytes = this.bytes;
    let at = end;
    while (carry > 0) {
      if (at === start) return false;
      at -= 1;
      carry += bytes[at] - ZERO;
      bytes[at] = ZERO + (carry % 10);
      carry = (carry / 10) | 0;
    }
    return true;
  }

  private write(sequence: number, boot: number, quality: TimeQuality, time: number): void {
    const { bytes } = this;
    // Not kept before it is whole: a number may be none.
    this.end = 0;
    this.boot = boot;
    this.quality = quality;
    this.sequenceEnd = writeInteger(bytes, writeBytes(bytes, 0, SEQUENCE_KEY), sequence);
    const bootEnd = writeInteger(bytes, writeBytes(bytes, this.sequenceEnd, BOOT_KEY), boot);
    this.timeAt = writeBytes(bytes, bootEnd, quality === 'none' ? UP_KEY : TIME_KEY);
    this.timeEnd = writeInteger(bytes, this.timeAt, time);
    this.end = writeBytes(bytes, this.timeEnd, wordOf(quality));
  }
}

function wordOf(quality: TimeQuality): Uint8Array {
  if (quality === 'none') return UNKNOWN;
  return quality === 'sync' ? SYNCHRONISED : ESTIMATED;
}
