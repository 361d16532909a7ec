/** SUBSCRIBE and UNSUBSCRIBE that wait for their acknowledgement: four at most. */

import { ConfigError } from '../../base/errors.ts';
import { SUBACK, UNSUBACK, VARINT_MAX } from '../codec/constants.ts';
import { encodeSubscribe, encodeUnsubscribe, type Subscription } from '../codec/encode.ts';
import type { Packet } from '../codec/packet.ts';
import { illegal, wrongKind } from '../codec/protocol-error.ts';
import { checkFilter } from '../codec/topics.ts';
import { checkWhole } from './checks.ts';
import type { Limits } from './limits.ts';
import type { TransmitBuffer } from './transmit-buffer.ts';

/** Requests that wait at most. */
const REQUESTS_MAX = 4;

interface Request {
  readonly packetType: number;
  readonly packetId: number;
  /** How many filters it carries: as many codes must come back [5.0 MQTT-3.8.4-6]. */
  readonly count: number;
  readonly sentAt: number;
}

export class Requests {
  private readonly transmitBuffer: TransmitBuffer;
  private readonly limits: Limits;
  /** In the order of their sending. */
  readonly waiting: Request[] = [];

  constructor(transmitBuffer: TransmitBuffer, limits: Limits) {
    this.transmitBuffer = transmitBuffer;
    this.limits = limits;
  }

  /** When the oldest was sent; Infinity when none waits. */
  get oldest(): number {
    return this.waiting.length === 0 ? Number.POSITIVE_INFINITY : this.waiting[0].sentAt;
  }

  /** A connection begins: requests do not outlive one. */
  clear(): void {
    this.waiting.length = 0;
  }

  /** The index of the request with this identifier, or -1. */
  find(packetId: number): number {
    return this.waiting.findIndex((request) => request.packetId === packetId);
  }

  /** @throws PeerError when an acknowledgement of a message has a request's identifier */
  refuse(packetId: number): void {
    if (this.find(packetId) >= 0) throw wrongKind();
  }

  /** @returns `packetId`, or 0 when there is no room now. @throws ConfigError */
  subscribe(
    v5: boolean,
    packetId: number,
    subscriptions: readonly Subscription[],
    subscriptionId: number,
    now: number,
  ): number {
    if (subscriptions.length === 0) throw new ConfigError('subscriptions', 'are none');
    checkWhole('subscriptionId', subscriptionId, 0, VARINT_MAX);
    if (subscriptionId !== 0 && !(v5 && this.limits.subscriptionIds)) {
      throw unsupported('subscriptionId', subscriptionId);
    }
    for (const one of subscriptions) this.check(v5, one);
    const bytes = this.transmitBuffer.bytes;
    const end = this.transmitBuffer.end;
    const after = encodeSubscribe(bytes, end, packetId, subscriptions, v5, subscriptionId);
    return this.add(SUBACK, packetId, subscriptions.length, after, now);
  }

  /** As `subscribe`. */
  unsubscribe(v5: boolean, packetId: number, filters: readonly string[], now: number): number {
    if (filters.length === 0) throw new ConfigError('filters', 'are none');
    for (const filter of filters) checkFilter(filter);
    const bytes = this.transmitBuffer.bytes;
    const end = this.transmitBuffer.end;
    const after = encodeUnsubscribe(bytes, end, packetId, filters, v5);
    return this.add(UNSUBACK, packetId, v5 ? filters.length : 0, after, now);
  }

  private check(v5: boolean, one: Subscription): void {
    const filter = one.filter;
    checkFilter(filter);
    const shared = filter.indexOf('$share/') === 0;
    if (v5 && shared && one.noLocal) {
      // [5.0 MQTT-3.8.3-4]
      throw new ConfigError('filter', `${filter} is shared and no-local`);
    }
    const wild = filter.indexOf('#') >= 0 || filter.indexOf('+') >= 0;
    if (
      (shared && !this.limits.sharedSubscriptions) ||
      (wild && !this.limits.wildcardSubscriptions)
    ) {
      throw unsupported('filter', filter);
    }
  }

  private add(packetType: number, packetId: number, count: number, end: number, now: number) {
    const transmitBuffer = this.transmitBuffer;
    const waiting = this.waiting;
    const messageLimit = transmitBuffer.messageLimit;
    // What never fits is told at once: it would be tried again for ever [5.0 MQTT-3.2.2-15].
    if (end - transmitBuffer.end > Math.min(this.limits.maximumPacketSize, messageLimit)) {
      throw new ConfigError('filters', 'are too long for one packet');
    }
    if (waiting.length === REQUESTS_MAX || end > messageLimit) return 0;
    transmitBuffer.end = end;
    waiting.push({ packetType, packetId, count, sentAt: now });
    return packetId;
  }

  /**
   * A SUBACK or UNSUBACK came.
   * @returns false when no request waits for it: it is left alone
   * @throws PeerError when it answers another kind, or with another number of codes
   */
  answered(packet: Packet): boolean {
    const index = this.find(packet.packetId);
    if (index < 0) return false;
    const request = this.waiting[index];
    if (request.packetType !== packet.packetType) throw wrongKind();
    const codes = packet.payloadEnd - packet.payloadStart;
    // [MQTT-3.8.4-5]
    if (codes !== request.count) throw illegal('not one code per filter');
    this.waiting.splice(index, 1);
    return true;
  }
}

function unsupported(field: string, value: string | number): ConfigError {
  return new ConfigError(field, `${value} is not supported by the broker`);
}
