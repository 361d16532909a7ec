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
import { topicFault } from '../codec/topics.ts';
import type { SessionEvent } from './event.ts';
import { PUBACK_WORD, PUBCOMP_WORD, PUBREC_WORD, type TransmitBuffer } from './transmit-buffer.ts';

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
    if ((packet.first & 6) !== 2) return this.acknowledge(packet.qos, packet.packetId);
    return this.transmitBuffer.acknowledge(PUBACK_WORD | packet.packetId, Reason.success);
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
    const { properties, topicStart, topicEnd } = packet;
    const alias = properties.number(Property.topicAlias, 0);
    const named = topicEnd > topicStart;
    if (alias > this.aliases.length) {
      throw new PeerError(Reason.topicAliasInvalid, 'topic alias over the maximum');
    }
    if (alias === 0) {
      if (!named) throw unnamed();
    } else if (named) this.aliases[alias - 1] = packet.bytes.slice(topicStart, topicEnd);
    else this.recall(alias, event);
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
