/**
 * One received packet, decoded in place.
 *
 * Positions refer to the receive buffer and are valid until the next packet is decoded. Decoding
 * validates everything that one packet alone can show; what depends on the connection's state
 * (order, identifiers in use, aliases) is the session's to judge.
 */

import { hexBytes, NO_BYTES } from '../../base/bytes.ts';
import { decodeUtf8 } from '../../base/utf8.ts';
import * as type from './constants.ts';
import { Reason } from './constants.ts';
import { Properties } from './properties.ts';
import { illegal, malformed } from './protocol-error.ts';
import { isPlainTopic, topicFault } from './topics.ts';

/** Reason codes that each acknowledging packet may carry (5.0 sections 3.2 to 3.15), in hex. */
const PUBLISH_REASONS = hexBytes('001080838790919799');
const RELEASE_REASONS = hexBytes('0092');
const SUBSCRIBE_REASONS = hexBytes('0001028083878f91979ea1a2');
const UNSUBSCRIBE_REASONS = hexBytes('00118083878f91');
const CONNECT_REASONS = hexBytes('00808182838485868788898a8c909597999a9b9c9d9f');
/** With 0x8C, which table 2-6 of 5.0 gives to DISCONNECT and table 3-10 does not. */
const DISCONNECT_REASONS = hexBytes('008081828387898b8c8d8e8f90939495969798999a9b9c9d9e9fa0a1a2');
const AUTH_REASONS = hexBytes('0018');

/** See the file's header. One object, decoded into again and again. */
export class Packet {
  bytes = NO_BYTES;
  /** The first byte: type and flags. */
  first = 0;
  packetId = 0;
  /** Reason code, or 3.1.1 return code; 0 where the packet has none. */
  reason = 0;
  sessionPresent = false;
  topicStart = 0;
  topicEnd = 0;
  /** The payload of a PUBLISH, or the reason codes of a SUBACK or UNSUBACK. */
  payloadStart = 0;
  payloadEnd = 0;
  readonly properties = new Properties();
  private view!: DataView;

  get packetType(): number {
    return this.first >> 4;
  }

  get qos(): number {
    return (this.first >> 1) & 3;
  }

  get retain(): boolean {
    return (this.first & 1) !== 0;
  }

  get duplicate(): boolean {
    return (this.first & 8) !== 0;
  }

  /** A PUBLISH's topic, as the packet carries it: empty where an alias stands for it. */
  topic(): string {
    return decodeUtf8(this.bytes, this.topicStart, this.topicEnd);
  }

  /** Takes a buffer to decode from, and the view of it. */
  attach(bytes: Uint8Array, view: DataView): void {
    this.bytes = bytes;
    this.view = view;
  }

  /**
   * Decodes the packet whose body is `bytes[start..end)`.
   * @param first its first byte, already judged by the receive buffer
   * @throws PeerError when it is malformed
   */
  decode(first: number, bytes: Uint8Array, start: number, end: number, v5: boolean): void {
    this.first = first;
    this.reason = 0;
    if (this.bytes !== bytes) {
      this.attach(bytes, new DataView(bytes.buffer, bytes.byteOffset, bytes.length));
    }
    if (first >> 4 !== type.PUBLISH) {
      this.decodeOther(start, end, v5);
      return;
    }
    const view = this.view;
    const topicStart = start + 2;
    const topicEnd = topicStart > end ? topicStart : topicStart + view.getUint16(start);
    let at = (first & 6) === 0 ? topicEnd : topicEnd + 2;
    if (at > end) throw shortened();
    this.topicStart = topicStart;
    this.topicEnd = topicEnd;
    if (!isPlainTopic(view, topicStart, topicEnd)) {
      const fault = topicFault(bytes, topicStart, topicEnd);
      if (fault !== '') throw malformed(fault);
    }
    if (at === topicEnd) this.packetId = 0;
    else this.takePacketId(topicEnd);
    if (v5) at = this.properties.parse(type.PUBLISH, bytes, at, end);
    this.payloadStart = at;
    this.payloadEnd = end;
  }

  private decodeOther(start: number, end: number, v5: boolean): void {
    const packetType = this.first >> 4;
    this.properties.clear();
    if (packetType < type.SUBSCRIBE && packetType !== type.CONNACK) {
      this.decodeAcknowledgement(start, end, v5);
    } else this.decodeRare(start, end, v5);
  }

