/**
 * The fast path of nearly all packets, each in one step, because on XS every call and every check
 * costs: a message like the one before it goes out, its PUBACK comes, a QoS 1 message comes in.
 *
 * Each looks first and touches nothing when anything is unusual, or wrong. The long way then does
 * the same from the start, and says what was wrong: nothing is refused here.
 */

import { Reason } from '../codec/constants.ts';
import { isPlainTopic } from '../codec/topics.ts';
import type { MessageSource } from '../message-source.ts';
import type { SessionEvent } from './event.ts';
import { HOLE, type InFlight, OUT } from './in-flight.ts';
import type { ReceiveBuffer } from './receive-buffer.ts';
import { FAST_PATH_PUBLISH, PUBACK_WORD, type TransmitBuffer } from './transmit-buffer.ts';

/** The part of `Outbound` that the fast path needs. */
export interface Outgoing {
  readonly inFlight: InFlight;
  readonly sources: readonly MessageSource[];
  readonly transmitBuffer: TransmitBuffer;
  /** With fewer messages than this in flight, holes included, the window is open. */
  readonly windowMin: number;
  /** A packet identifier that is not in use. */
  allocate(): number;
}

/** The shortest PUBLISH whose topic `isPlainTopic` looks at. */
const PUBLISH_BYTES_MIN = 20;
/** A PUBACK's four bytes less this are the in-flight cell that it settles, but for its source. */
const PUBACK_FOR_OUT = PUBACK_WORD - OUT;
const NOT_SOURCE = 0xff00_ffff | 0;

/**
 * Sends a source's current message where all of its PUBLISH but payload and identifier lies ready,
 * with room in the window: QoS 1, neither retained nor a redelivery.
 * @param index the source's
 * @returns whether it is on its way
 */
export function fastPathSend(
  outbound: Outgoing,
  source: MessageSource,
  index: number,
  now: number,
): boolean {
  const transmitBuffer = outbound.transmitBuffer;
  if (transmitBuffer.end !== 0) return false;
  const bytes = transmitBuffer.bytes;
  if (bytes[0] !== FAST_PATH_PUBLISH) return false;
  const message = source.message;
  if (message.topic !== transmitBuffer.topic) return false;
  if (message.properties !== transmitBuffer.properties) return false;
  if (message.qos !== 1) return false;
  if (message.retain) return false;
  if (message.duplicate) return false;
  const flight = outbound.inFlight;
  const waiting = flight.next - flight.first;
  if (waiting >= outbound.windowMin) return false;
  const view = transmitBuffer.view;
  const end = source.writePayload(bytes, transmitBuffer.payloadAt, view);
  if (end < transmitBuffer.endMin) return false;
  if (end > transmitBuffer.endMax) return false;
  // Not before it is sure to go out: an identifier that is given is used.
  let packetId = message.packetId;
  if (packetId === 0) packetId = outbound.allocate();
  else if (waiting > 0 && flight.find(packetId) >= 0) packetId = outbound.allocate();
  view.setUint16(transmitBuffer.packetIdAt, packetId);
  bytes[1] = end - transmitBuffer.lengthFrom;
  transmitBuffer.end = end;
  source.published(false);
  // As `InFlight.add` does.
  const cells = flight.cells;
  const cell = (flight.next++ & flight.mask) * 3;
  cells[cell] = OUT | (index << 16) | packetId;
  cells[cell + 1] = message.token;
  cells[cell + 2] = now;
  return true;
}

/**
 * Takes the PUBACK that comes next: without a reason, for the message that has waited longest, with
 * none behind it that was acknowledged before.
 * @returns whether it was taken
 */
export function fastPathPuback(receiveBuffer: ReceiveBuffer, outbound: Outgoing): boolean {
  const start = receiveBuffer.start;
  if (receiveBuffer.end - start < 4 || receiveBuffer.skipLeft > 0) return false;
  const flight = outbound.inFlight;
  const cells = flight.cells;
  const index = (flight.first & flight.mask) * 3;
  const cell = cells[index];
  if ((cell & NOT_SOURCE) !== receiveBuffer.view.getInt32(start) - PUBACK_FOR_OUT) return false;
  const next = flight.first + 1;
  if (next !== flight.next && cells[(next & flight.mask) * 3] === HOLE) return false;
  receiveBuffer.start = start + 4;
  cells[index] = HOLE;
  flight.first = next;
  outbound.sources[(cell >> 16) & 0xff].settled(cells[index + 1], Reason.success);
  return true;
}

/**
 * Takes the PUBLISH that comes next: whole, QoS 1, neither retained nor a redelivery, with a plain
 * topic and no properties. The caller has seen room for the PUBACK.
 * @returns whether it was taken: it is the event now, and its PUBACK is queued
 */
export function fastPathReceive(
  receiveBuffer: ReceiveBuffer,
  event: SessionEvent,
  out: TransmitBuffer,
  v5: boolean,
): boolean {
  const bytes = receiveBuffer.bytes;
  let at = receiveBuffer.start + 2;
  let length = bytes[at - 1];
  if (length > 0x7f) {
    length += (bytes[at] << 7) - 0x80;
    at += 1;
    if (length < 0x80) return false;
    if (length > 0x3fff) return false;
  }
  // A length behind the buffer's end is no number.
  if (!(length >= PUBLISH_BYTES_MIN)) return false;
  const end = at + length;
  if (end > receiveBuffer.end) return false;
  if (receiveBuffer.skipLeft > 0) return false;
  const view = receiveBuffer.view;
  const topicStart = at + 2;
  const topicEnd = topicStart + view.getUint16(at);
  at = topicEnd + (v5 ? 3 : 2);
  if (at > end) return false;
  const packetId = view.getUint16(topicEnd);
  if (packetId === 0) return false;
  if (!isPlainTopic(view, topicStart, topicEnd)) return false;
  const packet = event.packet;
  if (v5) {
    if (bytes[at - 1] !== 0) return false;
    packet.properties.clear();
  }
  packet.first = FAST_PATH_PUBLISH;
  packet.packetId = packetId;
  event.topicBytes = bytes;
  event.topicStart = packet.topicStart = topicStart;
  event.topicEnd = packet.topicEnd = topicEnd;
  packet.payloadStart = at;
  packet.payloadEnd = receiveBuffer.start = end;
  event.type = 'message';
  out.view.setInt32(out.end, PUBACK_WORD | packetId);
  out.end += 4;
  return true;
}
