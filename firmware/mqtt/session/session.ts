/**
 * The MQTT client's session: bytes and time in, bytes, events and one deadline out.
 *
 * It owns no socket, no timer and no clock. After any input its shell calls `nextEvent` until that
 * gives nothing, calls `fill`, writes `transmitBuffer`, and rearms its alarm for `deadline`. The shell
 * never calls back into the session from a message source. What was in flight outlives a
 * connection; everything else is reset when the next one begins.
 */

import { PeerError } from '../../base/errors.ts';
import * as mqtt from '../codec/constants.ts';
import type { Subscription, Will } from '../codec/encode.ts';
import { Packet } from '../codec/packet.ts';
import { illegal } from '../codec/protocol-error.ts';
import type { MessageSource } from '../message-source.ts';
import { Authentication, asked } from './authentication.ts';
import { checkConnack, tooEarly, writeConnect } from './connect.ts';
import { Ending } from './ending.ts';
import { type SessionEnd, SessionEvent } from './event.ts';
import type { InFlight } from './in-flight.ts';
import { Inbound } from './inbound.ts';
import { KeepAlive } from './keep-alive.ts';
import { Limits } from './limits.ts';
import { checkOptions, type SessionOptions } from './options.ts';
import { Outbound } from './outbound.ts';
import { NOTHING, ReceiveBuffer, SKIPPED } from './receive-buffer.ts';
import { Requests } from './requests.ts';
import type { AfterSession, SessionState } from './session-state.ts';
import { FAST_PATH_PUBACK, FAST_PATH_PUBLISH, TransmitBuffer } from './transmit-buffer.ts';

const NEVER = Number.POSITIVE_INFINITY;
/** Milliseconds that a DISCONNECT may take to be written before the connection is closed anyway. */
const CLOSING_MS = 2_000;

/** Where a session may fail. */
type Open = 'connecting' | 'online';

export class Session {
  readonly receiveBuffer: ReceiveBuffer;
  readonly transmitBuffer: TransmitBuffer;
  readonly limits = new Limits();
  state: SessionState = 'idle';
  /** In force: the identifier asked for, or the one that the broker assigned. */
  clientId: string;
  /** Whether the next connection is to start without the earlier session. */
  cleanStart: boolean;
  /** What the next CONNECT carries; the options' own unless it was changed. */
  will: Will | undefined;
  /** Whether there is a session to take up. */
  private hasSession: boolean;
  /** The broker has a session under our name that is none of ours: the next connection ends it. */
  private isForeignKept = false;
  /** Whether the connection that is open, or was last, has asked for a new session. */
  private startsAnew = false;
  /** Messages over the receive buffer, which went by unread. */
  skipped = 0;
  /**
   * `wake` is never due before this, whatever is sent and received until then. While `connecting`
   * or `closing` it is due exactly then; while `online`, ask `deadline`, which moves with every
   * packet and seldom comes next.
   */
  calmUntil = NEVER;
  private readonly options: SessionOptions;
  private readonly event: SessionEvent;
  private readonly ending: Ending;
  private readonly inbound: Inbound;
  private readonly outbound: Outbound;
  private readonly requests: Requests;
  private readonly keepAlive = new KeepAlive();
  /** Undefined without a method. */
  private readonly authentication: Authentication | undefined;
  private v5 = true;

  /**
   * @param sources asked for messages in this order, so the first has precedence
   * @throws ConfigError that names the option that cannot work
   */
  constructor(options: SessionOptions, sources: readonly MessageSource[]) {
    checkOptions(options);
    this.options = options;
    this.clientId = options.clientId;
    this.cleanStart = options.cleanStart;
    this.will = options.will;
    this.hasSession = options.hasSession;
    this.receiveBuffer = new ReceiveBuffer(options.receiveBytes, options.packetBytesMax);
    this.transmitBuffer = new TransmitBuffer(options.transmitBytes);
    this.event = new SessionEvent(new Packet());
    this.event.packet.attach(this.receiveBuffer.bytes, this.receiveBuffer.view);
    const transmitBuffer = this.transmitBuffer;
    const limits = this.limits;
    const authenticator = options.authenticator;
    if (authenticator)
      this.authentication = new Authentication(authenticator, transmitBuffer, limits);
    this.requests = new Requests(transmitBuffer, limits);
    this.ending = new Ending(this.event, transmitBuffer);
    this.inbound = new Inbound(transmitBuffer, options.receiveMax, options.aliasesIn);
    this.outbound = new Outbound(sources, transmitBuffer, limits, this.requests, options);
  }

