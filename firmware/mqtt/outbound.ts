/**
 * Outgoing messages: from the sources into the transmit buffer, in flight, settled.
 *
 * A message is sent once per connection and never again on a live one [5.0 MQTT-4.4.0-1]; after a
 * reconnect into a present session what was in flight goes first, in its order, with DUP and its
 * identifier. The broker's limits hold: receive maximum, packet size, QoS, retain, aliases.
 */

import { PeerError } from '../base/errors.ts';
import { PUBLISH, PUBREC, PUBREL, Reason } from './constants.ts';
import { encodeAcknowledgement, encodePublishHeader, finishPacket } from './encode.ts';
import { AWAIT_PUBACK, AWAIT_PUBCOMP, AWAIT_PUBREC, FREE, InFlight } from './in-flight.ts';
import type { Limits } from './limits.ts';
import type { MessageSource } from './message-source.ts';
import type { Packet } from './packet.ts';
import type { Requests } from './requests.ts';
import type { Transmit } from './transmit.ts';

const SENT = 0;
const NO_ROOM = 1;
const TOO_LARGE = 2;

const NO_TOPIC: Uint8Array = new Uint8Array(0);

export class Outbound {
  readonly inFlight: InFlight;
  private readonly sources: readonly MessageSource[];
  private readonly transmit: Transmit;
  private readonly limits: Limits;
  private readonly requests: Requests;
  private v5 = false;
  /** The session was found present, and not everything in the ring has been sent again. */
  private resending = false;
  /** Sent on this connection and not settled: what the receive maximum counts. */
  private outstanding = 0;
  /** Topics that have an alias on this connection; the alias is the index plus one. */
  private readonly aliases: Uint8Array[];
  private readonly aliasesMax: number;
  private aliasCount = 0;
  private lastId = 0xffff;
  /** Whether the session was present: an earlier boot's messages may be there already. */
  private resumed = false;

  constructor(
    sources: readonly MessageSource[],
    transmit: Transmit,
    limits: Limits,
    requests: Requests,
    windowMax: number,
    aliasesMax: number,
  ) {
    this.sources = sources;
    this.transmit = transmit;
    this.limits = limits;
    this.requests = requests;
    this.inFlight = new InFlight(windowMax);
    this.aliasesMax = aliasesMax;
    this.aliases = new Array(aliasesMax).fill(NO_TOPIC);
  }

  /** The broker accepted the connection. `present`: it still holds the session. */
  resume(v5: boolean, present: boolean): void {
    const flight = this.inFlight;
    this.v5 = v5;
    this.resumed = present;
    this.aliasCount = 0;
    this.outstanding = 0;
    this.resending = present;
    if (present) {
      flight.unsend();
      return;
    }
    // A QoS 2 message whose PUBREC came is the broker's: with the session it lost it, not we.
    flight.clear();
    for (const source of this.sources) source.rewind();
  }

  /** Fills the transmit buffer: redeliveries first, then the sources in their order. */
  fill(now: number): void {
    if (!this.resend(now)) return;
    const sources = this.sources;
    for (let i = 0; i < sources.length; i++) if (!this.drain(i, sources[i], now)) return;
  }

  /** @returns false when the transmit buffer is full */
  private drain(index: number, source: MessageSource, now: number): boolean {
    while (source.next(now)) {
      const message = source.message;
      const qos = Math.min(message.qos, this.limits.maximumQos);
      if (qos !== 0 && !this.open) {
        source.putBack();
        return true;
      }
      const packetId = qos === 0 ? 0 : this.identifier(message.packetId);
      const token = message.token;
      const done = this.encode(source, qos, packetId, this.resumed && message.duplicate);
      if (done === NO_ROOM) {
        source.putBack();
        return false;
      }
      if (done === TOO_LARGE) {
        source.settled(token, Reason.packetTooLarge);
        continue;
      }
      source.published(false);
      if (qos === 0) source.settled(token, Reason.success);
      else {
        const state = qos === 1 ? AWAIT_PUBACK : AWAIT_PUBREC;
        this.inFlight.add(packetId, token, index, state, now);
        this.outstanding++;
      }
    }
    return true;
  }

  /** Whether one more QoS 1 or 2 message may be in flight [5.0 MQTT-3.3.4-7]. */
  private get open(): boolean {
    return !this.inFlight.full && this.outstanding < this.limits.receiveMaximum;
  }

  /** @returns false when not everything that is to be sent again has been */
  private resend(now: number): boolean {
    if (!this.resending) return true;
    // A used-up receive maximum holds messages back, and never a PUBREL [5.0 MQTT-3.3.4-8].
    if (!this.resendAll(true, now) || !this.resendAll(false, now)) return false;
    this.resending = false;
    return true;
  }

  private resendAll(releases: boolean, now: number): boolean {
    const flight = this.inFlight;
    for (let offset = 0; offset < flight.span; offset++) {
      const index = flight.at(offset);
      const state = flight.states[index];
      const isDue = state !== FREE && flight.sent[index] === 0;
      if (!isDue || (state === AWAIT_PUBCOMP) !== releases) continue;
      if (!releases && this.outstanding >= this.limits.receiveMaximum) return false;
      const { span } = flight;
      const done = releases
        ? this.release(flight.packetIds[index], Reason.success)
        : this.resendOne(index);
      if (!done) return false;
      if (flight.states[index] !== FREE) this.count(index, now);
      // One that was given up moved the head: from the new one on, what was sent is passed over.
      if (flight.span !== span) offset = -1;
    }
    return true;
  }

