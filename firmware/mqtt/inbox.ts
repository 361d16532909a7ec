/**
 * Received bytes and their framing (section 2.2 of 3.1.1, 2.1 of 5.0).
 *
 * The connection reads into `bytes` from `end` on and reports how much; packets are decoded where
 * they lie. A packet never needs more than the buffer: a larger PUBLISH is skipped in 3.1.1, with
 * its QoS and identifier kept so that it can be acknowledged, and refused in 5.0, where its sender
 * had been told the limit. A buffer never waits for a packet whose first byte is already wrong.
 */

import { PeerError } from '../base/errors.ts';
import { PUBLISH, Reason } from './constants.ts';
import { checkFirstByte } from './packet.ts';

/** Nothing whole yet. */
export const NOTHING = 0;
/** A packet lies at `bytes[bodyStart..bodyEnd)`. */
export const PACKET = 1;
/** A PUBLISH larger than the buffer has gone by; `skippedQos` and `skippedId` tell which. */
export const SKIPPED = 2;

export class Inbox {
  readonly bytes: Uint8Array;
  end = 0;
  first = 0;
  bodyStart = 0;
  bodyEnd = 0;
  skippedQos = 0;
  skippedId = 0;
  private start = 0;
  /** What is left of a packet that is being skipped, and how much of its body went by. */
  private skipLeft = 0;
  private skipAt = 0;
  private skipTopicBytes = 0;

  /** @param capacity the largest packet that is received whole, in bytes; at least 64 */
  constructor(capacity: number) {
    this.bytes = new Uint8Array(capacity);
  }

  /** Forgets everything: a new connection begins. */
  clear(): void {
    this.start = this.end = this.skipLeft = 0;
  }

  /** Makes room behind `end`, by moving what is not yet decoded to the front. */
  compact(): void {
    if (this.start === 0) return;
    if (this.start < this.end) this.bytes.copyWithin(0, this.start, this.end);
    this.end -= this.start;
    this.start = 0;
  }

  /**
   * Takes the next packet.
   * @returns NOTHING, PACKET or SKIPPED
   * @throws PeerError for a first byte, a length or a size that no server may send
   */
  next(v5: boolean): number {
    if (this.skipLeft > 0) return this.skip();
    const start = this.start;
    const available = this.end - start;
    if (available === 0) {
      this.start = this.end = 0;
      return NOTHING;
    }
    const first = this.bytes[start];
    checkFirstByte(first, v5);
    let length = 0;
    let at = start + 1;
    for (let shift = 0; ; shift += 7) {
      if (shift > 21) throw new PeerError(Reason.malformed, 'remaining length over four bytes');
      if (at === this.end) return NOTHING;
      const byte = this.bytes[at++];
      length |= (byte & 0x7f) << shift;
      if (byte < 0x80) {
        if (v5 && byte === 0 && shift > 0) {
          throw new PeerError(Reason.malformed, 'remaining length too long [5.0 MQTT-1.5.5-1]');
        }
        break;
      }
    }
    if (at - start + length > this.bytes.length) return this.refuse(first, at, length, v5);
    if (at + length > this.end) return NOTHING;
    this.first = first;
    this.bodyStart = at;
    this.bodyEnd = this.start = at + length;
    return PACKET;
  }

  private refuse(first: number, at: number, length: number, v5: boolean): number {
    if (v5) {
      throw new PeerError(Reason.packetTooLarge, 'a packet over the maximum [5.0 MQTT-3.1.2-24]');
    }
    if (first >> 4 !== PUBLISH) {
      throw new PeerError(Reason.malformed, `packet type ${first >> 4} with ${length} bytes`);
    }
    this.skippedQos = (first >> 1) & 3;
    this.skippedId = 0;
    this.skipTopicBytes = 0;
    this.skipAt = 0;
    this.skipLeft = length;
    this.start = at;
    return this.skip();
  }

  /** Lets bytes go by, noting the topic's length and the packet identifier behind the topic. */
  private skip(): number {
    const count = Math.min(this.end - this.start, this.skipLeft);
    for (let i = 0; i < 2; i++) this.skipTopicBytes |= this.passing(i, count) << (8 - 8 * i);
    if (this.skippedQos !== 0 && this.skipAt + count > 1) {
      const id = 2 + this.skipTopicBytes;
      for (let i = 0; i < 2; i++) this.skippedId |= this.passing(id + i, count) << (8 - 8 * i);
    }
    this.start += count;
    this.skipAt += count;
    this.skipLeft -= count;
    if (this.start === this.end) this.start = this.end = 0;
    if (this.skipLeft > 0) return NOTHING;
    if (this.skippedQos !== 0 && this.skippedId === 0) {
      throw new PeerError(Reason.malformed, 'packet identifier 0 [3.1.1 MQTT-2.3.1-1]');
    }
    return SKIPPED;
  }

  /** The body's byte at `offset` if it is among the `count` going by now, else 0. */
  private passing(offset: number, count: number): number {
    const i = offset - this.skipAt;
    return i >= 0 && i < count ? this.bytes[this.start + i] : 0;
  }
}
