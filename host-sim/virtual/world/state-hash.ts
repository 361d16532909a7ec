/**
 * The hash of a run: 64 bits in two lanes of 32, over everything that happened in the world.
 *
 * Integer operations only, so that every engine and every machine gives the same. It is no
 * cryptographic hash: it tells apart two runs that differ, not two that somebody made to collide.
 */

const TWO_32 = 0x1_0000_0000;

export class StateHash {
  #a = 0x811c_9dc5 | 0;
  #b = 0x2f0b_4a27 | 0;

  /** Takes 32 bits in. */
  word(value: number): void {
    const a = Math.imul(this.#a ^ value, 0x0100_0193);
    this.#a = a ^ (a >>> 15);
    const b = Math.imul(this.#b + value, 0x85eb_ca6b);
    this.#b = (b << 13) | (b >>> 19);
  }

  /** Takes a number of up to 53 bits in, down to thousandths. */
  time(ms: number): void {
    const whole = Math.floor(ms * 1000);
    this.word(whole | 0);
    this.word((whole / TWO_32) | 0);
  }

  bytes(from: Uint8Array, start: number, end: number): void {
    let at = start;
    for (; at + 4 <= end; at += 4) {
      this.word(from[at] | (from[at + 1] << 8) | (from[at + 2] << 16) | (from[at + 3] << 24));
    }
    let rest = end - start;
    for (; at < end; at += 1) rest = (rest << 8) | from[at];
    this.word(rest);
  }

  text(text: string): void {
    for (let i = 0; i < text.length; i += 1) this.word(text.charCodeAt(i));
    this.word(text.length);
  }

  /** Sixteen hexadecimal digits. */
  get hex(): string {
    return digits(this.#a) + digits(this.#b);
  }
}

function digits(lane: number): string {
  return (lane >>> 0).toString(16).padStart(8, '0');
}

/** A 32-bit digest of a range of bytes. */
export function digestOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0x811c_9dc5;
  for (let i = start; i < end; i += 1) hash = Math.imul(hash ^ bytes[i], 0x0100_0193);
  return hash >>> 0;
}
