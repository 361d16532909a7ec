/** The session's CONNECT, and what may answer it (sections 3.1 and 3.2 of both versions). */

import { NO_BYTES } from '../base/bytes.ts';
import { PeerError } from '../base/errors.ts';
import { firstData } from './authentication.ts';
import { CONNACK, Reason } from './constants.ts';
import { encodeConnect } from './encode.ts';
import type { SessionOptions } from './options.ts';
import type { Packet } from './packet.ts';
import { encodeProperties } from './property-values.ts';

/**
 * Writes CONNECT at the start of a buffer.
 * @param clientId the identifier in force: an assigned one is used again
 * @returns its length
 * @throws PeerError when there is no room, or when the authentication method fails
 */
export function writeConnect(
  into: Uint8Array,
  options: SessionOptions,
  v5: boolean,
  clientId: string,
  cleanStart: boolean,
): number {
  const { keepAliveS, username, password, will } = options;
  // An empty identifier names no session that 3.1.1 could keep [3.1.1 MQTT-3.1.3-7].
  const clean = cleanStart || (!v5 && clientId === '');
  const fields = { v5, clientId, cleanStart: clean, keepAliveS, username, password, will };
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
    maximumPacketSize: options.receiveBytes,
    topicAliasMaximum: options.aliasesIn === 0 ? undefined : options.aliasesIn,
    requestResponseInformation: options.requestResponseInformation ? 1 : undefined,
    authenticationMethod: auth?.method,
    authenticationData: first.length === 0 ? undefined : first,
    user: options.userProperties,
  });
}

/**
 * Judges the first packet of a connection.
 * @throws PeerError when it is no CONNACK, or has a session that we did not ask for
 */
export function checkConnack(packet: Packet, cleanStart: boolean): void {
  if (packet.packetType !== CONNACK) throw tooEarly();
  if (packet.sessionPresent && cleanStart) {
    throw new PeerError(
      Reason.protocolError,
      'a session is present after a clean start [5.0 MQTT-3.2.2-2] [3.1.1 MQTT-3.2.2-1]',
    );
  }
}

/** The answer to what only a connection that was accepted may carry. */
export function tooEarly(): PeerError {
  return new PeerError(
    Reason.protocolError,
    'a packet before CONNACK [5.0 MQTT-3.2.0-1] [3.1.1 MQTT-3.2.0-1]',
  );
}