  /** 5 or 4 (3.1.1), of the connection that is open or was last. */
  get version(): 4 | 5 {
    return this.v5 ? 5 : 4;
  }

  /** Whether the shell is to close the transport. */
  get finished(): boolean {
    return this.state === 'closed' || (this.state === 'closing' && this.transmitBuffer.empty);
  }

  /** Whether bytes may be read: small answers still fit behind what waits to be written. */
  get readable(): boolean {
    return this.transmitBuffer.answerable;
  }

  /** The transport is up, and the one before has ended: CONNECT is queued. */
  open(version: 4 | 5, now: number): void {
    this.v5 = version === 5;
    this.closed();
    this.requests.clear();
    this.ending.unread = false;
    this.state = 'connecting' satisfies AfterSession<'closed'>;
    this.calmUntil = now + this.options.connectTimeoutMs;
    this.authentication?.clear(this.calmUntil);
    const v5 = this.v5;
    const out = this.transmitBuffer;
    // 3.1.1 would not keep a session that starts so, and it cannot keep one without a name [3.1.1
    // MQTT-3.1.3-7]. In 5.0 a start without need costs: Mosquitto 2.0 does not store such a session.
    const isNew = this.cleanStart || (v5 ? this.isForeignKept : this.clientId === '');
    this.startsAnew = isNew;
    try {
      out.end = writeConnect(out.bytes, this.options, v5, this.clientId, isNew, this.will);
    } catch (error) {
      this.refuse<typeof this.state>(error, now);
    }
  }

  /** `count` bytes, at least one, were read into `receiveBuffer.bytes` from `receiveBuffer.end` on. */
  received(count: number, now: number): void {
    this.receiveBuffer.end += count;
    this.keepAlive.lastReceived = now;
    this.keepAlive.pingSentAt = NEVER;
  }

  /** `count` bytes of `transmitBuffer` were written. */
  sent(count: number, now: number): void {
    const out = this.transmitBuffer;
    if (out.start + count < out.end) out.start += count;
    else out.start = out.end = 0;
    this.keepAlive.lastSent = now;
    if (this.keepAlive.awaitsWriting) {
      this.keepAlive.sent(count, now);
      if (this.state === 'online') this.calmUntil = 0;
    }
  }

  /** The transport has ended by itself. */
  closed(): void {
    this.state = 'closed' satisfies AfterSession<SessionState>;
    this.transmitBuffer.clear();
    this.receiveBuffer.clear();
  }

  /** Decodes on to the next event. @returns undefined when there is none now */
  nextEvent(now: number): SessionEvent | undefined {
    const receiveBuffer = this.receiveBuffer;
    while (receiveBuffer.start !== receiveBuffer.end) {
      // Nothing is decoded that might have no room for its answer.
      if (this.transmitBuffer.end > this.transmitBuffer.answerLimit) break;
      if (this.state === 'online') {
        const first = receiveBuffer.bytes[receiveBuffer.start];
        if (first === FAST_PATH_PUBLISH) {
          if (this.inbound.fastPathPublish(receiveBuffer, this.event, this.v5)) {
            return this.event;
          }
        } else if (first === FAST_PATH_PUBACK) {
          if (this.outbound.fastPathPuback(receiveBuffer)) continue;
        }
      } else if (this.state !== 'connecting') break;
      const left = receiveBuffer.end - receiveBuffer.start;
      if (this.decode<typeof this.state>(now)) return this.event;
      if (receiveBuffer.end - receiveBuffer.start === left) break;
    }
    return this.ending.unread ? this.ending.take() : undefined;
  }

  /** Queues what may be sent. @returns false when there was no room for all of it */
  fill(now: number): boolean {
    if (this.state !== 'online') return true;
    return this.outbound.fill(now);
  }

