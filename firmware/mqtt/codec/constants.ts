/**
 * Numbers of the wire: packet types (3.1.1 and 5.0 section 2), reason codes (5.0 section 2.4) and
 * property identifiers (5.0 section 2.2.2.2).
 */

export const CONNECT = 1;
export const CONNACK = 2;
export const PUBLISH = 3;
export const PUBACK = 4;
export const PUBREC = 5;
export const PUBREL = 6;
export const PUBCOMP = 7;
export const SUBSCRIBE = 8;
export const SUBACK = 9;
export const UNSUBSCRIBE = 10;
export const UNSUBACK = 11;
export const PINGREQ = 12;
export const PINGRESP = 13;
export const DISCONNECT = 14;
export const AUTH = 15;

/** Reason codes that the client itself sends or decides by. */
export const Reason = Object.freeze({
  success: 0x00,
  disconnectWithWill: 0x04,
  continueAuthentication: 0x18,
  reAuthenticate: 0x19,
  unspecified: 0x80,
  malformed: 0x81,
  protocolError: 0x82,
  unsupportedVersion: 0x84,
  badCredentials: 0x86,
  notAuthorized: 0x87,
  badAuthenticationMethod: 0x8c,
  keepAliveTimeout: 0x8d,
  sessionTakenOver: 0x8e,
  packetIdNotFound: 0x92,
  receiveMaximumExceeded: 0x93,
  topicAliasInvalid: 0x94,
  packetTooLarge: 0x95,
  topicNameInvalid: 0x90,
  useAnotherServer: 0x9c,
  serverMoved: 0x9d,
} as const);

/** Property identifiers. */
export const Property = Object.freeze({
  payloadFormat: 0x01,
  messageExpiry: 0x02,
  contentType: 0x03,
  responseTopic: 0x08,
  correlationData: 0x09,
  subscriptionId: 0x0b,
  sessionExpiry: 0x11,
  assignedClientId: 0x12,
  serverKeepAlive: 0x13,
  authenticationMethod: 0x15,
  authenticationData: 0x16,
  requestProblemInformation: 0x17,
  willDelay: 0x18,
  requestResponseInformation: 0x19,
  responseInformation: 0x1a,
  serverReference: 0x1c,
  reasonString: 0x1f,
  receiveMaximum: 0x21,
  topicAliasMaximum: 0x22,
  topicAlias: 0x23,
  maximumQos: 0x24,
  retainAvailable: 0x25,
  userProperty: 0x26,
  maximumPacketSize: 0x27,
  wildcardSubscriptionAvailable: 0x28,
  subscriptionIdAvailable: 0x29,
  sharedSubscriptionAvailable: 0x2a,
} as const);

/** The largest number that a variable byte integer holds [MQTT-1.5.5-1]. */
export const VARINT_MAX = 268_435_455;
