/**
 * The one pseudo-random generator of the deterministic world: xoshiro128** (Blackman and Vigna),
 * seeded through a 32-bit mixer.
 *
 * Integer operations only, so that every engine gives the same stream. A fork depends on the seed
 * and the label alone, not on how many numbers were drawn before: adding a draw in one part of the
 * world does not shift another part. Not for cryptography.
 */

import type { Random } from '../../firmware/ports.ts';

const TWO_32 = 0x1_0000_0000;
const GOLDEN = 0x9e37_79b9;

/** A bijection on 32 bits with good avalanche. */
function mix(value: number): number {
  let x = value | 0;
  x = Math.imul(x ^ (x >>> 16), 0x21f0_aaad);
  x = Math.imul(x ^ (x >>> 15), 0x735a_2d97);
  return (x ^ (x >>> 15)) >>> 0;
}

function rotateLeft(value: number, count: number): number {
  return (value << count) | (value >>> (32 - count));
}

export class SeededRandom implements Random {
  /** What this stream was derived from; forks derive from it too. */
  readonly seed: number;
  readonly #path: number;
  #a: number;
  #b: number;
  #c: number;
  #d: number;

  /**
   * @param seed a whole number; 53 bits of it count.
   * @param path mixed into the state; `fork` sets it.
   */
  constructor(seed: number, path = 0) {
    if (!Number.isSafeInteger(seed)) throw new RangeError(`seed ${seed} is not a whole number`);
    this.seed = seed;
    this.#path = path >>> 0;
    const high = mix(Math.floor(seed / TWO_32) + GOLDEN);
    const branch = mix(this.#path ^ high);
    let state = mix(seed >>> 0) ^ high;
    const next = () => {
      state = (state + GOLDEN) | 0;
      return mix(mix(state) + branch);
    };
    this.#a = next();
    this.#b = next();
    this.#c = next();
    // All zero is the one state the generator cannot leave.
    this.#d = next() | 1;
  }

  /** A whole number, evenly from 0 to 2^32 - 1. */
  next32(): number {
    const result = Math.imul(rotateLeft(Math.imul(this.#b, 5), 7), 9) >>> 0;
    const shifted = this.#b << 9;
    this.#c ^= this.#a;
    this.#d ^= this.#b;
    this.#b ^= this.#c;
    this.#a ^= this.#d;
    this.#c ^= shifted;
    this.#d = rotateLeft(this.#d, 11);
    return result;
  }

  /**
   * A whole number, evenly from 0 to `below` - 1, without modulo bias.
   * @throws RangeError unless `below` is a whole number from 1 to 2^32.
   */
  below(below: number): number {
    if (!Number.isInteger(below) || below < 1 || below > TWO_32) {
      throw new RangeError(`below(${below}): expected a whole number from 1 to 2^32`);
    }
    for (;;) {
      const drawn = this.next32();
      const rest = drawn % below;
      // The last, incomplete run of `below` numbers would favour the small ones.
      if (drawn - rest <= TWO_32 - below) return rest;
    }
  }

  /** A whole number, evenly from `min` to `max`, both included. */
  between(min: number, max: number): number {
    return max <= min ? min : min + this.below(max - min + 1);
  }

  /** True with probability `p` (0 to 1); always draws exactly one number. */
  chance(p: number): boolean {
    return this.next32() < p * TWO_32;
  }

  /** One of `items`, evenly. */
  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)];
  }

  /** Fills `into` with random bytes. */
  fill(into: Uint8Array): void {
    for (let index = 0; index < into.length; index += 1) into[index] = this.next32() >>> 24;
  }

  /** An independent stream for `label`; the same label gives the same stream. */
  fork(label: string): SeededRandom {
    let hash = 0x811c_9dc5 ^ this.#path;
    for (let index = 0; index < label.length; index += 1) {
      hash = Math.imul(hash ^ label.charCodeAt(index), 0x0100_0193);
    }
    return new SeededRandom(this.seed, mix(hash ^ mix(this.#path + GOLDEN)));
  }
}
