/** Writes one flat JSON object into a buffer, without allocating. */

import { NUMBER_BYTES_MAX, writeNumber } from '../base/decimal.ts';
import { writeJsonString } from '../base/json-string.ts';
import { utf8Length } from '../base/utf8.ts';

const OPEN = 0x7b;
const CLOSE = 0x7d;
const COMMA = 0x2c;
const COLON = 0x3a;

export class JsonObjectWriter {
  private readonly into: Uint8Array;
  private start = 0;
  private at = 0;
  /** No field reaches beyond this. */
  private limit = 0;

  constructor(into: Uint8Array) {
    this.into = into;
  }

  /** Starts a new object in `into[start..start + bytesMax)`. */
  begin(start = 0, bytesMax = this.into.length): void {
    this.into[start] = OPEN;
    this.start = start;
    this.at = start + 1;
    this.limit = start + bytesMax;
  }

  /** Adds a number; left out when it is undefined or no number. A field without room is left out. */
  number(key: string, value: number | undefined, decimals = 0): void {
    if (value === undefined || !Number.isFinite(value)) return;
    if (this.key(key, NUMBER_BYTES_MAX)) {
      this.at = writeNumber(this.into, this.at, value, decimals);
    }
  }

  /** Adds a text; left out when it is undefined. A field without room is left out. */
  text(key: string, value: string | undefined): void {
    if (value === undefined) return;
    const before = this.at;
    if (!this.key(key, utf8Length(value) + 2)) return;
    // Escapes may take six times as much; what is written beyond the limit is not kept.
    const end = writeJsonString(this.into, this.at, value);
    this.at = end < this.limit ? end : before;
  }

  /** Closes the object. @returns its length in bytes */
  end(): number {
    this.into[this.at] = CLOSE;
    return this.at + 1 - this.start;
  }

  private key(key: string, valueBytes: number): boolean {
    const room = utf8Length(key) + valueBytes + 5;
    if (this.at + room > this.limit) return false;
    if (this.at > this.start + 1) this.into[this.at++] = COMMA;
    this.at = writeJsonString(this.into, this.at, key);
    this.into[this.at++] = COLON;
    return true;
  }
}
