/**
 * The packets that a client sends, written into a buffer.
 *
 * Every function takes the position to write at and returns the position after the packet. A
 * result beyond the buffer's length means that there was no room; what then lies in the buffer
 * after the start position is of no use. Nothing here allocates but `encodeProperties`.
 */

import { NO_BYTES, writeBytes, writeUint16 } from '../../base/bytes.ts';
import { utf8Length, writeUtf8 } from '../../base/utf8.ts';
import * as type from './constants.ts';
import { varintLength, writeVarint } from './varint.ts';

/** The message that the broker publishes for a client that dies (section 3.1.2.5). */
export interface Will {
  readonly topic: Uint8Array;
  readonly payload: Uint8Array;
  readonly qos: 0 | 1 | 2;
  readonly retain: boolean;
  /** MQTT 5: encoded will properties (will delay among them), without their length. */
  readonly properties?: Uint8Array;
}

/** What CONNECT says. */
export interface ConnectFields {
  readonly v5: boolean;
  readonly clientId: string;
  readonly cleanStart: boolean;
  readonly keepAliveS: number;
  readonly username?: string;
  readonly password?: Uint8Array;
  readonly will?: Will;
}

/** One subscription: a topic filter and its options; all but `qos` are for 5.0 only. */
export interface Subscription {
  readonly filter: string;
  readonly qos: 0 | 1 | 2;
  readonly noLocal?: boolean;
  readonly retainAsPublished?: boolean;
  /** 0: retained messages on subscribing; 1: only for a new subscription; 2: none. */
  readonly retainHandling?: 0 | 1 | 2;
}

/** Where the body of a packet at `at` goes: room is left for a two-byte length. */
function bodyOf(into: Uint8Array, at: number): number {
  // What lay here is no packet any more, even if this one turns out to have no room.
  into[at] = 0;
  return at + 3;
}

/**
 * Puts the first byte and the length before a body, and moves the body where the length takes
 * another size than was left for it.
 * @param body where the body was begun, two or three bytes after `at`
 * @returns the position after the packet
 */
export function finishPacket(
  into: Uint8Array,
  at: number,
  first: number,
  bodyEnd: number,
  body = at + 3,
): number {
  const length = bodyEnd - body;
  const after = at + 1 + varintLength(length);
  const end = after + length;
  if (bodyEnd > into.length || end > into.length) return Math.max(bodyEnd, end);
  if (after !== body) into.copyWithin(after, body, bodyEnd);
  into[at] = first;
  writeVarint(into, at + 1, length);
  return end;
}

function writeText(into: Uint8Array, at: number, text: string): number {
  return writeUtf8(into, writeUint16(into, at, utf8Length(text)), text);
}

function writeData(into: Uint8Array, at: number, data: Uint8Array): number {
  return writeBytes(into, writeUint16(into, at, data.length), data);
}

function writeSection(into: Uint8Array, at: number, properties: Uint8Array): number {
  return writeBytes(into, writeVarint(into, at, properties.length), properties);
}

/** CONNECT (section 3.1). `properties`: 5.0 only, encoded without their length. */
export function encodeConnect(
  into: Uint8Array,
  start: number,
  fields: ConnectFields,
  properties: Uint8Array,
): number {
  const will = fields.will;
  let flags = fields.cleanStart ? 2 : 0;
  if (will) flags |= 4 | (will.qos << 3) | (will.retain ? 0x20 : 0);
  if (fields.password) flags |= 0x40;
  // 3.1.1 has no password without a user name [3.1.1 MQTT-3.1.2-22]: an empty one goes with it.
  const username = fields.username ?? (fields.password && !fields.v5 ? '' : undefined);
  if (username !== undefined) flags |= 0x80;
  let at = writeText(into, bodyOf(into, start), 'MQTT');
  into[at] = fields.v5 ? 5 : 4;
  into[at + 1] = flags;
  at = writeUint16(into, at + 2, fields.keepAliveS);
  if (fields.v5) at = writeSection(into, at, properties);
  at = writeText(into, at, fields.clientId);
  if (will) {
    if (fields.v5) at = writeSection(into, at, will.properties ?? NO_BYTES);
    at = writeData(into, writeData(into, at, will.topic), will.payload);
  }
  if (username !== undefined) at = writeText(into, at, username);
  if (fields.password) at = writeData(into, at, fields.password);
  return finishPacket(into, start, type.CONNECT << 4, at);
}

/** SUBSCRIBE (section 3.8). `subscriptionId`: 5.0 only, 0 for none. */
export function encodeSubscribe(
  into: Uint8Array,
  start: number,
  packetId: number,
  subscriptions: readonly Subscription[],
  v5: boolean,
  subscriptionId: number,
): number {
  let at = writeUint16(into, bodyOf(into, start), packetId);
  if (v5) {
    into[at] = subscriptionId === 0 ? 0 : 1 + varintLength(subscriptionId);
    at++;
    if (subscriptionId !== 0) {
      into[at] = 0x0b;
      at = writeVarint(into, at + 1, subscriptionId);
    }
  }
  for (const one of subscriptions) {
    at = writeText(into, at, one.filter);
    let options: number = one.qos;
    if (v5) {
      if (one.noLocal) options |= 4;
      if (one.retainAsPublished) options |= 8;
      options |= (one.retainHandling ?? 0) << 4;
    }
    into[at++] = options;
  }
  return finishPacket(into, start, (type.SUBSCRIBE << 4) | 2, at);
}

/** UNSUBSCRIBE (section 3.10). */
export function encodeUnsubscribe(
  into: Uint8Array,
  start: number,
  packetId: number,
  filters: readonly string[],
  v5: boolean,
): number {
  let at = writeUint16(into, bodyOf(into, start), packetId);
  if (v5) into[at++] = 0;
  for (const filter of filters) at = writeText(into, at, filter);
  return finishPacket(into, start, (type.UNSUBSCRIBE << 4) | 2, at);
}

/** PINGREQ (section 3.12). */
export function encodePingreq(into: Uint8Array, at: number): number {
  into[at] = type.PINGREQ << 4;
  into[at + 1] = 0;
  return at + 2;
}

/** DISCONNECT or AUTH of 5.0 with a reason and encoded properties (sections 3.14, 3.15). */
export function encodeReasoned(
  into: Uint8Array,
  start: number,
  packetType: number,
  reason: number,
  properties: Uint8Array,
): number {
  const body = bodyOf(into, start);
  if (reason === 0 && properties.length === 0) {
    return finishPacket(into, start, packetType << 4, body);
  }
  into[body] = reason;
  const at = properties.length === 0 ? body + 1 : writeSection(into, body + 1, properties);
  return finishPacket(into, start, packetType << 4, at);
}
