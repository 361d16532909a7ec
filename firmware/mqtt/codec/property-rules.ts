/** The shape of each MQTT 5 property and where it may stand (5.0 table 2-4). */

import { Property } from './constants.ts';

/** What a property's value looks like. */
export const BYTE = 1;
export const UINT16 = 2;
export const UINT32 = 3;
export const VARINT = 4;
export const BINARY = 5;
export const STRING = 6;
export const PAIR = 7;

const SHAPE_BITS = 3;
const SHAPE = (1 << SHAPE_BITS) - 1;
const IDENTIFIER_MAX = 0x2a;

/**
 * The packets that a server may send a property in, a bit for each type. What a client alone sends
 * comes from a server nowhere; a session expiry must not stand in its DISCONNECT.
 */
const From = Object.freeze({
  nowhere: 0,
  publish: 0x8,
  connack: 0x4,
  /** CONNACK and AUTH. */
  signingIn: 0x8004,
  /** CONNACK and DISCONNECT. */
  ending: 0x4004,
  /** All but PUBLISH. */
  answers: 0xcaf4,
  anywhere: 0xcafc,
} as const);

type Rule = readonly [identifier: number, shape: number, packets: number];

/** By identifier: the shape, 0 for none, and above it the packets. */
const RULES = byIdentifier([
  [Property.payloadFormat, BYTE, From.publish],
  [Property.messageExpiry, UINT32, From.publish],
  [Property.contentType, STRING, From.publish],
  [Property.responseTopic, STRING, From.publish],
  [Property.correlationData, BINARY, From.publish],
  [Property.subscriptionId, VARINT, From.publish],
  [Property.sessionExpiry, UINT32, From.connack],
  [Property.assignedClientId, STRING, From.connack],
  [Property.serverKeepAlive, UINT16, From.connack],
  [Property.authenticationMethod, STRING, From.signingIn],
  [Property.authenticationData, BINARY, From.signingIn],
  [Property.requestProblemInformation, BYTE, From.nowhere],
  [Property.willDelay, UINT32, From.nowhere],
  [Property.requestResponseInformation, BYTE, From.nowhere],
  [Property.responseInformation, STRING, From.connack],
  [Property.serverReference, STRING, From.ending],
  [Property.reasonString, STRING, From.answers],
  [Property.receiveMaximum, UINT16, From.connack],
  [Property.topicAliasMaximum, UINT16, From.connack],
  [Property.topicAlias, UINT16, From.publish],
  [Property.maximumQos, BYTE, From.connack],
  [Property.retainAvailable, BYTE, From.connack],
  [Property.userProperty, PAIR, From.anywhere],
  [Property.maximumPacketSize, UINT32, From.connack],
  [Property.wildcardSubscriptionAvailable, BYTE, From.connack],
  [Property.subscriptionIdAvailable, BYTE, From.connack],
  [Property.sharedSubscriptionAvailable, BYTE, From.connack],
]);

function byIdentifier(rules: readonly Rule[]): Uint32Array {
  const table = new Uint32Array(IDENTIFIER_MAX + 1);
  for (const [identifier, shape, packets] of rules) {
    table[identifier] = shape | (packets << SHAPE_BITS);
  }
  return table;
}

/** The shape of a property's value; 0 where the identifier is unknown. */
export function shapeOf(id: number): number {
  return id <= IDENTIFIER_MAX ? RULES[id] & SHAPE : 0;
}

/** Whether a server may send a known property in a packet type. */
export function mayStand(id: number, packetType: number): boolean {
  return ((RULES[id] >> (SHAPE_BITS + packetType)) & 1) === 1;
}
