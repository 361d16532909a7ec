/**
 * The bytes on their way out: whole packets, one after the other, in one buffer. The connection
 * writes `bytes[start..end)` and reports what was taken.
 *
 * PUBLISH and the acknowledgements, of which there is one per message, are written here; the rare
 * packets by encode.ts. Both shapes are made for XS, where each step of the interpreter costs.
 */

import { NO_BYTES, writeBytes, writeUint16 } from '../../base/bytes.ts';
import { Property } from '../codec/constants.ts';
import { finishPacket } from '../codec/encode.ts';
import { writeVarint } from '../codec/varint.ts';
import type { MessageSource } from '../message-source.ts';

/** Kept free for acknowledgements, PINGREQ and DISCONNECT while messages fill the buffer. */
const RESERVE_BYTES = 32;
/** The largest acknowledgement: with a reason. */
const ANSWER_BYTES = 5;

/** No topic lies ready. */
const NONE: Uint8Array = new Uint8Array(0);

/** Acknowledgements without a reason; the packet identifier goes into the low 16 bits. */
export const PUBACK_WORD = 0x4002_0000;
export const PUBREC_WORD = 0x5002_0000;
export const PUBREL_WORD = 0x6202_0000;
export const PUBCOMP_WORD = 0x7002_0000;

/** The first byte of a PUBACK, and of a PUBLISH with QoS 1 and no other flag. */
export const FAST_PATH_PUBACK = 0x40;
export const FAST_PATH_PUBLISH = 0x32;

/** For `publish` in place of an alias: 3.1.1, a PUBLISH has no properties. */
export const NO_PROPERTIES = -1;
/** Added to an alias that the broker knows: the topic is left out. */
export const KNOWN_ALIAS = 0x1_0000;

export class TransmitBuffer {
  readonly bytes: Uint8Array;
  start = 0;
  end = 0;
  /**
   * A message may end up to here without further checks: the broker takes it, and `messageLimit`
   * holds.
   */
  sizeMin = 0;
  readonly view: DataView;
  /** Where acknowledgements have to begin. */
  readonly answerLimit: number;
  /** Bytes that the remaining length of the last PUBLISH took: the next one is likely alike. */
  width = 2;
  /**
   * What lies ready in the PUBLISH at 0 while its first byte is FAST_PATH_PUBLISH: all before the
   * payload but the identifier, for messages with this topic and these properties.
   */
  topic = NONE;
  properties = NONE;
  packetIdAt = 0;
  payloadAt = 0;
  /** The range in which it may end: only the first byte of its length changes, and it fits. */
  endMin = 0;
  endMax = 0;
  /** The first byte of its length counts the bytes from here to its end. */
  lengthFrom = 0;

  /** @param capacity bytes; the largest packet that can be sent is 32 less */
  constructor(capacity: number) {
    this.bytes = new Uint8Array(capacity);
    this.view = new DataView(this.bytes.buffer);
    this.answerLimit = capacity - ANSWER_BYTES;
  }

  /** Where messages have to end, so that small packets still find room behind them. */
  get messageLimit(): number {
    return this.bytes.length - RESERVE_BYTES;
  }

  get empty(): boolean {
    return this.start === this.end;
  }

  /** Whether an acknowledgement, or any other small answer, still finds room. */
  get answerable(): boolean {
    return this.end <= this.answerLimit;
  }

  clear(): void {
    this.start = this.end = 0;
  }

  /** Nothing lies ready any more. */
  forget(): void {
    this.topic = NONE;
  }

  /**
   * Queues PUBACK, PUBREC, PUBREL or PUBCOMP (sections 3.4 to 3.7).
   * @param word one of the words above, with the packet identifier
   * @param reason sent in 5.0 where it is not 0; pass 0 for 3.1.1
   * @returns false when there was no room
   */
  acknowledge(word: number, reason: number): boolean {
    const end = this.end;
    if (end > this.answerLimit) return false;
    this.view.setInt32(end, word);
    this.end = end + 4;
    if (reason !== 0) {
      this.bytes[end + 1] = 3;
      this.bytes[end + 4] = reason;
      this.end = end + ANSWER_BYTES;
    }
    return true;
  }

  /**
   * Writes a source's current message as PUBLISH (section 3.3) behind what waits; to queue it, the
   * caller moves `end`.
   * @param first the first byte
   * @param packetId 0 for QoS 0
   * @param alias 5.0: the topic alias to define or, with KNOWN_ALIAS, to use; 0 for none.
   * NO_PROPERTIES in 3.1.1
   * @returns the position after it; beyond the buffer when there was no room
   */
  publish(source: MessageSource, first: number, packetId: number, alias: number): number {
    const into = this.bytes;
    const topic = source.message.topic;
    const properties = source.message.properties;
    const start = this.end;
    const name = alias < KNOWN_ALIAS ? topic : NO_BYTES;
    let at = start + this.width + 1;
    at = writeBytes(into, writeUint16(into, at, name.length), name);
    const packetIdAt = at;
    if (packetId !== 0) at = writeUint16(into, at, packetId);
    if (alias >= 0) at = writeProperties(into, at, alias, properties);
    if (start === 0) {
      // Until it is whole: a source may throw.
      into[0] = 0;
      // With a new alias the next PUBLISH looks different.
      const isDefined = alias > 0 && alias < KNOWN_ALIAS;
      this.topic = isDefined ? NONE : topic;
      this.properties = properties;
      this.packetIdAt = packetIdAt;
      this.payloadAt = at;
    }
    return this.finish(first, source.writePayload(into, at, this.view));
  }

  /** Puts the first byte and the length before a body, and notes whether it lies ready now. */
  private finish(first: number, bodyEnd: number): number {
    const into = this.bytes;
    const start = this.end;
    const body = start + this.width + 1;
    const length = bodyEnd - body;
    const end = finishPacket(into, start, first, bodyEnd, body);
    const width = length < 0x80 ? 1 : 2;
    this.width = width;
    if (start === 0) {
      // What had to be moved does not lie where it is looked for.
      if (end !== bodyEnd) this.topic = NONE;
      this.endMin = body + (length & ~0x7f);
      this.endMax = Math.min(this.endMin + 0x7f, this.sizeMin);
      // Its first byte says by its highest bit that another one follows.
      this.lengthFrom = width === 1 ? this.endMin : this.endMin - 0x80;
    }
    return end;
  }
}

function writeProperties(
  into: Uint8Array,
  start: number,
  alias: number,
  properties: Uint8Array,
): number {
  let at = writeVarint(into, start, properties.length + (alias === 0 ? 0 : 3));
  if (alias !== 0) {
    into[at] = Property.topicAlias;
    into[at + 1] = alias >> 8;
    into[at + 2] = alias;
    at += 3;
  }
  return properties.length === 0 ? at : writeBytes(into, at, properties);
}