  /** @returns false when there is no room */
  private resendOne(index: number): boolean {
    const flight = this.inFlight;
    const source = this.sources[flight.sources[index]];
    const token = flight.tokens[index];
    if (!source.reload(token)) {
      this.discard(index);
      return true;
    }
    // The broker may take less than on the connection before.
    const qos = Math.min(flight.states[index] === AWAIT_PUBACK ? 1 : 2, this.limits.maximumQos);
    const done = this.encode(source, qos, qos === 0 ? 0 : flight.packetIds[index], true);
    if (done === NO_ROOM) return false;
    if (done === SENT) source.published(true);
    if (done === SENT && qos !== 0) flight.states[index] = qos === 1 ? AWAIT_PUBACK : AWAIT_PUBREC;
    else {
      source.settled(token, done === SENT ? Reason.success : Reason.packetTooLarge);
      this.discard(index);
    }
    return true;
  }

  /** Notes that an entry's packet goes out on this connection. */
  private count(index: number, now: number): void {
    const flight = this.inFlight;
    this.outstanding += 1 - flight.sent[index];
    flight.sent[index] = 1;
    flight.times[index] = now;
  }

  private discard(index: number): void {
    this.outstanding -= this.inFlight.sent[index];
    this.inFlight.remove(index);
  }

  private encode(
    source: MessageSource,
    qos: number,
    packetId: number,
    duplicate: boolean,
    aliased = true,
  ): number {
    const transmit = this.transmit;
    const message = source.message;
    const into = transmit.bytes;
    const start = transmit.end;
    const alias = aliased && this.v5 && message.repeats ? this.aliasOf(message.topic) : 0;
    const known = alias !== 0 && alias <= this.aliasCount;
    const topic = known ? NO_TOPIC : message.topic;
    let at = encodePublishHeader(into, start, topic, packetId, this.v5, alias, message.properties);
    at = source.writePayload(into, at);
    const retain = message.retain && this.limits.retainAvailable;
    const first = (PUBLISH << 4) | (qos << 1) | (duplicate && qos !== 0 ? 8 : 0) | (retain ? 1 : 0);
    const end = finishPacket(into, start, first, at);
    const limit = transmit.messageLimit;
    if (end > limit && start > 0) return NO_ROOM;
    if (end > limit || end - start > this.limits.maximumPacketSize) {
      // An alias takes three bytes, which may be those that are too many.
      return alias === 0 ? TOO_LARGE : this.encode(source, qos, packetId, duplicate, false);
    }
    if (alias !== 0 && !known) this.aliases[this.aliasCount++] = message.topic;
    transmit.end = end;
    return SENT;
  }

  /** The alias of a topic: one in use, the next free one, or 0 when there is none. */
  private aliasOf(topic: Uint8Array): number {
    for (let i = 0; i < this.aliasCount; i++) if (this.aliases[i] === topic) return i + 1;
    const max = Math.min(this.aliasesMax, this.limits.topicAliasMaximum);
    return this.aliasCount < max ? this.aliasCount + 1 : 0;
  }

  /** `wanted` where it is free, else the next free identifier from 0x8000 up. */
  private identifier(wanted: number): number {
    if (wanted !== 0 && this.inFlight.find(wanted) < 0) return wanted;
    return this.allocate();
  }

  /** A packet identifier that is not in use: 0x8000 to 0xFFFF [3.1.1 MQTT-2.3.1-2] [5.0 MQTT-2.2.1-3]. */
  allocate(): number {
    do {
      this.lastId = this.lastId === 0xffff ? 0x8000 : this.lastId + 1;
    } while (this.inFlight.find(this.lastId) >= 0 || this.requests.find(this.lastId) >= 0);
    return this.lastId;
  }

  /** PUBACK, PUBREC or PUBCOMP came. An identifier that is not in flight is none of our business. */
  acknowledge(packetType: number, packetId: number, reason: number, now: number): void {
    const flight = this.inFlight;
    const index = flight.find(packetId);
    if (index < 0) {
      if (this.requests.find(packetId) >= 0) throw wrongKind();
      if (packetType === PUBREC) this.release(packetId, this.v5 ? Reason.packetIdNotFound : 0);
      return;
    }
    const state = flight.states[index];
    if (packetType === PUBREC) this.received(index, state, reason, now);
    else {
      const expected = packetType === PUBREC - 1 ? AWAIT_PUBACK : AWAIT_PUBCOMP;
      if (state !== expected) throw wrongKind();
      if (state === AWAIT_PUBACK) this.settle(index, reason);
      this.discard(index);
    }
  }

  /**
   * A SUBACK or UNSUBACK came: as `Requests.answered`.
   * @throws PeerError also when its identifier is that of a message
   */
  answered(packet: Packet): boolean {
    if (this.inFlight.find(packet.packetId) >= 0) throw wrongKind();
    return this.requests.answered(packet);
  }

  private received(index: number, state: number, reason: number, now: number): void {
    const flight = this.inFlight;
    if (state === AWAIT_PUBACK) throw wrongKind();
    if (state === AWAIT_PUBREC) this.settle(index, reason);
    if (reason >= 0x80) {
      this.discard(index);
      return;
    }
    flight.states[index] = AWAIT_PUBCOMP;
    this.count(index, now);
    this.release(flight.packetIds[index], Reason.success);
  }

  private settle(index: number, reason: number): void {
    const flight = this.inFlight;
    this.sources[flight.sources[index]].settled(flight.tokens[index], reason);
  }

  private release(packetId: number, reason: number): boolean {
    const transmit = this.transmit;
    if (!transmit.fits(5)) return false;
    transmit.end = encodeAcknowledgement(transmit.bytes, transmit.end, PUBREL, packetId, reason);
    return true;
  }
}

function wrongKind(): PeerError {
  return new PeerError(Reason.protocolError, 'an acknowledgement of the wrong kind');
}