  /** Time has passed: pings, and ends the connection where a deadline has. */
  wake(now: number): void {
    if (this.state === 'online') {
      if (this.keepAlive.expired(now)) {
        this.fail<typeof this.state>('keep-alive timeout', mqtt.Reason.keepAliveTimeout, '', now);
      } else if (now >= this.outbound.oldest + this.options.ackTimeoutMs) {
        this.fail<typeof this.state>('acknowledgement timeout', mqtt.Reason.unspecified, '', now);
      } else if (this.keepAlive.pingDue(now)) this.keepAlive.ping(this.transmitBuffer);
    } else if (this.state === 'connecting') {
      if (now >= (this.authentication?.handshakeBy ?? this.calmUntil)) {
        this.fail<typeof this.state>('no CONNACK', mqtt.Reason.unspecified, '', now);
      }
    } else if (this.state === 'closing' && now >= this.calmUntil) {
      this.state = 'closed' satisfies AfterSession<typeof this.state>;
    }
  }

  /** When `wake` is to be called; Infinity for never. Says anew until when it is calm. */
  deadline(now: number): number {
    if (this.state === 'online') {
      const ackTimeoutMs = this.options.ackTimeoutMs;
      const at = Math.min(this.keepAlive.deadline(), this.outbound.oldest + ackTimeoutMs);
      // What is sent from now on may be due before that.
      this.calmUntil = Math.min(at, now + ackTimeoutMs);
      return at;
    }
    if (this.state !== 'connecting' && this.state !== 'closing') this.calmUntil = NEVER;
    return this.calmUntil;
  }

  /** What is in flight, and was when the last connection ended. */
  get inFlight(): InFlight {
    return this.outbound.inFlight;
  }

  /** Whether as many messages wait for their answers as may on this connection. */
  get isFull(): boolean {
    return this.outbound.isFull;
  }

  /**
   * Sends no more than so many messages above QoS 0 without an answer on this connection.
   * @param receiveMaximum at most what the broker allows: `limits.receiveMaximum` at CONNACK
   * @param from when messages go out at all, in milliseconds; 0 for at once. Call `fill` then.
   */
  limit(receiveMaximum: number, from: number): void {
    this.outbound.limit(receiveMaximum, from);
  }

  /**
   * Asks for subscriptions.
   * @param subscriptionId 5.0: 1 to 268,435,455, comes back with each message; 0 for none
   * @returns the packet identifier that the `subscribed` event carries; 0: not now (offline, no
   * room, or four requests wait)
   * @throws ConfigError for an illegal filter, or one that the broker does not support
   */
  subscribe(subscriptions: readonly Subscription[], now: number, subscriptionId = 0): number {
    if (this.state !== 'online') return 0;
    const packetId = this.outbound.allocate();
    return this.requests.subscribe(this.v5, packetId, subscriptions, subscriptionId, now);
  }

  /** Ends subscriptions; as `subscribe`. */
  unsubscribe(filters: readonly string[], now: number): number {
    if (this.state !== 'online') return 0;
    return this.requests.unsubscribe(this.v5, this.outbound.allocate(), filters, now);
  }

  /**
   * Says goodbye: DISCONNECT is queued behind what waits, then the connection is `finished`.
   * @param reason 0x00, or 0x04 to have the will published all the same. 3.1.1 has no such
   * DISCONNECT, so the connection ends without one [3.1.1 MQTT-3.1.2-8].
   */
  disconnect(reason: number, now: number): void {
    if (this.state !== 'online' && this.state !== 'connecting') return;
    const code = this.v5 || reason === mqtt.Reason.success ? reason : -1;
    this.ending.byUs('goodbye', reason, '', code);
    this.state = 'closing' satisfies AfterSession<typeof this.state>;
    this.calmUntil = now + CLOSING_MS;
  }

  /** Proves the client anew on a live connection (5.0 section 4.12.1). @returns false: not now */
  reauthenticate(): boolean {
    return this.v5 && this.state === 'online' && !!this.authentication?.renew();
  }

  /** Takes a packet of any kind, the long way. @returns whether it is an event */
  private decode<_From extends Open>(now: number): boolean {
    const receiveBuffer = this.receiveBuffer;
    const start = receiveBuffer.start;
    try {
      const found = receiveBuffer.next(this.v5);
      const isEvent = found !== NOTHING && (found === SKIPPED ? this.skip() : this.take(now));
      if (this.state === 'connecting' && this.authentication) {
        // A challenge whose answer takes long stays in the buffer, to be taken again at once.
        const { isBusy, handshakeBy } = this.authentication;
        if (isBusy) receiveBuffer.start = start;
        this.calmUntil = isBusy ? 0 : handshakeBy;
      }
      return isEvent;
    } catch (error) {
      return this.refuse<Open>(error, now);
    }
  }

