/**
 * One received packet, decoded in place.
 *
 * Positions refer to the receive buffer and are valid until the next packet is decoded. Decoding
 * validates everything that one packet alone can show; what depends on the connection's state
 * (order, identifiers in use, aliases) is the session's to judge.
 */

import { readUint16 } from '../base/bytes.ts';
import { PeerError } from '../base/errors.ts';
import { decodeUtf8 } from '../base/text.ts';
import * as type from './constants.ts';
import { Reason } from './constants.ts';
import { Properties } from './properties.ts';
import { topicFault } from './topics.ts';

/** What the low four bits of the first byte must be, by packet type; PUBLISH is free. */
const FLAGS: readonly number[] = Object.freeze([0, 0, 0, 0, 0, 0, 2, 0, 2, 0, 2, 0, 0, 0, 0, 0]);

/** The packet types that a 3.1.1 server may send, one bit each. */
const FROM_SERVER = 0x2afc;

/** Reason codes that each acknowledging packet may carry (5.0 sections 3.4 to 3.15). */
const PUBLISH_REASONS: readonly number[] = Object.freeze([
  0, 0x10, 0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99,
]);
const RELEASE_REASONS: readonly number[] = Object.freeze([0, 0x92]);
const SUBSCRIBE_REASONS: readonly number[] = Object.freeze([
  0, 1, 2, 0x80, 0x83, 0x87, 0x8f, 0x91, 0x97, 0x9e, 0xa1, 0xa2,
]);
const UNSUBSCRIBE_REASONS: readonly number[] = Object.freeze([
  0, 0x11, 0x80, 0x83, 0x87, 0x8f, 0x91,
]);
const CONNECT_REASONS: readonly number[] = Object.freeze([
  0, 0x80, 0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8a, 0x8c, 0x90, 0x95, 0x97, 0x99,
  0x9a, 0x9b, 0x9c, 0x9d, 0x9f,
]);
/** With 0x8C, which table 2-6 of 5.0 gives to DISCONNECT and table 3-10 does not. */
const DISCONNECT_REASONS: readonly number[] = Object.freeze([
  0, 0x80, 0x81, 0x82, 0x83, 0x87, 0x89, 0x8b, 0x8c, 0x8d, 0x8e, 0x8f, 0x90, 0x93, 0x94, 0x95, 0x96,
  0x97, 0x98, 0x99, 0x9a, 0x9b, 0x9c, 0x9d, 0x9e, 0x9f, 0xa0, 0xa1, 0xa2,
]);
const AUTH_REASONS: readonly number[] = Object.freeze([0, 0x18]);

/**
 * Judges a packet's first byte, before the rest of it has arrived.
 * @throws PeerError for a type that no server sends, or for wrong reserved flags
 */
export function checkFirstByte(first: number, v5: boolean): void {
  const packetType = first >> 4;
  const allowed = v5 ? FROM_SERVER | 0xc000 : FROM_SERVER;
  if (((allowed >> packetType) & 1) === 0) {
    const reason = packetType === 0 ? Reason.malformed : Reason.protocolError;
    throw new PeerError(reason, `packet type ${packetType} from a server`);
  }
  if (packetType !== type.PUBLISH) {
    if ((first & 0x0f) !== FLAGS[packetType]) {
      throw new PeerError(Reason.malformed, 'reserved flags are set [3.1.1 MQTT-2.2.2-2]');
    }
  } else if ((first & 6) === 6) {
    throw new PeerError(Reason.malformed, 'a PUBLISH has QoS 3 [MQTT-3.3.1-4]');
  } else if ((first & 0x0e) === 8) {
    throw new PeerError(Reason.malformed, 'a QoS 0 PUBLISH has DUP set [MQTT-3.3.1-2]');
  }
}

/** See the file's header. One object, decoded into again and again. */
export class Packet {
  bytes: Uint8Array = new Uint8Array(0);
  packetType = 0;
  qos = 0;
  retain = false;
  duplicate = false;
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

  /** A PUBLISH's topic, as the packet carries it: empty where an alias stands for it. */
  topic(): string {
    return decodeUtf8(this.bytes, this.topicStart, this.topicEnd);
  }

  /**
   * Decodes the packet whose body is `bytes[start..end)`.
   * @param first its first byte, already judged by `checkFirstByte`
   * @throws PeerError when it is malformed
   */
  decode(first: number, bytes: Uint8Array, start: number, end: number, v5: boolean): void {
    const packetType = first >> 4;
    this.bytes = bytes;
    this.packetType = packetType;
    this.reason = 0;
    if (packetType === type.PUBLISH) this.decodePublish(first, start, end, v5);
    else if (packetType < type.SUBSCRIBE && packetType !== type.CONNACK) {
      this.decodeAcknowledgement(start, end, v5);
    } else this.decodeRare(start, end, v5);
  }

