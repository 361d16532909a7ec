/**
 * Received bytes and their framing (section 2.2 of 3.1.1, 2.1 of 5.0).
 *
 * The connection reads into `bytes` from `end` on and reports how much; packets are decoded where
 * they lie. A packet never needs more than the buffer: a larger PUBLISH is skipped, with its topic
 * kept, and its QoS and identifier so that it can be acknowledged. In 5.0 its sender was told a limit:
 * what is larger is refused. A buffer never waits for a packet whose first byte is already wrong.
 */

import { NO_BYTES } from '../../base/bytes.ts';
import { PeerError } from '../../base/errors.ts';
import { PUBLISH, Reason } from '../codec/constants.ts';
import { illegal, malformed } from '../codec/protocol-error.ts';

/** Nothing whole yet. */
export const NOTHING = 0;
/** A packet lies at `bytes[bodyStart..bodyEnd)`. */
export const PACKET = 1;
/** A PUBLISH larger than the buffer has gone by; `skippedQos`, `…Id` and `…Topic` tell which. */
export const SKIPPED = 2;

/**
 * By packet type, which low four bits of the first byte a server may send: one bit each. A PUBLISH
 * has no QoS 3 [MQTT-3.3.1-4], and no DUP with QoS 0 [MQTT-3.3.1-2].
 */
const FLAGS: readonly number[] = Object.freeze([
  0, 0, 1, 0x3c3f, 1, 1, 4, 1, 0, 1, 0, 1, 0, 1, 1, 1,
]);
/** DISCONNECT and AUTH, from this first byte up, are of 5.0. */
const FIRST_V5 = 0xe0;

export class ReceiveBuffer {
  readonly bytes: Uint8Array;
  /** What is not yet decoded is `bytes[start..end)`. */
  start = 0;
  end = 0;
  first = 0;
  bodyStart = 0;
  bodyEnd = 0;
  skippedQos = 0;
  skippedId = 0;
  /** As much of its topic as found room in the buffer. */
  skippedTopic = NO_BYTES;
  readonly view: DataView;
  /** What is left of a packet that is being skipped; 0: none is. */
  skipLeft = 0;
  /** How far off its identifier is. */
  private skipIdAt = 0;
  private readonly packetBytesMax: number;

  /**
   * @param capacity the largest packet that is received whole, in bytes; at least 64
   * @param packetBytesMax in 5.0, the largest PUBLISH that is skipped
   */
  constructor(capacity: number, packetBytesMax: number) {
    this.packetBytesMax = packetBytesMax;
    this.bytes = new Uint8Array(capacity);
    this.view = new DataView(this.bytes.buffer);
  }

  /** Forgets everything: a new connection begins. */
  clear(): void {
    this.start = this.end = this.skipLeft = 0;
  }

  /** Makes room behind `end`, by moving what is not yet decoded to the front. */
  compact(): void {
    const start = this.start;
    if (start === 0) return;
    const left = this.end - start;
    if (left > 0) this.bytes.copyWithin(0, start, this.end);
    this.end = left;
    this.start = 0;
  }

  /**
   * Takes the next packet.
   * @returns NOTHING, PACKET or SKIPPED
   * @throws PeerError for a first byte, a length or a size that no server may send
   */
  next(v5: boolean): number {
    if (this.skipLeft > 0) return this.skip();
    const bytes = this.bytes;
    const start = this.start;
    const end = this.end;
    if (start === end) return NOTHING;
    const first = bytes[start];
    if (((FLAGS[first >> 4] >> (first & 15)) & 1) === 0 || (first >= FIRST_V5 && !v5)) {
      throw firstFault(first, v5);
    }
    if (start + 1 === end) return NOTHING;
    let length = bytes[start + 1];
    let at = start + 2;
    if (length > 0x7f) {
      length &= 0x7f;
      let shift = 7;
      let byte = 0;
      do {
        if (at === end) return NOTHING;
        byte = bytes[at];
        at++;
        length |= (byte & 0x7f) << shift;
        shift += 7;
      } while (byte > 0x7f && shift < 28);
      // [5.0 MQTT-1.5.5-1]
      if (byte > 0x7f || (byte === 0 && v5)) throw malformed('remaining length too long');
    }
    if (at + length > end) return this.wait(first, at, length, v5);
    this.first = first;
    this.bodyStart = at;
    this.bodyEnd = this.start = at + length;
    return PACKET;
  }

  /** Not all of a packet is there: waits for it, unless it can never be. */
  private wait(first: number, at: number, length: number, v5: boolean): number {
    const capacity = this.bytes.length;
    const size = at - this.start + length;
    if (size <= capacity) return NOTHING;
    if (first >> 4 !== PUBLISH || (v5 && size > this.packetBytesMax)) {
      // [5.0 MQTT-3.1.2-24]
      throw new PeerError(Reason.packetTooLarge, 'packet over the maximum');
    }
    // Once the buffer is full, all is there that can be known of it.
    if (this.end - this.start < capacity) return NOTHING;
    this.skippedQos = (first >> 1) & 3;
    this.skippedId = 0;
    this.skipIdAt = 2 + this.view.getUint16(at);
    this.skippedTopic = this.bytes.slice(at + 2, at + this.skipIdAt);
    this.skipLeft = length;
    this.start = at;
    return this.skip();
  }

  /** Lets bytes go by, noting the packet identifier behind the topic. */
  private skip(): number {
    const count = Math.min(this.end - this.start, this.skipLeft);
    for (let i = 0; i < 2; i++) {
      const at = this.skipIdAt + i;
      if (at >= 0 && at < count) this.skippedId |= this.bytes[this.start + at] << (8 - 8 * i);
    }
    this.skipIdAt -= count;
    this.start += count;
    this.skipLeft -= count;
    if (this.start === this.end) this.start = this.end = 0;
    if (this.skipLeft > 0) return NOTHING;
    if (this.skippedQos !== 0 && this.skippedId === 0) {
      // [3.1.1 MQTT-2.3.1-1]
      throw malformed('packet identifier 0');
    }
    return SKIPPED;
  }
}

/** What is wrong with a first byte: its type, or its flags [3.1.1 MQTT-2.2.2-2]. */
function firstFault(first: number, v5: boolean): PeerError {
  const packetType = first >> 4;
  if (FLAGS[packetType] !== 0 && (v5 || first < FIRST_V5)) return malformed('reserved flags');
  return (packetType === 0 ? malformed : illegal)(`packet type ${packetType} from a server`);
}
