/**
 * Reads MQTT's basic types from raw bytes as strictly as the standard allows, for the checks that
 * `mqtt-packet` leaves out. It builds no values beyond what the checks need.
 */

import { wordOf } from './words.ts';

/** What is wrong with a packet: the statement that it breaks, in words, and the 5.0 reason code. */
export interface Fault {
  rule: string;
  text: string;
  /** Reason for the DISCONNECT in 5.0: 0x81 malformed, 0x82 protocol error, or a sharper one. */
  reason: number;
}

/** Thrown inside the strict checks only; `inspect` turns it into a returned `Fault`. */
export class Malformed extends Error {
  readonly fault: Fault;

  constructor(rule: string, text: string, reason = 0x81) {
    super(text);
    this.fault = { rule, text, reason };
  }
}

const DECODER = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** A position in one packet; every read checks that the bytes are there. */
export class Walk {
  readonly bytes: Uint8Array;
  at: number;
  end: number;

  constructor(bytes: Uint8Array, at: number, end: number) {
    this.bytes = bytes;
    this.at = at;
    this.end = end;
  }

  get left(): number {
    return this.end - this.at;
  }

  skip(count: number, what: string): number {
    if (count > this.left) throw new Malformed('length', `the packet ends inside its ${what}`);
    const start = this.at;
    this.at += count;
    return start;
  }

  byte(what: string): number {
    return this.bytes[this.skip(1, what)];
  }

  uint16(what: string): number {
    const start = this.skip(2, what);
    return (this.bytes[start] << 8) | this.bytes[start + 1];
  }

  uint32(what: string): number {
    return this.uint16(what) * 0x1_0000 + this.uint16(what);
  }

  /** A variable byte integer in its shortest form [MQTT-1.5.5-1]. */
  variable(what: string): number {
    let value = 0;
    for (let index = 0; index < 4; index += 1) {
      const byte = this.byte(what);
      value += (byte & 0x7f) * 128 ** index;
      if (byte < 0x80) {
        if (byte === 0 && index > 0) {
          throw new Malformed('MQTT-1.5.5-1', `the ${what} is not in its shortest form`);
        }
        return value;
      }
    }
    throw new Malformed('MQTT-1.5.5', `the ${what} takes more than four bytes`);
  }

  binary(what: string): void {
    this.skip(this.uint16(what), what);
  }

  /** A UTF-8 string: well formed, without surrogates [MQTT-1.5.4-1] and U+0000 [MQTT-1.5.4-2]. */
  text(what: string): string {
    const length = this.uint16(what);
    const start = this.skip(length, what);
    const word = wordOf(this.bytes, start, start + length);
    if (word !== undefined) return word;
    let text: string;
    try {
      text = DECODER.decode(this.bytes.subarray(start, start + length));
    } catch {
      throw new Malformed('MQTT-1.5.4-1', `the ${what} is not well-formed UTF-8`);
    }
    if (text.includes('\0')) throw new Malformed('MQTT-1.5.4-2', `the ${what} contains U+0000`);
    return text;
  }

  identifier(): void {
    if (this.uint16('packet identifier') === 0) {
      throw new Malformed('MQTT-2.2.1-3', 'the packet identifier is 0', 0x82);
    }
  }

  /** The packet must end here. */
  finish(): void {
    if (this.left > 0) throw new Malformed('length', `${this.left} bytes follow the packet's end`);
  }
}
