/**
 * Incoming messages: aliases resolved, QoS 2 delivered once, acknowledgements queued.
 *
 * QoS 2 is delivered at its first arrival, and its identifier is kept until PUBREL (method B is
 * not used). All memory is bounded: identifiers by the receive maximum, aliases by their number and
 * the largest packet.
 */

import { PeerError } from '../base/errors.ts';
import { Property, PUBACK, PUBCOMP, PUBREC, Reason } from './constants.ts';
import { encodeAcknowledgement } from './encode.ts';
import type { SessionEvent } from './event.ts';
import type { Packet } from './packet.ts';
import { topicFault } from './topics.ts';
import type { Transmit } from './transmit.ts';

/** The largest acknowledgement; the session decodes only while one more fits. */
export const ACKNOWLEDGEMENT_BYTES = 5;

export class Inbound {
  private readonly transmit: Transmit;
  /** Identifiers of QoS 2 messages that were delivered and not yet released. */
  private readonly held: Uint16Array;
  private heldCount = 0;
  private readonly aliases: (Uint8Array | undefined)[];

  constructor(transmit: Transmit, receiveMax: number, aliasesIn: number) {
    this.transmit = transmit;
    this.held = new Uint16Array(receiveMax);
    this.aliases = new Array(aliasesIn).fill(undefined);
  }

  /** A connection begins. Aliases never outlive one; QoS 2 state lives with the session. */
  connected(sessionPresent: boolean): void {
    this.aliases.fill(undefined);
    if (!sessionPresent) this.heldCount = 0;
  }

  /**
   * A PUBLISH was decoded: fills the event's topic and queues the acknowledgement.
   * @returns false when it had been delivered before
   * @throws PeerError for an illegal topic or alias, or more than the receive maximum
   */
  publish(packet: Packet, event: SessionEvent, v5: boolean): boolean {
    this.resolve(packet, event, v5);
    if (v5) checkResponseTopic(packet);
    return this.acknowledge(packet.qos, packet.packetId, v5);
  }

  /** Queues PUBACK or PUBREC. @returns false when a QoS 2 message had been delivered before */
  acknowledge(qos: number, packetId: number, v5: boolean): boolean {
    if (qos === 0) return true;
    if (qos === 1) {
      this.queue(PUBACK, packetId, Reason.success);
      return true;
    }
    const fresh = this.find(packetId) < 0;
    if (fresh) {
      if (this.heldCount === this.held.length) {
        const detail = v5
          ? 'more than the receive maximum [5.0 MQTT-3.3.4-9]'
          : 'more QoS 2 messages at once than this client holds';
        throw new PeerError(Reason.receiveMaximumExceeded, detail);
      }
      this.held[this.heldCount++] = packetId;
    }
    this.queue(PUBREC, packetId, Reason.success);
    return fresh;
  }

  /** PUBREL came: the identifier is free again, known or not [MQTT-4.3.3-2]. */
  release(packetId: number, v5: boolean): void {
    const index = this.find(packetId);
    if (index >= 0) this.held[index] = this.held[--this.heldCount];
    this.queue(PUBCOMP, packetId, index < 0 && v5 ? Reason.packetIdNotFound : Reason.success);
  }

  private find(packetId: number): number {
    for (let i = 0; i < this.heldCount; i++) if (this.held[i] === packetId) return i;
    return -1;
  }

  private queue(packetType: number, packetId: number, reason: number): void {
    const transmit = this.transmit;
    transmit.end = encodeAcknowledgement(
      transmit.bytes,
      transmit.end,
      packetType,
      packetId,
      reason,
    );
  }

  private resolve(packet: Packet, event: SessionEvent, v5: boolean): void {
    event.topicBytes = packet.bytes;
    event.topicStart = packet.topicStart;
    event.topicEnd = packet.topicEnd;
    const alias = v5 ? packet.properties.number(Property.topicAlias, 0) : 0;
    const named = packet.topicEnd > packet.topicStart;
    if (alias > this.aliases.length) {
      throw new PeerError(Reason.topicAliasInvalid, 'a topic alias over the maximum');
    }
    if (alias === 0) {
      if (named) return;
      throw new PeerError(Reason.protocolError, 'a PUBLISH with neither topic nor alias');
    }
    if (named) this.define(alias, packet);
    else this.recall(alias, event);
  }

  private define(alias: number, packet: Packet): void {
    this.aliases[alias - 1] = packet.bytes.slice(packet.topicStart, packet.topicEnd);
  }

  private recall(alias: number, event: SessionEvent): void {
    const topic = this.aliases[alias - 1];
    if (topic === undefined) {
      throw new PeerError(Reason.protocolError, 'a topic alias that was never set');
    }
    event.topicBytes = topic;
    event.topicStart = 0;
    event.topicEnd = topic.length;
  }
}

/** A response topic is a topic name, without wildcards [5.0 MQTT-3.3.2-14]. */
function checkResponseTopic(packet: Packet): void {
  const fault = packet.properties.textFault(Property.responseTopic, topicFault);
  if (fault !== '') throw new PeerError(Reason.protocolError, `response topic: ${fault}`);
}