  private decodePublish(first: number, start: number, end: number, v5: boolean): void {
    const qos = (first >> 1) & 3;
    this.qos = qos;
    this.retain = (first & 1) !== 0;
    this.duplicate = (first & 8) !== 0;
    const topicStart = start + 2;
    const topicEnd = topicStart + readUint16(this.bytes, start);
    let at = qos === 0 ? topicEnd : topicEnd + 2;
    if (start + 2 > end || at > end) throw shortened('PUBLISH');
    this.topicStart = topicStart;
    this.topicEnd = topicEnd;
    const fault = topicFault(this.bytes, topicStart, topicEnd);
    if (fault !== '') throw new PeerError(Reason.malformed, fault);
    this.packetId = 0;
    if (qos !== 0) this.takePacketId(topicEnd);
    if (v5) at = this.properties.parse(type.PUBLISH, this.bytes, at, end);
    this.payloadStart = at;
    this.payloadEnd = end;
  }

  /** PUBACK, PUBREC, PUBREL and PUBCOMP: identifier, then in 5.0 reason and properties at will. */
  private decodeAcknowledgement(start: number, end: number, v5: boolean): void {
    const length = end - start;
    if (length < 2 || (length > 2 && !v5)) throw shortened('acknowledgement');
    this.takePacketId(start);
    this.properties.clear();
    if (length === 2) return;
    const reason = this.bytes[start + 2];
    const isRelease = this.packetType > type.PUBREC;
    this.takeReason(reason, isRelease ? RELEASE_REASONS : PUBLISH_REASONS);
    if (length > 3) this.takeProperties(start + 3, end, true);
  }

  private decodeRare(start: number, end: number, v5: boolean): void {
    this.properties.clear();
    switch (this.packetType) {
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
        if (end !== start) throw shortened('PINGRESP');
        break;
      case type.DISCONNECT:
        this.decodeReasoned(start, end, DISCONNECT_REASONS);
        break;
      default:
        this.decodeReasoned(start, end, AUTH_REASONS);
    }
  }

  private decodeConnack(start: number, end: number, v5: boolean): void {
    if (end - start < 2 || (!v5 && end - start !== 2)) throw shortened('CONNACK');
    const flags = this.bytes[start];
    if (flags > 1) {
      throw new PeerError(Reason.malformed, 'CONNACK has reserved flags set [5.0 MQTT-3.2.2-1]');
    }
    const reason = this.bytes[start + 1];
    this.sessionPresent = flags === 1;
    if (this.sessionPresent && reason !== 0) {
      throw new PeerError(
        Reason.protocolError,
        'CONNACK refuses with a session present [5.0 MQTT-3.2.2-6] [3.1.1 MQTT-3.2.2-4]',
      );
    }
    // A server that knows only 3.1.1 answers a 5.0 CONNECT in its own form (3.1.1 section 3.1.2.2).
    if (v5 && end - start === 2) {
      if (reason !== 1) throw shortened('CONNACK');
      this.reason = Reason.unsupportedVersion;
    } else if (v5) {
      this.takeReason(reason, CONNECT_REASONS);
      this.takeProperties(start + 2, end, true);
    } else {
      if (reason > 5) throw new PeerError(Reason.malformed, 'CONNACK has an unknown return code');
      this.reason = reason;
    }
  }

  private decodeReasons(start: number, end: number, v5: boolean, allowed: readonly number[]): void {
    if (end - start < 2) throw shortened('acknowledgement');
    this.takePacketId(start);
    let at = start + 2;
    if (v5) at = this.takeProperties(at, end, false);
    this.payloadStart = at;
    this.payloadEnd = end;
    if (!v5 && this.packetType === type.UNSUBACK) {
      if (at !== end) throw shortened('UNSUBACK');
      return;
    }
    if (at === end) throw shortened('acknowledgement');
    for (; at < end; at++) {
      const code = this.bytes[at];
      const known = v5 ? allowed.indexOf(code) >= 0 : code <= 2 || code === 0x80;
      if (!known) {
        throw new PeerError(Reason.malformed, 'a reserved return code [3.1.1 MQTT-3.9.3-2]');
      }
    }
  }

  /** DISCONNECT and AUTH: both parts may be left out from the end. */
  private decodeReasoned(start: number, end: number, allowed: readonly number[]): void {
    if (end === start) return;
    this.takeReason(this.bytes[start], allowed);
    if (end - start > 1) this.takeProperties(start + 1, end, true);
  }

  private takePacketId(at: number): void {
    this.packetId = readUint16(this.bytes, at);
    if (this.packetId === 0) {
      throw new PeerError(Reason.protocolError, 'packet identifier 0 [3.1.1 MQTT-2.3.1-1]');
    }
  }

  private takeReason(reason: number, allowed: readonly number[]): void {
    if (reason !== 0 && allowed.indexOf(reason) < 0) {
      throw new PeerError(
        Reason.protocolError,
        `reason code 0x${reason.toString(16)} in a wrong packet`,
      );
    }
    this.reason = reason;
  }

  private takeProperties(at: number, end: number, whole: boolean): number {
    const after = this.properties.parse(this.packetType, this.bytes, at, end);
    if (whole && after !== end) throw shortened('packet with properties');
    return after;
  }
}

function shortened(what: string): PeerError {
  return new PeerError(Reason.malformed, `${what} has a length that does not match its content`);
}
