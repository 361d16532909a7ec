/**
 * Outgoing messages: from the sources into the transmit buffer, in flight, settled.
 *
 * A message is sent once per connection and never again on a live one [5.0 MQTT-4.4.0-1]; after a
 * reconnect into a present session what was in flight goes first, in its order, with DUP and its
 * identifier. The broker's limits hold: receive maximum, packet size, QoS, retain, aliases.
 */

import { PUBREC, Reason } from '../codec/constants.ts';
import type { Packet } from '../codec/packet.ts';
import { wrongKind } from '../codec/protocol-error.ts';
import type { MessageSource, OutgoingMessage } from '../message-source.ts';
import { AWAIT_PUBACK, AWAIT_PUBCOMP, AWAIT_PUBREC, HOLE, InFlight, OUT } from './in-flight.ts';
import type { Limits } from './limits.ts';
import type { SessionOptions } from './options.ts';
import type { ReceiveBuffer } from './receive-buffer.ts';
import type { Requests } from './requests.ts';
import {
  FAST_PATH_PUBLISH,
  KNOWN_ALIAS,
  NO_PROPERTIES,
  PUBACK_WORD,
  PUBREL_WORD,
  type TransmitBuffer,
} from './transmit-buffer.ts';

const SENT = 0;
/** The transmit buffer is full for now. */
const NO_ROOM = 1;
const TOO_LARGE = 2;
/** The window is closed: as many messages are in flight as may be. */
const CLOSED = 3;

/** A PUBACK's four bytes less this are the in-flight cell that it settles, but for its source. */
const PUBACK_FOR_OUT = PUBACK_WORD - OUT;
const NOT_SOURCE = 0xff00_ffff | 0;

/** DUP in the first byte of a PUBLISH. */
const DUP = 8;

export class Outbound {
  readonly inFlight: InFlight;
  readonly sources: readonly MessageSource[];
  readonly transmitBuffer: TransmitBuffer;
  private readonly limits: Limits;
  private readonly requests: Requests;
  private v5 = false;
  /**
   * When the ring's messages are sent again, in milliseconds, before any other; negative for at
   * once, 0 once all are sent.
   */
  private resendAt = 0;
  /** Topics with an alias on this connection: the index plus one. */
  private readonly aliases: Uint8Array[] = [];
  private readonly aliasesMax: number;
  private lastId = 0xffff;
  /** The broker's highest QoS. */
  private qosMax = 2;
  /** With fewer messages than this in flight, holes included, the window is open. */
  windowMin = 0;
  /** Whether the session was present: an earlier boot's messages may be there already. */
  private resumed = false;

  constructor(
    sources: readonly MessageSource[],
    transmitBuffer: TransmitBuffer,
    limits: Limits,
    requests: Requests,
    options: SessionOptions,
  ) {
    this.sources = sources;
    this.transmitBuffer = transmitBuffer;
    this.limits = limits;
    this.requests = requests;
    this.inFlight = new InFlight(options.windowMax);
    this.aliasesMax = options.aliasesOut;
  }

  /** The broker accepted the connection. `present`: it still holds the session. */
  resume(v5: boolean, present: boolean): void {
    this.v5 = v5;
    this.resumed = present;
    this.resendAt = present ? -1 : 0;
    this.aliases.length = 0;
    const { limits, inFlight, transmitBuffer } = this;
    this.qosMax = limits.maximumQos;
    transmitBuffer.sizeMin = Math.min(transmitBuffer.messageLimit, limits.maximumPacketSize);
    this.windowMin = Math.min(inFlight.capacity, limits.receiveMaximum);
    if (present) {
      inFlight.unsend();
      return;
    }
    // A QoS 2 message whose PUBREC came is the broker's: with the session it lost it, not we.
    inFlight.clear();
    for (const source of this.sources) source.rewind();
  }

