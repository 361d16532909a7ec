/**
 * What a session tells its owner. One object, filled again each time; its views into the receive
 * buffer are valid until the session's next call.
 */

import { decodeUtf8 } from '../../base/utf8.ts';
import type { Packet } from '../codec/packet.ts';

/** Why a connection ended, as the session saw it. */
export type SessionEnd =
  /** CONNACK with a code other than 0. */
  | 'refused'
  /** DISCONNECT of 5.0. */
  | 'disconnected by server'
  /** The broker sent something malformed or illegal. */
  | 'protocol error'
  | 'no CONNACK'
  | 'keep-alive timeout'
  | 'acknowledgement timeout'
  /** `disconnect` was called and its packet has been written. */
  | 'goodbye';

export type EventType =
  /** CONNACK accepted: `sessionPresent`. Subscriptions are the owner's to renew. */
  | 'connected'
  /** A message: `topic…`, `packet.payload…`, `packet.qos`, `packet.properties`. */
  | 'message'
  /** A message larger than the receive buffer went by and is lost: `topic…`, as far as it is known. */
  | 'skipped'
  /** SUBACK: `packet.packetId`, one code each in `packet.bytes[payloadStart..payloadEnd)`. */
  | 'subscribed'
  /** UNSUBACK, likewise; no codes in 3.1.1. */
  | 'unsubscribed'
  /** A re-authentication succeeded. */
  | 'authenticated'
  /** The connection is over: `cause`, `reason`, `detail`. Write what waits, then close. */
  | 'ended';

export class SessionEvent {
  type: EventType = 'connected';
  readonly packet: Packet;
  /** A message's topic is `topicBytes[topicStart..topicEnd)`: resolved where it came by alias. */
  topicBytes: Uint8Array;
  topicStart = 0;
  topicEnd = 0;
  cause: SessionEnd = 'goodbye';
  /** Reason code of 5.0, or return code of 3.1.1 when `cause` is 'refused'. */
  reason = 0;
  /** What was wrong, with its clause, or the broker's reason string. */
  detail = '';
  /** Where the broker wants the client to go, or ''. */
  serverReference = '';

  constructor(packet: Packet) {
    this.packet = packet;
    this.topicBytes = packet.bytes;
  }

  get sessionPresent(): boolean {
    return this.packet.sessionPresent;
  }

  /** Becomes another event. @returns true: there is one */
  as(type: EventType): true {
    this.type = type;
    return true;
  }

  /** Becomes the event of the connection's end. */
  end(cause: SessionEnd, reason: number, detail: string): void {
    this.type = 'ended';
    this.cause = cause;
    this.reason = reason;
    this.detail = detail;
    this.serverReference = '';
  }

  /** The message's topic as text; allocates. */
  topic(): string {
    return decodeUtf8(this.topicBytes, this.topicStart, this.topicEnd);
  }
}
