/** The shape of each MQTT 5 property and where it may stand (5.0 table 2-4). */

/** What a property's value looks like. */
export const BYTE = 1;
export const UINT16 = 2;
export const UINT32 = 3;
export const VARINT = 4;
export const BINARY = 5;
export const STRING = 6;
export const PAIR = 7;

/**
 * By identifier: shape × 0x10000 + a bit for each packet type that a server may send it in.
 * Properties that only a client sends have no such bit.
 */
export const RULES: readonly number[] = Object.freeze([
  0, // 0x00
  0x1_0008, // payload format: PUBLISH
  0x3_0008, // message expiry: PUBLISH
  0x6_0008, // content type: PUBLISH
  0,
  0,
  0,
  0,
  0x6_0008, // response topic: PUBLISH
  0x5_0008, // correlation data: PUBLISH
  0,
  0x4_0008, // subscription identifier: PUBLISH, repeated
  0,
  0,
  0,
  0,
  0,
  0x3_0004, // session expiry: CONNACK (a server must not send it in DISCONNECT)
  0x6_0004, // assigned client identifier: CONNACK
  0x2_0004, // server keep alive: CONNACK
  0,
  0x6_8004, // authentication method: CONNACK, AUTH
  0x5_8004, // authentication data: CONNACK, AUTH
  0x1_0000, // request problem information
  0x3_0000, // will delay
  0x1_0000, // request response information
  0x6_0004, // response information: CONNACK
  0,
  0x6_4004, // server reference: CONNACK, DISCONNECT
  0,
  0,
  0x6_caf4, // reason string: CONNACK, PUBACK to PUBCOMP, SUBACK, UNSUBACK, DISCONNECT, AUTH
  0,
  0x2_0004, // receive maximum: CONNACK
  0x2_0004, // topic alias maximum: CONNACK
  0x2_0008, // topic alias: PUBLISH
  0x1_0004, // maximum QoS: CONNACK
  0x1_0004, // retain available: CONNACK
  0x7_cafc, // user property: everywhere, repeated
  0x3_0004, // maximum packet size: CONNACK
  0x1_0004, // wildcard subscription available: CONNACK
  0x1_0004, // subscription identifier available: CONNACK
  0x1_0004, // shared subscription available: CONNACK
]);