  /** From now on so many messages may be in flight; nothing goes out before `from`. */
  limit(receiveMaximum: number, from: number): void {
    this.limits.receiveMaximum = receiveMaximum;
    this.windowMin = Math.min(this.inFlight.capacity, receiveMaximum);
    if (from > 0) this.resendAt = from;
  }

  /** Whether the window is closed: what waits for its answer takes all places. */
  get isFull(): boolean {
    return this.inFlight.outstanding >= this.windowMin;
  }

  /** When the message that has waited longest for its answer was sent; Infinity when none waits. */
  get oldest(): number {
    return Math.min(this.inFlight.oldest, this.requests.oldest);
  }

  /**
   * Redeliveries first, then the sources in their order. The fast path sends a QoS 1 message of which
   * all but payload and identifier lies ready, with room in the window, neither retained nor a
   * redelivery. It touches nothing before it is sure; whatever is unusual goes the long way, `offer`.
   * @returns false when room ran out
   */
  fill(now: number): boolean {
    if (this.resendAt) if (!this.resend(now)) return false;
    const sources = this.sources;
    let i = 0;
    let source: MessageSource | undefined = sources[0];
    while (source) {
      next: while (source.next(now)) {
        const out = this.transmitBuffer;
        // One round, which any condition of the fast path ends.
        for (;;) {
          if (out.end) break;
          if (out.bytes[0] !== FAST_PATH_PUBLISH) break;
          const message: OutgoingMessage = source.message;
          if (message.topic !== out.topic) break;
          if (message.properties !== out.properties) break;
          if (message.qos !== 1) break;
          if (message.retain) break;
          if (message.duplicate) break;
          const flight = this.inFlight;
          if (flight.next - flight.first >= this.windowMin) break;
          const end = source.writePayload(out.bytes, out.payloadAt, out.view);
          if (end < out.endMin) break;
          if (end > out.endMax) break;
          // Not before it is sure to go out: an identifier that is given is used.
          let packetId = message.packetId;
          if (!packetId) packetId = this.allocate();
          else if (flight.next !== flight.first) {
            if (flight.find(packetId) >= 0) packetId = this.allocate();
          }
          out.view.setUint16(out.packetIdAt, packetId);
          out.bytes[1] = end - out.lengthFrom;
          out.end = end;
          source.published(false);
          // As `InFlight.add` does.
          const cell = (flight.next++ & flight.mask) * 3;
          flight.cells[cell] = OUT | (i << 16) | packetId;
          flight.cells[cell + 1] = message.token;
          flight.cells[cell + 2] = now;
          continue next;
        }
        const done = this.offer(source, i, now);
        if (done === SENT || done === TOO_LARGE) continue;
        source.putBack();
        if (done === NO_ROOM) return false;
        break;
      }
      source = sources[++i];
    }
    return true;
  }

  /** Sends a source's current message, unless the window is closed. */
  private offer(source: MessageSource, index: number, now: number): number {
    const flight = this.inFlight;
    const message = source.message;
    let packetId = 0;
    const qos = Math.min(message.qos, this.qosMax);
    let flags = qos << 1;
    if (qos !== 0) {
      // The broker's receive maximum [5.0 MQTT-3.3.4-7], and the room to remember: what was answered
      // out of turn gives its place back.
      const windowMin = this.windowMin;
      if (flight.span >= windowMin && (!flight.hasHoles || flight.compact() >= windowMin)) {
        return CLOSED;
      }
      packetId = message.packetId;
      if (packetId === 0 || flight.find(packetId) >= 0) packetId = this.allocate();
      if (message.duplicate && this.resumed) flags |= DUP;
    }
    const done = this.encode(source, flags, packetId);
    if (done === SENT) {
      source.published(false);
      if (qos !== 0) flight.add((qos << 24) | (index << 16) | packetId, message.token, now);
      else source.settled(message.token, Reason.success);
    } else if (done === TOO_LARGE) source.settled(message.token, Reason.packetTooLarge);
    return done;
  }

