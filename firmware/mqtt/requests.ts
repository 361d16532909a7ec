/** SUBSCRIBE and UNSUBSCRIBE that wait for their acknowledgement: four at most. */

import { ConfigError, PeerError } from '../base/errors.ts';
import { Reason, SUBACK, UNSUBACK, VARINT_MAX } from './constants.ts';
import { encodeSubscribe, encodeUnsubscribe, type Subscription } from './encode.ts';
import type { Limits } from './limits.ts';
import type { Packet } from './packet.ts';
import { filterFault } from './topics.ts';
import type { Transmit } from './transmit.ts';

const SLOTS = 4;

export class Requests {
  private readonly transmit: Transmit;
  private readonly limits: Limits;
  private readonly packetIds = new Uint16Array(SLOTS);
  private readonly kinds = new Uint8Array(SLOTS);
  /** How many filters each carries: as many codes must come back [5.0 MQTT-3.8.4-6]. */
  private readonly counts = new Uint16Array(SLOTS);
  private readonly times = new Float64Array(SLOTS).fill(Number.POSITIVE_INFINITY);
  /** When the oldest was sent; Infinity when none waits. */
  oldest = Number.POSITIVE_INFINITY;

  constructor(transmit: Transmit, limits: Limits) {
    this.transmit = transmit;
    this.limits = limits;
  }

  /** A connection begins: requests do not outlive one. */
  clear(): void {
    this.packetIds.fill(0);
    this.times.fill(Number.POSITIVE_INFINITY);
    this.oldest = Number.POSITIVE_INFINITY;
  }

  find(packetId: number): number {
    return this.packetIds.indexOf(packetId);
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
    if (!(subscriptionId >= 0 && subscriptionId <= VARINT_MAX && subscriptionId % 1 === 0)) {
      throw new ConfigError('subscriptionId', `must be a whole number from 0 to ${VARINT_MAX}`);
    }
    if (subscriptionId !== 0 && !(v5 && this.limits.subscriptionIds)) {
      throw new ConfigError('subscriptionId', 'is not supported by this broker');
    }
    for (const one of subscriptions) this.check(v5, one);
    const { bytes, end } = this.transmit;
    const after = encodeSubscribe(bytes, end, packetId, subscriptions, v5, subscriptionId);
    return this.add(SUBACK, packetId, subscriptions.length, after, now);
  }

  /** As `subscribe`. */
  unsubscribe(v5: boolean, packetId: number, filters: readonly string[], now: number): number {
    if (filters.length === 0) throw new ConfigError('filters', 'are none');
    for (const filter of filters) checkFilter(filter);
    const { bytes, end } = this.transmit;
    const after = encodeUnsubscribe(bytes, end, packetId, filters, v5);
    return this.add(UNSUBACK, packetId, v5 ? filters.length : 0, after, now);
  }

  private check(v5: boolean, one: Subscription): void {
    const { filter } = one;
    checkFilter(filter);
    const shared = filter.indexOf('$share/') === 0;
    if (v5 && shared && one.noLocal) {
      throw new ConfigError('filter', `${filter} is shared and no-local [5.0 MQTT-3.8.3-4]`);
    }
    const wild = filter.indexOf('#') >= 0 || filter.indexOf('+') >= 0;
    if (
      (shared && !this.limits.sharedSubscriptions) ||
      (wild && !this.limits.wildcardSubscriptions)
    ) {
      throw new ConfigError('filter', `${filter} is of a kind that this broker does not support`);
    }
  }

  private add(kind: number, packetId: number, count: number, after: number, now: number): number {
    const { end, messageLimit } = this.transmit;
    // What never fits is told at once: it would be tried again for ever.
    if (after - end > Math.min(this.limits.maximumPacketSize, messageLimit)) {
      throw new ConfigError('filters', 'are too long for one packet [5.0 MQTT-3.2.2-15]');
    }
    const slot = this.find(0);
    if (slot < 0 || after > messageLimit) return 0;
    this.transmit.end = after;
    this.packetIds[slot] = packetId;
    this.kinds[slot] = kind;
    this.counts[slot] = count;
    this.times[slot] = now;
    this.oldest = Math.min(this.oldest, now);
    return packetId;
  }

  /**
   * A SUBACK or UNSUBACK came.
   * @returns false when no request waits for it: it is left alone
   * @throws PeerError when it answers another kind, or with another number of codes
   */
  answered(packet: Packet): boolean {
    const slot = this.find(packet.packetId);
    if (slot < 0) return false;
    if (this.kinds[slot] !== packet.packetType) {
      throw new PeerError(Reason.protocolError, 'an acknowledgement of the wrong kind');
    }
    if (packet.payloadEnd - packet.payloadStart !== this.counts[slot]) {
      throw new PeerError(Reason.protocolError, 'not one code for each filter [MQTT-3.8.4-5]');
    }
    this.packetIds[slot] = 0;
    this.times[slot] = Number.POSITIVE_INFINITY;
    this.oldest = Number.POSITIVE_INFINITY;
    for (let i = 0; i < SLOTS; i++) this.oldest = Math.min(this.oldest, this.times[i]);
    return true;
  }
}

function checkFilter(filter: string): void {
  const fault = filterFault(filter);
  if (fault !== '') throw new ConfigError('filter', `${filter} ${fault}`);
}
