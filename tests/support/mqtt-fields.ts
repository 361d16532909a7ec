/**
 * What a received packet says, as plain values to compare: the fields that its type has, and its
 * properties by name where it has any.
 */

import * as type from '../../firmware/mqtt/codec/constants.ts';
import { Property } from '../../firmware/mqtt/codec/constants.ts';
import { Packet } from '../../firmware/mqtt/codec/packet.ts';
import type { Properties } from '../../firmware/mqtt/codec/properties.ts';
import { BINARY, PAIR, STRING, shapeOf, VARINT } from '../../firmware/mqtt/codec/property-rules.ts';
import { NOTHING, PACKET, ReceiveBuffer } from '../../firmware/mqtt/session/receive-buffer.ts';
import { toHex } from './mqtt-bytes.ts';

export type Version = 4 | 5;
export type PropertyFields = Record<string, unknown>;
export type PacketFields = Readonly<Record<string, unknown>>;

const NAMES: readonly string[] = Object.freeze([
  ...['0', 'CONNECT', 'CONNACK', 'PUBLISH', 'PUBACK', 'PUBREC', 'PUBREL', 'PUBCOMP', 'SUBSCRIBE'],
  ...['SUBACK', 'UNSUBSCRIBE', 'UNSUBACK', 'PINGREQ', 'PINGRESP', 'DISCONNECT', 'AUTH'],
]);

/** Properties by the names of `Property`; user properties as pairs, binary data as hex. */
export function propertyFields(properties: Properties): PropertyFields {
  const found: PropertyFields = {};
  for (const [name, id] of Object.entries(Property)) {
    if (!properties.has(id)) continue;
    const shape = shapeOf(id);
    if (shape === PAIR) found.user = properties.users();
    else if (shape === VARINT) found[name] = properties.subscriptionIds();
    else if (shape === STRING) found[name] = properties.text(id);
    else if (shape === BINARY) found[name] = toHex(properties.data(id) ?? []);
    else found[name] = properties.number(id, -1);
  }
  return found;
}

function ownFields(packet: Packet, v5: boolean): PacketFields {
  const { packetId, reason } = packet;
  const codes = toHex(packet.bytes.subarray(packet.payloadStart, packet.payloadEnd));
  switch (packet.packetType) {
    case type.CONNACK:
      return { sessionPresent: packet.sessionPresent, reason };
    case type.PUBLISH:
      return {
        topic: packet.topic(),
        payload: codes,
        qos: packet.qos,
        retain: packet.retain,
        duplicate: packet.duplicate,
        packetId,
      };
    case type.PUBACK:
    case type.PUBREC:
    case type.PUBREL:
    case type.PUBCOMP:
      return v5 ? { packetId, reason } : { packetId };
    case type.SUBACK:
    case type.UNSUBACK:
      return v5 || packet.packetType === type.SUBACK ? { packetId, codes } : { packetId };
    case type.DISCONNECT:
    case type.AUTH:
      return { reason };
    default:
      return {};
  }
}

/** The fields of a decoded packet. */
export function fieldsOf(packet: Packet, v5: boolean): PacketFields {
  const fields = { type: NAMES[packet.packetType], ...ownFields(packet, v5) };
  const properties = v5 ? propertyFields(packet.properties) : {};
  return Object.keys(properties).length === 0 ? fields : { ...fields, properties };
}

/** Puts bytes into a receive buffer as a connection does. @returns how many it took */
export function pour(receiveBuffer: ReceiveBuffer, from: Uint8Array, at: number): number {
  receiveBuffer.compact();
  const count = Math.min(receiveBuffer.bytes.length - receiveBuffer.end, from.length - at);
  receiveBuffer.bytes.set(from.subarray(at, at + count), receiveBuffer.end);
  return count;
}

/** Decodes a stream that comes in pieces, without a session. @throws PeerError */
export function decodePieces(
  pieces: readonly Uint8Array[],
  version: Version,
  capacity: number,
): PacketFields[] {
  const receiveBuffer = new ReceiveBuffer(capacity, 0);
  const packet = new Packet();
  const found: PacketFields[] = [];
  const v5 = version === 5;
  for (const piece of pieces) {
    for (let at = 0; at < piece.length; ) {
      const count = pour(receiveBuffer, piece, at);
      if (count === 0) throw new Error('the receive buffer is full and yields nothing');
      receiveBuffer.end += count;
      at += count;
      for (let next = receiveBuffer.next(v5); next !== NOTHING; next = receiveBuffer.next(v5)) {
        if (next !== PACKET) throw new Error('a packet was skipped');
        packet.decode(
          receiveBuffer.first,
          receiveBuffer.bytes,
          receiveBuffer.bodyStart,
          receiveBuffer.bodyEnd,
          v5,
        );
        found.push(fieldsOf(packet, v5));
      }
    }
  }
  return found;
}