  /** @returns false when not everything that is to be sent again has been */
  private resend(now: number): boolean {
    if (now < this.resendAt) return false;
    // A used-up receive maximum holds messages back, and never a PUBREL [5.0 MQTT-3.3.4-8].
    if (!this.resendAll(true, now) || !this.resendAll(false, now)) return false;
    this.resendAt = 0;
    return true;
  }

  private resendAll(releases: boolean, now: number): boolean {
    const flight = this.inFlight;
    for (let offset = 0; offset < flight.span; offset++) {
      const index = flight.at(offset);
      const isRelease = flight.stateOf(index) === AWAIT_PUBCOMP;
      if (!flight.isDue(index) || isRelease !== releases) continue;
      const span = flight.span;
      const done = releases ? this.release(index, now) : this.resendOne(index, now);
      if (!done) return false;
      // A message that was given up moved the head: the loop goes on from the new one, past what
      // was sent.
      if (flight.span !== span) offset = -1;
    }
    return true;
  }

  /** @returns false when there is no room */
  private resendOne(index: number, now: number): boolean {
    const inFlight = this.inFlight;
    const limits = this.limits;
    if (inFlight.outstanding >= limits.receiveMaximum) return false;
    const source = this.sources[inFlight.sourceOf(index)];
    const token = inFlight.tokenOf(index);
    if (!source.reload(token)) {
      inFlight.remove(index);
      return true;
    }
    // The broker may take less than on the connection before.
    const qos = Math.min(inFlight.stateOf(index), limits.maximumQos);
    const packetId = qos === 0 ? 0 : inFlight.packetIdOf(index);
    const done = this.encode(source, qos === 0 ? 0 : (qos << 1) | DUP, packetId);
    if (done === NO_ROOM) return false;
    if (done === SENT) source.published(true);
    if (done === SENT && qos !== 0) inFlight.send(index, qos, now);
    else {
      source.settled(token, done === SENT ? Reason.success : Reason.packetTooLarge);
      inFlight.remove(index);
    }
    return true;
  }

  /** Queues a source's current message. @param flags QoS × 2, and DUP */
  private encode(source: MessageSource, flags: number, packetId: number): number {
    const transmitBuffer = this.transmitBuffer;
    const message = source.message;
    const first = message.retain && this.limits.retainAvailable ? 0x31 | flags : 0x30 | flags;
    const isAliased = this.v5 && message.repeats;
    const alias = isAliased ? this.aliasOf(message.topic) : this.v5 ? 0 : NO_PROPERTIES;
    const end = transmitBuffer.publish(source, first, packetId, alias);
    if (end > transmitBuffer.sizeMin) return this.encodeLarge(source, first, packetId, alias, end);
    transmitBuffer.end = end;
    return SENT;
  }

  /** A packet ends behind `sizeMin`: judges whether it goes out, and defines its new alias. */
  private encodeLarge(
    source: MessageSource,
    first: number,
    packetId: number,
    alias: number,
    end: number,
  ): number {
    const transmitBuffer = this.transmitBuffer;
    const isBeyond = end > transmitBuffer.messageLimit;
    if (!isBeyond && end - transmitBuffer.end <= this.limits.maximumPacketSize) {
      transmitBuffer.end = end;
      return SENT;
    }
    if (alias > 0 && alias < KNOWN_ALIAS) this.aliases.pop();
    if (isBeyond && transmitBuffer.end > 0) return NO_ROOM;
    if (alias <= 0) return TOO_LARGE;
    // An alias takes three bytes, which may be those that are too many: the next message has one.
    const again = transmitBuffer.publish(source, first, packetId, 0);
    transmitBuffer.forget();
    return this.encodeLarge(source, first, packetId, 0, again);
  }

  /** The alias of a topic, known or from now on; 0 for none. */
  private aliasOf(topic: Uint8Array): number {
    const aliases = this.aliases;
    for (let i = 0; i < aliases.length; i++) if (aliases[i] === topic) return KNOWN_ALIAS + i + 1;
    const isRoom = aliases.length < Math.min(this.aliasesMax, this.limits.topicAliasMaximum);
    return isRoom ? aliases.push(topic) : 0;
  }