  /** PUBACK, PUBREC, PUBREL and PUBCOMP: identifier, then in 5.0 reason and properties at will. */
  private decodeAcknowledgement(start: number, end: number, v5: boolean): void {
    const length = end - start;
    if (length < 2 || (length > 2 && !v5)) throw shortened();
    this.takePacketId(start);
    if (length === 2) return;
    const isRelease = this.first >> 4 > type.PUBREC;
    this.takeReason(this.bytes[start + 2], isRelease ? RELEASE_REASONS : PUBLISH_REASONS);
    if (length > 3) this.takeProperties(start + 3, end, true);
  }

  private decodeRare(start: number, end: number, v5: boolean): void {
    switch (this.first >> 4) {
      case type.CONNACK:
        this.decodeConnack(start, end, v5);
        break;
      case type.SUBACK:
        this.decodeReasons(start, end, v5, SUBSCRIBE_REASONS);
        break;
      case type.UNSUBACK:
        this.decodeReasons(start, end, v5, UNSUBSCRIBE_REASONS);
        break;
      case type.PINGRESP:
        if (end !== start) throw shortened();
        break;
      case type.DISCONNECT:
        this.decodeReasoned(start, end, DISCONNECT_REASONS);
        break;
      default:
        this.decodeReasoned(start, end, AUTH_REASONS);
    }
  }

  private decodeConnack(start: number, end: number, v5: boolean): void {
    const length = end - start;
    if (length < 2 || (!v5 && length !== 2)) throw shortened();
    const flags = this.bytes[start];
    // [5.0 MQTT-3.2.2-1]
    if (flags > 1) throw malformed('CONNACK: reserved flags');
    const reason = this.bytes[start + 1];
    this.sessionPresent = flags === 1;
    // [5.0 MQTT-3.2.2-6] [3.1.1 MQTT-3.2.2-4]
    if (flags === 1 && reason !== 0) throw illegal('CONNACK refuses with a session present');
    this.reason = reason;
    if (!v5) {
      if (reason > 5) throw malformed('CONNACK: unknown return code');
    } else if (length === 2) {
      // A server that knows only 3.1.1 answers a 5.0 CONNECT in its own form (3.1.1 section 3.1.2.2).
      if (reason !== 1) throw shortened();
      this.reason = Reason.unsupportedVersion;
    } else {
      this.takeReason(reason, CONNECT_REASONS);
      this.takeProperties(start + 2, end, true);
    }
  }

  private decodeReasons(start: number, end: number, v5: boolean, allowed: Uint8Array): void {
    if (end - start < 2) throw shortened();
    this.takePacketId(start);
    let at = start + 2;
    if (v5) at = this.takeProperties(at, end, false);
    this.payloadStart = at;
    this.payloadEnd = end;
    const isEmpty = !v5 && this.first >> 4 === type.UNSUBACK;
    if ((at === end) !== isEmpty) throw shortened();
    for (; at < end; at++) {
      const code = this.bytes[at];
      const known = v5 ? allowed.indexOf(code) >= 0 : code <= 2 || code === 0x80;
      // [3.1.1 MQTT-3.9.3-2]
      if (!known) throw malformed('reserved return code');
    }
  }

  /** DISCONNECT and AUTH: both parts may be left out from the end. */
  private decodeReasoned(start: number, end: number, allowed: Uint8Array): void {
    if (end === start) return;
    this.takeReason(this.bytes[start], allowed);
    if (end - start > 1) this.takeProperties(start + 1, end, true);
  }

  private takePacketId(at: number): void {
    const packetId = this.view.getUint16(at);
    this.packetId = packetId;
    // [3.1.1 MQTT-2.3.1-1]
    if (packetId === 0) throw illegal('packet identifier 0');
  }

  private takeReason(reason: number, allowed: Uint8Array): void {
    if (allowed.indexOf(reason) < 0) throw illegal(`reason ${reason} in a wrong packet`);
    this.reason = reason;
  }

  private takeProperties(at: number, end: number, whole: boolean): number {
    const after = this.properties.parse(this.first >> 4, this.bytes, at, end);
    if (whole && after !== end) throw shortened();
    return after;
  }
}

function shortened(): Error {
  return malformed('length that does not match the content');
}
