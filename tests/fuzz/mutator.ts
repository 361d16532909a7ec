/** Makes new inputs out of old ones. The same seed makes the same ones. */

/** A small generator: 32 bits of state, xorshift. */
export class Dice {
  private state: number;

  constructor(seed: number) {
    this.state = Math.imul(seed + 1, 0x9e3779b1) >>> 0 || 1;
  }

  /** A whole number from 0 to `below` - 1. */
  below(below: number): number {
    let x = this.state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.state = x >>> 0;
    return Math.floor((this.state / 0x1_0000_0000) * below);
  }

  pick<T>(from: readonly T[]): T {
    return from[this.below(from.length)];
  }
}

const BYTES: readonly number[] = Object.freeze([0, 1, 2, 0x0a, 0x0d, 0x20, 0x7f, 0x80, 0xfe, 0xff]);
const WORDS: readonly number[] = Object.freeze([
  ...[0, 1, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0x8000, 0xffff, 0x1_0000],
  ...[0x7fff_ffff, 0x8000_0000, 0xffff_ffff],
]);
/** So many changes to one input at most. */
const CHANGES_MAX = 6;
const REPEATS_MAX = 200;

export class Mutator {
  private readonly dice: Dice;
  private readonly dictionary: readonly Uint8Array[];
  private readonly bytesMax: number;
  private readonly work: Uint8Array;
  private length = 0;

  /** @param bytesMax no input is longer */
  constructor(dice: Dice, dictionary: readonly Uint8Array[], bytesMax: number) {
    this.dice = dice;
    this.dictionary = dictionary;
    this.bytesMax = bytesMax;
    this.work = new Uint8Array(bytesMax);
  }

  /** @param other for parts of it. @returns a new input; a copy */
  mutate(parent: Uint8Array, other: Uint8Array): Uint8Array {
    this.length = Math.min(parent.length, this.bytesMax);
    this.work.set(parent.subarray(0, this.length));
    for (let left = 1 + this.dice.below(CHANGES_MAX); left > 0; left--) this.change(other);
    return this.work.slice(0, this.length);
  }

  private change(other: Uint8Array): void {
    const { dice, work, length } = this;
    const at = dice.below(length + 1);
    switch (dice.below(14)) {
      case 0:
      case 1:
        if (at < length) work[at] ^= 1 << dice.below(8);
        break;
      case 2:
        if (at < length) work[at] = dice.pick(BYTES);
        break;
      case 3:
        if (at < length) work[at] = dice.below(256);
        break;
      case 4:
        if (at < length) work[at] += dice.below(33) - 16;
        break;
      case 5:
        this.number(at, dice.pick(WORDS));
        break;
      case 6:
        // A size that tells what is left, or nearly.
        this.number(at, Math.max(0, length - at - dice.below(8)));
        break;
      case 7:
        this.remove(at, 1 + dice.below(dice.below(4) === 0 ? length + 1 : 8));
        break;
      case 8:
        this.insert(at, this.piece(work.subarray(0, length)), 1);
        break;
      case 9:
        this.insert(at, this.piece(other), 1);
        break;
      case 10:
        work.set(this.fitting(at, this.piece(other)), at);
        break;
      case 11:
        if (this.dictionary.length > 0) this.insert(at, dice.pick(this.dictionary), 1);
        break;
      case 12:
        if (this.dictionary.length > 0) work.set(this.fitting(at, dice.pick(this.dictionary)), at);
        break;
      default:
        if (dice.below(8) === 0) this.repeat(at);
        else if (at < length) this.insert(at, Uint8Array.of(dice.pick(BYTES)), 1);
    }
  }

  /** A piece of the bytes, as a copy; mostly a short one. */
  private piece(bytes: Uint8Array): Uint8Array {
    const { dice } = this;
    const start = dice.below(bytes.length + 1);
    const longest = dice.below(3) === 0 ? bytes.length : 16;
    return bytes.slice(start, start + 1 + dice.below(longest));
  }

  private fitting(at: number, bytes: Uint8Array): Uint8Array {
    return bytes.subarray(0, this.length - at);
  }

  /** Writes a number in 1, 2 or 4 bytes, of either order. */
  private number(at: number, value: number): void {
    const size = 1 << this.dice.below(3);
    const isBig = this.dice.below(2) === 0;
    if (at + size > this.length) return;
    for (let i = 0; i < size; i++) this.work[at + (isBig ? size - 1 - i : i)] = value >>> (8 * i);
  }

  private remove(at: number, count: number): void {
    const end = Math.min(at + count, this.length);
    this.work.copyWithin(at, end, this.length);
    this.length -= end - at;
  }

  private repeat(at: number): void {
    const piece = this.piece(this.work.subarray(at, Math.min(at + 32, this.length)));
    this.insert(at, piece, 2 + this.dice.below(REPEATS_MAX));
  }

  private insert(at: number, bytes: Uint8Array, times: number): void {
    const room = this.bytesMax - this.length;
    const count = Math.min(room, bytes.length * times);
    if (count <= 0) return;
    this.work.copyWithin(at + count, at, this.length);
    for (let i = 0; i < count; i++) this.work[at + i] = bytes[i % bytes.length];
    this.length += count;
  }
}
