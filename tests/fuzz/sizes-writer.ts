/**
 * Writes inputs of hostile sizes into one buffer: one huge value, thousands of tiny ones, deep
 * nesting, separators repeated, lengths at and beyond limits. The same seed writes the same. It
 * allocates nothing, so that what it needs does not hide what the firmware needs.
 */

/** What the set-up page's forms may have at most, and more than any other transport lets through. */
export const INPUT_BYTES_MAX = 12_288;
/** Around these something changes: lengths in one byte, buffers, fields, lines, heads. */
const LIMITS: readonly number[] = Object.freeze([
  ...[16, 24, 32, 48, 63, 64, 96, 125, 126, 127, 128, 253, 255, 256, 440, 512],
  ...[1024, 2048, 4096, 6144, 8192, 12_288],
]);

export class SizesWriter {
  readonly bytes: Uint8Array;
  length = 0;
  private state = 1;

  /** @param bytesMax what is longer is cut */
  constructor(bytesMax: number = INPUT_BYTES_MAX) {
    this.bytes = new Uint8Array(bytesMax);
  }

  begin(seed: number): void {
    this.length = 0;
    this.state = Math.imul(seed + 1, 0x9e3779b1) >>> 0 || 1;
  }

  /** A whole number below `below`. */
  random(below: number): number {
    let x = this.state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.state = x >>> 0;
    return Math.floor((this.state / 0x1_0000_0000) * below);
  }

  /** A size up to `max`: none, few, about a limit, or any. */
  size(max: number): number {
    const way = this.random(4);
    if (way === 0) return Math.min(max, this.random(4));
    if (way === 1) {
      const near = LIMITS[this.random(LIMITS.length)] + this.random(3) - 1;
      return Math.min(max, near);
    }
    return this.random(way === 2 ? max + 1 : (max >> 4) + 1);
  }

  byte(value: number): void {
    if (this.length < this.bytes.length) this.bytes[this.length++] = value;
  }

  word(value: number): void {
    this.byte(value >> 8);
    this.byte(value);
  }

  text(text: string): void {
    for (let i = 0; i < text.length; i++) this.byte(text.charCodeAt(i));
  }

  fill(value: number, count: number): void {
    for (let i = 0; i < count; i++) this.byte(value);
  }

  /** A text again and again. */
  repeat(text: string, count: number): void {
    for (let i = 0; i < count && this.length < this.bytes.length; i++) this.text(text);
  }

  /** Bytes of a kind: letters, digits, spaces, zeros, 0xFF, letters of more bytes, or any. */
  value(count: number): void {
    const kind = this.random(8);
    if (kind < 6) this.fill([0x61, 0x39, 0x20, 0, 0xff, 0x2e][kind], count);
    else if (kind === 6) this.repeat('\u00e2\u0082\u00ac', count / 3);
    else for (let i = 0; i < count; i++) this.byte(this.random(256));
  }

  /** One byte is changed, now and then. */
  spoil(): void {
    if (this.length === 0 || this.random(4) > 0) return;
    this.bytes[this.random(this.length)] ^= 1 << this.random(8);
  }
}
