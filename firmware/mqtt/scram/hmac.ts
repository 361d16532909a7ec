/** HMAC-SHA-256 (RFC 2104) and PBKDF2 over it (RFC 8018, section 5.2), of one block each. */

import { writeBytes, writeUint32 } from '../../base/bytes.ts';
import type { Digest } from '../../ports.ts';

const BLOCK_BYTES = 64;
export const HASH_BYTES = 32;
const INNER = 0x36;
const OUTER = 0x5c;

/** A key, padded for the inner and the outer hash, with room for a hash behind each. */
class PaddedKey {
  readonly inner = new Uint8Array(BLOCK_BYTES + HASH_BYTES).fill(INNER, 0, BLOCK_BYTES);
  readonly outer = new Uint8Array(BLOCK_BYTES + HASH_BYTES).fill(OUTER, 0, BLOCK_BYTES);

  constructor(digest: Digest, key: Uint8Array) {
    const { inner, outer } = this;
    let used = key;
    if (key.length > BLOCK_BYTES) {
      used = new Uint8Array(HASH_BYTES);
      digest(key, used, 0);
    }
    for (let i = 0; i < used.length; i++) {
      inner[i] ^= used[i];
      outer[i] ^= used[i];
    }
  }

  /** The hash of a message, into `into` at `at`. */
  hash(digest: Digest, message: Uint8Array, into: Uint8Array, at: number): void {
    const whole = new Uint8Array(BLOCK_BYTES + message.length);
    writeBytes(whole, writeBytes(whole, 0, this.inner.subarray(0, BLOCK_BYTES)), message);
    digest(whole, this.outer, BLOCK_BYTES);
    digest(this.outer, into, at);
  }
}

/** @returns the 32 bytes of HMAC-SHA-256 */
export function hmac(digest: Digest, key: Uint8Array, message: Uint8Array): Uint8Array {
  const result = new Uint8Array(HASH_BYTES);
  new PaddedKey(digest, key).hash(digest, message, result, 0);
  return result;
}

/**
 * PBKDF2 with HMAC-SHA-256 for 32 bytes, a few rounds at a time: on a board all of them take
 * seconds. Each round hashes what the last one left behind the inner key, and allocates nothing of
 * its own.
 */
export class SlowKey {
  /** What the rounds have come to: the key, once `work` is done. */
  readonly bytes = new Uint8Array(HASH_BYTES);
  private readonly digest: Digest;
  private readonly padded: PaddedKey;
  /** The same as words, which cost XS a quarter. */
  private readonly sum = new Uint32Array(this.bytes.buffer);
  private readonly last: Uint32Array;
  private left: number;

  /** @param iterations at least 1 */
  constructor(digest: Digest, password: Uint8Array, salt: Uint8Array, iterations: number) {
    this.digest = digest;
    this.left = iterations - 1;
    this.padded = new PaddedKey(digest, password);
    const inner = this.padded.inner;
    this.last = new Uint32Array(inner.buffer, BLOCK_BYTES, HASH_BYTES / 4);
    const first = new Uint8Array(salt.length + 4);
    writeUint32(first, writeBytes(first, 0, salt), 1);
    this.padded.hash(digest, first, inner, BLOCK_BYTES);
    this.sum.set(this.last);
  }

  /** Does so many rounds more. @returns whether the key is there */
  work(rounds: number): boolean {
    const { digest, sum, last, padded } = this;
    const { inner, outer } = padded;
    let count = Math.min(rounds, this.left);
    this.left -= count;
    while (count > 0) {
      count -= 1;
      digest(inner, outer, BLOCK_BYTES);
      digest(outer, inner, BLOCK_BYTES);
      for (let i = 0; i < 8; i++) sum[i] ^= last[i];
    }
    return this.left === 0;
  }
}