  /** A packet identifier that is not in use: 0x8000 to 0xFFFF [3.1.1 MQTT-2.3.1-2] [5.0 MQTT-2.2.1-3]. */
  allocate(): number {
    let id = this.lastId;
    for (;;) {
      id = id === 0xffff ? 0x8000 : id + 1;
      if (this.inFlight.next !== this.inFlight.first) if (this.inFlight.find(id) >= 0) continue;
      if (this.requests.waiting.length) if (this.requests.find(id) >= 0) continue;
      this.lastId = id;
      return id;
    }
  }

  /**
   * Takes the PUBACK that comes next by the fast path: without a reason, for the message that has
   * waited longest, with none behind it that was acknowledged before.
   * @returns whether it was taken
   */
  fastPathPuback(received: ReceiveBuffer): boolean {
    if (received.end - received.start < 4) return false;
    if (received.skipLeft) return false;
    const flight = this.inFlight;
    const index = (flight.first & flight.mask) * 3;
    const cell = flight.cells[index];
    if ((cell & NOT_SOURCE) !== received.view.getInt32(received.start) - PUBACK_FOR_OUT)
      return false;
    if (flight.first + 1 !== flight.next) {
      if (flight.cells[((flight.first + 1) & flight.mask) * 3] === HOLE) return false;
    }
    received.start += 4;
    flight.cells[index] = HOLE;
    flight.first++;
    this.sources[(cell >> 16) & 0xff].settled(flight.cells[index + 1], Reason.success);
    return true;
  }

  /** PUBACK came. An identifier that is not in flight is none of our business. */
  puback(packetId: number, reason: number): void {
    const flight = this.inFlight;
    const cells = flight.cells;
    const index = flight.find(packetId);
    if (index < 0) {
      this.requests.refuse(packetId);
      return;
    }
    const cell = cells[index];
    if (((cell >> 24) & 3) !== AWAIT_PUBACK) throw wrongKind();
    if (index !== flight.at(0)) flight.overtake();
    this.sources[(cell >> 16) & 0xff].settled(cells[index + 1], reason);
    flight.remove(index);
  }

  /** PUBREC or PUBCOMP came. */
  acknowledge(packetType: number, packetId: number, reason: number, now: number): void {
    const flight = this.inFlight;
    const index = flight.find(packetId);
    if (index < 0) {
      this.requests.refuse(packetId);
      const unknown = this.v5 ? Reason.packetIdNotFound : 0;
      if (packetType === PUBREC) this.transmitBuffer.acknowledge(PUBREL_WORD | packetId, unknown);
      return;
    }
    const state = flight.stateOf(index);
    if (packetType === PUBREC) this.received(index, state, reason, now);
    else if (state !== AWAIT_PUBCOMP) throw wrongKind();
    else flight.remove(index);
  }

  /** As `Requests.answered`. @throws PeerError also when a message has the identifier */
  answered(packet: Packet): boolean {
    if (this.inFlight.find(packet.packetId) >= 0) throw wrongKind();
    return this.requests.answered(packet);
  }

  private received(index: number, state: number, reason: number, now: number): void {
    const flight = this.inFlight;
    if (state === AWAIT_PUBACK) throw wrongKind();
    if (state === AWAIT_PUBREC) {
      this.sources[flight.sourceOf(index)].settled(flight.tokenOf(index), reason);
    }
    if (reason >= 0x80) flight.remove(index);
    else this.release(index, now);
  }

  /** Queues an entry's PUBREL. @returns false when there is no room */
  private release(index: number, now: number): boolean {
    const flight = this.inFlight;
    const word = PUBREL_WORD | flight.packetIdOf(index);
    if (!this.transmitBuffer.acknowledge(word, Reason.success)) return false;
    flight.send(index, AWAIT_PUBCOMP, now);
    return true;
  }
}
