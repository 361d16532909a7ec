/**
 * One client's session in the virtual broker: subscriptions, messages on their way to the client,
 * the ledger of messages from it, and its will. It outlives connections for `expiryS` seconds.
 */

import type { IPublishPacket, ISubscription, UserProperties } from 'mqtt-packet';
import type { Scheduled } from '../event-queue.ts';
import { Ledger } from './ledger.ts';
import { hasWildcard, matches } from './topics.ts';

/** Properties of a message that pass from publisher to subscriber unchanged. */
export interface MessageProperties {
  payloadFormatIndicator?: boolean;
  contentType?: string;
  responseTopic?: string;
  correlationData?: Buffer;
  userProperties?: UserProperties;
}

/** An application message inside the broker. */
export interface Message {
  topic: string;
  payload: Uint8Array;
  qos: 0 | 1 | 2;
  retain: boolean;
  properties: MessageProperties;
  /** Who published; '' for the world outside. */
  clientId: string;
  /** World time after which it is not delivered any more; Infinity for never. */
  expiresAt: number;
}

/** A will as CONNECT stated it. */
export interface Will {
  message: Omit<Message, 'expiresAt'>;
  expiryS: number | undefined;
  delayS: number;
}

export interface Subscription {
  filter: string;
  /** Without a wildcard: a comparison of texts is enough. */
  isPlain: boolean;
  qos: 0 | 1 | 2;
  noLocal: boolean;
  retainAsPublished: boolean;
  retainHandling: number;
  identifier: number | undefined;
}

/** A message queued for a client or in flight to it. */
export interface Outgoing {
  message: Message;
  qos: 0 | 1 | 2;
  retain: boolean;
  identifiers: number[];
  /** 0 until it is sent. */
  packetId: number;
  /** PUBREC came, PUBREL is owed. */
  isReleased: boolean;
  /** The number of the connection on which it was last sent. */
  connection: number;
}

/** Expiry that means for ever. */
export const NEVER_EXPIRES_S = 0xffff_ffff;

export class Session {
  readonly clientId: string;
  readonly subscriptions = new Map<string, Subscription>();
  readonly waiting: Outgoing[] = [];
  /** By packet identifier, in the order of sending. */
  readonly inFlight = new Map<number, Outgoing>();
  readonly ledger = new Ledger();
  expiryS = 0;
  will: Will | undefined;
  expiryEvent: Scheduled | undefined;
  willEvent: Scheduled | undefined;
  #lastId = 0;

  constructor(clientId: string) {
    this.clientId = clientId;
  }

  /** The next packet identifier that is not in flight. */
  allocate(): number {
    do {
      this.#lastId = this.#lastId >= 0xffff ? 1 : this.#lastId + 1;
    } while (this.inFlight.has(this.#lastId));
    return this.#lastId;
  }

  /**
   * What `message` becomes for this client: one delivery at the highest QoS of all subscriptions
   * that take it in, with all their identifiers (3.3.4); undefined when none does.
   */
  deliveryOf(message: Message): Outgoing | undefined {
    let qos = -1;
    let retain = false;
    const identifiers: number[] = [];
    for (const subscription of this.subscriptions.values()) {
      if (subscription.noLocal && message.clientId === this.clientId) continue;
      const { filter, isPlain } = subscription;
      if (filter !== message.topic && (isPlain || !matches(filter, message.topic))) continue;
      qos = Math.max(qos, subscription.qos);
      retain ||= subscription.retainAsPublished && message.retain;
      if (subscription.identifier !== undefined) identifiers.push(subscription.identifier);
    }
    if (qos < 0) return undefined;
    return outgoing(message, Math.min(qos, message.qos), retain, identifiers);
  }

  cancelTimers(): void {
    this.expiryEvent?.cancel();
    this.willEvent?.cancel();
    this.expiryEvent = undefined;
    this.willEvent = undefined;
  }
}

/** A delivery that was not sent yet. */
export function outgoing(
  message: Message,
  qos: number,
  retain: boolean,
  identifiers: number[],
): Outgoing {
  return {
    message,
    qos: qos as 0 | 1 | 2,
    retain,
    identifiers,
    packetId: 0,
    isReleased: false,
    connection: 0,
  };
}

/** The properties of a PUBLISH or will that its subscribers get to see. */
export function passedOn(properties: IPublishPacket['properties']): MessageProperties {
  const passed: MessageProperties = {};
  if (properties?.payloadFormatIndicator !== undefined) {
    passed.payloadFormatIndicator = properties.payloadFormatIndicator;
  }
  if (properties?.contentType !== undefined) passed.contentType = properties.contentType;
  if (properties?.responseTopic !== undefined) passed.responseTopic = properties.responseTopic;
  if (properties?.correlationData !== undefined) {
    passed.correlationData = properties.correlationData;
  }
  if (properties?.userProperties !== undefined) passed.userProperties = properties.userProperties;
  return passed;
}

/** What one filter of a SUBSCRIBE becomes, granted at `qos`. */
export function subscriptionOf(
  asked: ISubscription,
  qos: 0 | 1 | 2,
  identifier: number | undefined,
): Subscription {
  return {
    filter: asked.topic,
    isPlain: !hasWildcard(asked.topic),
    qos,
    noLocal: asked.nl === true,
    retainAsPublished: asked.rap === true,
    retainHandling: asked.rh ?? 0,
    identifier,
  };
}
