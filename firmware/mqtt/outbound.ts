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
  /** Entries of the ring that were sent again since the session was found present. */
  private resendAt = 0;
  private resendEnd = 0;
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
  resume(v5: boolean, present: boolean, now: number): void {
    const flight = this.inFlight;
    this.v5 = v5;
    this.resumed = present;
    this.aliasCount = 0;
    this.outstanding = 0;
    this.resendAt = 0;
    this.resendEnd = 0;
    if (present) {
      this.resendEnd = flight.span;
      flight.times.fill(now);
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
    const flight = this.inFlight;
    while (this.resendAt < this.resendEnd) {
      if (this.outstanding >= this.limits.receiveMaximum) return false;
      const index = flight.at(this.resendAt);
      // Counted first: discarding an entry moves the cursor along with the head.
      this.resendAt++;
      this.outstanding++;
      if (!this.resendOne(index)) {
        this.resendAt--;
        this.outstanding--;
        return false;
      }
      flight.times[index] = now;
    }
    return true;
  }

  private resendOne(index: number): boolean {
    const flight = this.inFlight;
    const packetId = flight.packetIds[index];
    if (flight.states[index] === FREE) {
      this.outstanding--;
      return true;
    }
    if (flight.states[index] === AWAIT_PUBCOMP) return this.release(packetId, Reason.success);
    const source = this.sources[flight.sources[index]];
    const token = flight.tokens[index];
    if (!source.reload(token)) {
      this.discard(index);
      return true;
    }
    const qos = flight.states[index] === AWAIT_PUBACK ? 1 : 2;
    const done = this.encode(source, qos, packetId, true);
    if (done === TOO_LARGE) {
      source.settled(token, Reason.packetTooLarge);
      this.discard(index);
    } else if (done === SENT) source.published(true);
    return done !== NO_ROOM;
  }

  /** Frees an entry, keeping the resend cursor on its place while the head moves. */
  private discard(index: number): void {
    const flight = this.inFlight;
    const span = flight.span;
    const offset = flight.offset(index);
    if (offset < this.resendAt || offset >= this.resendEnd) this.outstanding--;
    flight.remove(index);
    const moved = span - flight.span;
    this.resendAt = Math.max(0, this.resendAt - moved);
    this.resendEnd = Math.max(0, this.resendEnd - moved);
  }

  private encode(source: MessageSource, qos: number, packetId: number, duplicate: boolean): number {
    const transmit = this.transmit;
    const message = source.message;
    const into = transmit.bytes;
    const start = transmit.end;
    const alias = this.v5 && message.repeats ? this.aliasOf(message.topic) : 0;
    const known = alias !== 0 && alias <= this.aliasCount;
    const topic = known ? NO_TOPIC : message.topic;
    let at = encodePublishHeader(into, start, topic, packetId, this.v5, alias, message.properties);
    at = source.writePayload(into, at);
    const retain = message.retain && this.limits.retainAvailable;
    const first = (PUBLISH << 4) | (qos << 1) | (duplicate && qos !== 0 ? 8 : 0) | (retain ? 1 : 0);
    const end = finishPacket(into, start, first, at);
    const limit = transmit.messageLimit;
    if (end > limit && start > 0) return NO_ROOM;
    if (end > limit || end - start > this.limits.maximumPacketSize) return TOO_LARGE;
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
    flight.times[index] = now;
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