  private take(now: number): boolean {
    const receiveBuffer = this.receiveBuffer;
    const packet = this.event.packet;
    packet.decode(
      receiveBuffer.first,
      receiveBuffer.bytes,
      receiveBuffer.bodyStart,
      receiveBuffer.bodyEnd,
      this.v5,
    );
    const packetType = receiveBuffer.first >> 4;
    if (this.state === 'connecting') return this.takeHandshake(packetType, now);
    switch (packetType) {
      case mqtt.PUBLISH:
        return this.inbound.publish(packet, this.event, this.v5) && this.event.as('message');
      case mqtt.PUBACK:
        this.outbound.puback(packet.packetId, packet.reason);
        break;
      case mqtt.PUBREL:
        this.inbound.release(packet.packetId, this.v5);
        break;
      case mqtt.SUBACK:
      case mqtt.UNSUBACK:
        if (!this.outbound.answered(packet)) break;
        return this.event.as(packetType === mqtt.SUBACK ? 'subscribed' : 'unsubscribed');
      case mqtt.PINGRESP:
        break;
      case mqtt.DISCONNECT:
        this.state = 'closed' satisfies AfterSession<typeof this.state>;
        return this.ending.byServer('disconnected by server');
      case mqtt.AUTH:
        return asked(this.authentication).take(packet, true) && this.event.as('authenticated');
      case mqtt.CONNACK:
        // [5.0 MQTT-3.2.0-2]
        throw illegal('second CONNACK');
      case mqtt.PUBREC:
      case mqtt.PUBCOMP:
        this.outbound.acknowledge(packetType, packet.packetId, packet.reason, now);
    }
    return false;
  }

  private takeHandshake(packetType: number, now: number): boolean {
    if (packetType === mqtt.AUTH) return asked(this.authentication).take(this.event.packet, false);
    const options = this.options;
    const limits = this.limits;
    const packet = this.event.packet;
    if (!checkConnack(packet, this.startsAnew, this.v5 ? this.authentication : undefined)) {
      this.state = 'closed' satisfies AfterSession<'connecting'>;
      return this.ending.byServer('refused');
    }
    if (this.v5 && packet.sessionPresent && !this.hasSession) {
      this.isForeignKept = true;
      // Who has no session may not take one up [5.0 MQTT-3.2.2-4].
      throw illegal('session present for a client that has none');
    }
    this.isForeignKept = false;
    limits.take(packet.properties, options.keepAliveS, options.sessionExpiryS);
    // An identifier is assigned to who sent none; another one is none of ours [5.0 MQTT-3.2.2-16].
    if (this.clientId === '') {
      this.clientId = packet.properties.text(mqtt.Property.assignedClientId) ?? '';
    }
    // One that ends with its connection leaves nothing to take up.
    this.hasSession = this.v5 ? limits.sessionExpiryS > 0 : !this.startsAnew;
    this.keepAlive.start(limits.keepAliveS, options.pingTimeoutMs, now);
    this.inbound.connected(packet.sessionPresent);
    this.outbound.resume(this.v5, packet.sessionPresent);
    this.state = 'online' satisfies AfterSession<'connecting'>;
    this.calmUntil = 0;
    return this.event.as('connected');
  }

  /** A PUBLISH over the buffer went by: acknowledged, so that the broker lets go of it. */
  private skip(): boolean {
    if (this.state === 'connecting') throw tooEarly();
    this.skipped++;
    const of = this.receiveBuffer;
    const event = this.event;
    const topic = of.skippedTopic;
    event.topicBytes = topic;
    event.topicStart = 0;
    event.topicEnd = topic.length;
    return this.inbound.acknowledge(of.skippedQos, of.skippedId) && event.as('skipped');
  }

  private refuse<_From extends Open>(error: unknown, now: number): false {
    if (!(error instanceof PeerError)) throw error;
    this.fail<Open>('protocol error', error.reason, error.message, now);
    return false;
  }

  /** We end it: in 5.0 with a DISCONNECT that says why, once the broker has accepted us. */
  private fail<_From extends Open>(
    cause: SessionEnd,
    reason: number,
    detail: string,
    now: number,
  ): void {
    const says = this.v5 && this.state === 'online';
    this.ending.byUs(cause, reason, detail, says ? reason : -1);
    this.state = (says ? 'closing' : 'closed') satisfies AfterSession<Open>;
    this.calmUntil = now + CLOSING_MS;
  }
}
