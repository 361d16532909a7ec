/** The shape of each MQTT 5 property and where it may stand (5.0 table 2-4). */

import { AUTH, CONNACK, DISCONNECT, Property, PUBLISH } from './constants.ts';

/** The shapes of a property's value. */
export const BYTE = 1;
export const UINT16 = 2;
export const UINT32 = 3;
export const VARINT = 4;
export const BINARY = 5;
export const STRING = 6;
export const PAIR = 7;

/** The shape of a property's value; 0 where the identifier is unknown. */
export function shapeOf(id: number): number {
  switch (id) {
    case Property.payloadFormat:
    case Property.requestProblemInformation:
    case Property.requestResponseInformation:
    case Property.maximumQos:
    case Property.retainAvailable:
    case Property.wildcardSubscriptionAvailable:
    case Property.subscriptionIdAvailable:
    case Property.sharedSubscriptionAvailable:
      return BYTE;
    case Property.messageExpiry:
    case Property.sessionExpiry:
    case Property.willDelay:
    case Property.maximumPacketSize:
      return UINT32;
    case Property.contentType:
    case Property.responseTopic:
    case Property.assignedClientId:
    case Property.authenticationMethod:
    case Property.responseInformation:
    case Property.serverReference:
    case Property.reasonString:
      return STRING;
    case Property.correlationData:
    case Property.authenticationData:
      return BINARY;
    case Property.subscriptionId:
      return VARINT;
    case Property.serverKeepAlive:
    case Property.receiveMaximum:
    case Property.topicAliasMaximum:
    case Property.topicAlias:
      return UINT16;
    case Property.userProperty:
      return PAIR;
    default:
      return 0;
  }
}

/** Whether a server may send a known property in a packet type. */
export function mayStand(id: number, packetType: number): boolean {
  switch (id) {
    case Property.userProperty:
      return true;
    case Property.reasonString:
      return packetType !== PUBLISH;
    case Property.payloadFormat:
    case Property.messageExpiry:
    case Property.contentType:
    case Property.responseTopic:
    case Property.correlationData:
    case Property.subscriptionId:
    case Property.topicAlias:
      return packetType === PUBLISH;
    case Property.authenticationMethod:
    case Property.authenticationData:
      return packetType === CONNACK || packetType === AUTH;
    case Property.serverReference:
      return packetType === CONNACK || packetType === DISCONNECT;
    // What a client alone sends.
    case Property.requestProblemInformation:
    case Property.willDelay:
    case Property.requestResponseInformation:
      return false;
    // A session expiry, too: it must not stand in a server's DISCONNECT.
    default:
      return packetType === CONNACK;
  }
}
