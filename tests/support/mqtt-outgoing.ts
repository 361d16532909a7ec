/** Packets that a client sends, as plain values, and their way through the encoders. */

import * as type from '../../firmware/mqtt/codec/constants.ts';
import * as encode from '../../firmware/mqtt/codec/encode.ts';
import {
  encodeProperties,
  type PropertyValues,
} from '../../firmware/mqtt/codec/property-values.ts';
import { emptyMessage, type MessageSource } from '../../firmware/mqtt/message-source.ts';
import {
  NO_PROPERTIES,
  PUBACK_WORD,
  PUBCOMP_WORD,
  PUBREC_WORD,
  PUBREL_WORD,
  TransmitBuffer,
} from '../../firmware/mqtt/session/transmit-buffer.ts';
import { utf8 } from './mqtt-bytes.ts';
import type { Version } from './mqtt-fields.ts';

export interface OutgoingWill {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly qos: 0 | 1 | 2;
  readonly retain: boolean;
  readonly properties?: PropertyValues;
}

export interface OutgoingConnect {
  readonly type: 'CONNECT';
  readonly clientId: string;
  readonly cleanStart: boolean;
  readonly keepAliveS: number;
  readonly username?: string;
  readonly password?: Uint8Array;
  readonly will?: OutgoingWill;
  readonly properties?: PropertyValues;
}

export interface OutgoingPublish {
  readonly type: 'PUBLISH';
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly qos: 0 | 1 | 2;
  readonly retain: boolean;
  readonly duplicate: boolean;
  readonly packetId: number;
  readonly alias: number;
  readonly properties?: PropertyValues;
}

export interface OutgoingAcknowledgement {
  readonly type: 'PUBACK' | 'PUBREC' | 'PUBREL' | 'PUBCOMP';
  readonly packetId: number;
  readonly reason: number;
}

export interface OutgoingSubscribe {
  readonly type: 'SUBSCRIBE';
  readonly packetId: number;
  readonly subscriptions: readonly encode.Subscription[];
  readonly subscriptionId: number;
}

export interface OutgoingUnsubscribe {
  readonly type: 'UNSUBSCRIBE';
  readonly packetId: number;
  readonly filters: readonly string[];
}

export interface OutgoingReasoned {
  readonly type: 'DISCONNECT' | 'AUTH';
  readonly reason: number;
  readonly properties?: PropertyValues;
}

export type Outgoing =
  | OutgoingConnect
  | OutgoingPublish
  | OutgoingAcknowledgement
  | OutgoingSubscribe
  | OutgoingUnsubscribe
  | OutgoingReasoned
  | { readonly type: 'PINGREQ' };

const NONE = new Uint8Array(0);
const TYPES = Object.freeze({ DISCONNECT: type.DISCONNECT, AUTH: type.AUTH });
const WORDS = Object.freeze({
  PUBACK: PUBACK_WORD,
  PUBREC: PUBREC_WORD,
  PUBREL: PUBREL_WORD,
  PUBCOMP: PUBCOMP_WORD,
});

function properties(values: PropertyValues | undefined): Uint8Array {
  return values === undefined ? NONE : encodeProperties(values);
}

function writeConnect(into: Uint8Array, at: number, packet: OutgoingConnect, v5: boolean): number {
  const { will } = packet;
  const coded = will && {
    ...will,
    topic: utf8(will.topic),
    properties: properties(will.properties),
  };
  const fields = { ...packet, v5, will: coded };
  return encode.encodeConnect(into, at, fields, properties(packet.properties));
}

/** A source with one message, as far as writing asks for one. */
function sourceOf(packet: OutgoingPublish, v5: boolean): MessageSource {
  const own = v5 ? properties(packet.properties) : NONE;
  const message = { ...emptyMessage(), topic: utf8(packet.topic), properties: own };
  return {
    message,
    next: () => true,
    putBack: () => {},
    reload: () => true,
    writePayload: (into, at) => {
      const after = at + packet.payload.length;
      if (after <= into.length) into.set(packet.payload, at);
      return after;
    },
    published: () => {},
    settled: () => {},
    rewind: () => {},
  };
}

/** Has a transmit buffer write at a position, and copies what it wrote. */
function throughTransmit(
  into: Uint8Array,
  at: number,
  write: (transmitBuffer: TransmitBuffer) => number,
) {
  const transmitBuffer = new TransmitBuffer(into.length);
  transmitBuffer.end = at;
  const end = write(transmitBuffer);
  into.set(transmitBuffer.bytes.subarray(at), at);
  return end;
}

function writePublish(into: Uint8Array, at: number, packet: OutgoingPublish, v5: boolean): number {
  const flags = (packet.duplicate ? 8 : 0) | (packet.qos << 1) | (packet.retain ? 1 : 0);
  const first = (type.PUBLISH << 4) | flags;
  const alias = v5 ? packet.alias : NO_PROPERTIES;
  const source = sourceOf(packet, v5);
  return throughTransmit(into, at, (transmitBuffer) => {
    return transmitBuffer.publish(source, first, packet.packetId, alias);
  });
}

function writeAcknowledgement(into: Uint8Array, at: number, packet: OutgoingAcknowledgement) {
  const word = WORDS[packet.type] | packet.packetId;
  return throughTransmit(into, at, (transmitBuffer) => {
    return transmitBuffer.acknowledge(word, packet.reason) ? transmitBuffer.end : into.length + 1;
  });
}

/** Encodes a packet at a position. @returns the position after it */
export function writeOutgoing(
  into: Uint8Array,
  at: number,
  packet: Outgoing,
  version: Version,
): number {
  const v5 = version === 5;
  switch (packet.type) {
    case 'CONNECT':
      return writeConnect(into, at, packet, v5);
    case 'PUBLISH':
      return writePublish(into, at, packet, v5);
    case 'SUBSCRIBE': {
      const { packetId, subscriptions, subscriptionId } = packet;
      return encode.encodeSubscribe(into, at, packetId, subscriptions, v5, subscriptionId);
    }
    case 'UNSUBSCRIBE':
      return encode.encodeUnsubscribe(into, at, packet.packetId, packet.filters, v5);
    case 'PINGREQ':
      return encode.encodePingreq(into, at);
    case 'DISCONNECT':
    case 'AUTH': {
      const own = properties(packet.properties);
      return encode.encodeReasoned(into, at, TYPES[packet.type], packet.reason, own);
    }
    default:
      return writeAcknowledgement(into, at, packet);
  }
}

/** The bytes of a packet. */
export function outgoingBytes(packet: Outgoing, version: Version): Uint8Array {
  const into = new Uint8Array(200_000);
  return into.slice(0, writeOutgoing(into, 0, packet, version));
}
