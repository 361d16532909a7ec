/**
 * Incoming messages: aliases resolved, QoS 2 delivered once, acknowledgements queued.
 *
 * QoS 2 is delivered at its first arrival, and its identifier is kept until PUBREL (method B is
 * not used). All memory is bounded: identifiers by the receive maximum, aliases by their number and
 * the largest packet.
 */

import { PeerError } from '../../base/errors.ts';
import { Property, Reason } from '../codec/constants.ts';
import type { Packet } from '../codec/packet.ts';
import { illegal } from '../codec/protocol-error.ts';
import { isPlainTopic, topicFault } from '../codec/topics.ts';
import type { SessionEvent } from './event.ts';
import type { ReceiveBuffer } from './receive-buffer.ts';
import {
  FAST_PATH_PUBLISH,
  PUBACK_WORD,
  PUBCOMP_WORD,
  PUBREC_WORD,
  type TransmitBuffer,
} from './transmit-buffer.ts';

/** The shortest PUBLISH whose topic `isPlainTopic` looks at. */
const PUBLISH_BYTES_MIN = 20;

export class Inbound {
  private readonly transmitBuffer: TransmitBuffer;
  /** Identifiers of QoS 2 messages that were delivered and not yet released. */
  private readonly held: number[] = [];
  private readonly heldMax: number;
  private readonly aliases: (Uint8Array | undefined)[];

  constructor(transmitBuffer: TransmitBuffer, receiveMax: number, aliasesIn: number) {
    this.transmitBuffer = transmitBuffer;
    this.heldMax = receiveMax;
    this.aliases = new Array(aliasesIn).fill(undefined);
  }

  /** A connection begins. Aliases never outlive one; QoS 2 state lives with the session. */
  connected(sessionPresent: boolean): void {
    this.aliases.fill(undefined);
    if (!sessionPresent) this.held.length = 0;
  }

  /**
   * Takes the PUBLISH that comes next by the fast path: whole, QoS 1, neither retained nor a
   * redelivery, with a plain topic and no properties. It touches nothing where anything is unusual,
   * or wrong: `publish` then says what. The caller has seen room for the PUBACK.
   * @returns whether it was taken: it is the event now, and its PUBACK is queued
   */
  fastPathPublish(received: ReceiveBuffer, event: SessionEvent, v5: boolean): boolean {
    const bytes = received.bytes;
    let at = received.start + 2;
    let length = bytes[at - 1];
    if (length > 0x7f) {
      length += (bytes[at] << 7) - 0x80;
      at += 1;
      if (length < 0x80) return false;
      if (length > 0x3fff) return false;
    }
    // A length behind the buffer's end is no number.
    if (!(length >= PUBLISH_BYTES_MIN)) return false;
    const end = at + length;
    if (end > received.end) return false;
    if (received.skipLeft) return false;
    const view = received.view;
    const topicStart = at + 2;
    const topicEnd = topicStart + view.getUint16(at);
    at = topicEnd + (v5 ? 3 : 2);
    if (at > end) return false;
    const packetId = view.getUint16(topicEnd);
    if (packetId === 0) return false;
    if (!isPlainTopic(view, topicStart, topicEnd)) return false;
    const packet = event.packet;
    if (v5) {
      if (bytes[at - 1] !== 0) return false;
      packet.properties.clear();
    }
    packet.first = FAST_PATH_PUBLISH;
    packet.packetId = packetId;
    event.topicBytes = bytes;
    event.topicStart = packet.topicStart = topicStart;
    event.topicEnd = packet.topicEnd = topicEnd;
    packet.payloadStart = at;
    packet.payloadEnd = received.start = end;
    event.type = 'message';
    this.transmitBuffer.view.setInt32(this.transmitBuffer.end, PUBACK_WORD | packetId);
    this.transmitBuffer.end += 4;
    return true;
  }

  /**
   * A PUBLISH was decoded: fills the event's topic and queues the acknowledgement.
   * @returns false when it had been delivered before
   * @throws PeerError for an illegal topic or alias, or more than the receive maximum
   */
  publish(packet: Packet, event: SessionEvent, v5: boolean): boolean {
    const start = packet.topicStart;
    const end = packet.topicEnd;
    event.topicBytes = packet.bytes;
    event.topicStart = start;
    event.topicEnd = end;
    if (v5 && packet.properties.any) this.resolve(packet, event);
    else if (start === end) throw unnamed();
    return this.acknowledge(packet.qos, packet.packetId);
  }

  /**
   * Queues PUBACK or PUBREC; the session decodes only while there is room for one.
   * @returns false when a QoS 2 message had been delivered before
   */
  acknowledge(qos: number, packetId: number): boolean {
    if (qos === 0) return true;
    if (qos === 1) return this.transmitBuffer.acknowledge(PUBACK_WORD | packetId, Reason.success);
    const fresh = this.held.indexOf(packetId) < 0;
    if (fresh) {
      if (this.held.length === this.heldMax) {
        // [5.0 MQTT-3.3.4-9]; in 3.1.1, which has no such limit, more than this client holds
        throw new PeerError(
          Reason.receiveMaximumExceeded,
          'more QoS 2 messages at once than allowed',
        );
      }
      this.held.push(packetId);
    }
    this.transmitBuffer.acknowledge(PUBREC_WORD | packetId, Reason.success);
    return fresh;
  }

  /** PUBREL came: the identifier is free again, known or not [MQTT-4.3.3-2]. */
  release(packetId: number, v5: boolean): void {
    const index = this.held.indexOf(packetId);
    if (index >= 0) this.held.splice(index, 1);
    const reason = index < 0 && v5 ? Reason.packetIdNotFound : Reason.success;
    this.transmitBuffer.acknowledge(PUBCOMP_WORD | packetId, reason);
  }

  /** What the properties of a PUBLISH ask for: its alias, and a response topic that is one. */
  private resolve(packet: Packet, event: SessionEvent): void {
    const properties = packet.properties;
    const alias = properties.number(Property.topicAlias, 0);
    const named = packet.topicEnd > packet.topicStart;
    if (alias > this.aliases.length) {
      throw new PeerError(Reason.topicAliasInvalid, 'topic alias over the maximum');
    }
    if (alias === 0) {
      if (!named) throw unnamed();
    } else if (named) {
      this.aliases[alias - 1] = packet.bytes.slice(packet.topicStart, packet.topicEnd);
    } else this.recall(alias, event);
    // A topic name, without wildcards [5.0 MQTT-3.3.2-14].
    const fault = properties.textFault(Property.responseTopic, topicFault);
    if (fault !== '') throw illegal(`response ${fault}`);
  }

  private recall(alias: number, event: SessionEvent): void {
    const topic = this.aliases[alias - 1];
    if (topic === undefined) throw illegal('topic alias that was never set');
    event.topicBytes = topic;
    event.topicStart = 0;
    event.topicEnd = topic.length;
  }
}

function unnamed(): PeerError {
  return illegal('PUBLISH with neither topic nor alias');
}
