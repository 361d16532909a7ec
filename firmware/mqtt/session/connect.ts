/** The session's CONNECT, and what may answer it (sections 3.1 and 3.2 of both versions). */

import { NO_BYTES } from '../../base/bytes.ts';
import { PeerError } from '../../base/errors.ts';
import { CONNACK, Property, Reason } from '../codec/constants.ts';
import { encodeConnect, type Will } from '../codec/encode.ts';
import type { Packet } from '../codec/packet.ts';
import { encodeProperties } from '../codec/property-values.ts';
import { illegal } from '../codec/protocol-error.ts';
import { type Authentication, asked, firstData } from './authentication.ts';
import type { SessionOptions } from './options.ts';

/**
 * Writes CONNECT at the start of a buffer.
 * @param clientId the identifier in force: an assigned one is used again
 * @param will as much of it as the broker takes
 * @returns its length
 * @throws PeerError when there is no room, or when the authentication method fails
 */
export function writeConnect(
  into: Uint8Array,
  options: SessionOptions,
  v5: boolean,
  clientId: string,
  cleanStart: boolean,
  will: Will | undefined,
): number {
  const { keepAliveS, username, password } = options;
  const fields = { v5, clientId, cleanStart, keepAliveS, username, password, will };
  const end = encodeConnect(into, 0, fields, v5 ? connectProperties(options) : NO_BYTES);
  if (end > into.length) throw new PeerError(Reason.packetTooLarge, 'CONNECT has no room');
  return end;
}

function connectProperties(options: SessionOptions): Uint8Array {
  const auth = options.authenticator;
  const first = auth ? firstData(auth) : NO_BYTES;
  return encodeProperties({
    sessionExpiry: options.sessionExpiryS,
    receiveMaximum: options.receiveMax,
    maximumPacketSize: Math.max(options.receiveBytes, options.packetBytesMax),
    topicAliasMaximum: options.aliasesIn === 0 ? undefined : options.aliasesIn,
    requestResponseInformation: options.requestResponseInformation ? 1 : undefined,
    authenticationMethod: auth?.method,
    authenticationData: first.length === 0 ? undefined : first,
    user: options.userProperties,
  });
}

/**
 * Judges the first packet of a connection.
 * @returns whether the broker accepts
 * @throws PeerError when it is no CONNACK, has a session that we did not ask for, or fails to prove
 * itself
 */
export function checkConnack(
  packet: Packet,
  cleanStart: boolean,
  authentication: Authentication | undefined,
): boolean {
  if (packet.packetType !== CONNACK) throw tooEarly();
  if (packet.sessionPresent && cleanStart) {
    // [5.0 MQTT-3.2.2-2, 3.2.2-4] [3.1.1 MQTT-3.2.2-1]
    throw illegal('session present after a clean start');
  }
  if (packet.reason !== 0) return false;
  if (authentication) authentication.judge(packet);
  else if (packet.properties.has(Property.authenticationMethod)) asked(undefined);
  return true;
}

/** The error for a packet that only an accepted connection may carry. */
export function tooEarly(): PeerError {
  // [5.0 MQTT-3.2.0-1] [3.1.1 MQTT-3.2.0-1]
  return illegal('packet before CONNACK');
}
