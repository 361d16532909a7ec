/** The session's CONNECT, and what may answer it (sections 3.1 and 3.2 of both versions). */

import { PeerError } from '../base/errors.ts';
import { CONNACK, Reason } from './constants.ts';
import { encodeConnect } from './encode.ts';
import type { SessionOptions } from './options.ts';
import type { Packet } from './packet.ts';
import { encodeProperties } from './property-values.ts';

const NO_BYTES: Uint8Array = new Uint8Array(0);

/**
 * Writes CONNECT at the start of a buffer.
 * @param clientId the identifier in force: an assigned one is used again
 * @returns its length; more than `into.length` when there was no room
 */
export function writeConnect(
  into: Uint8Array,
  options: SessionOptions,
  v5: boolean,
  clientId: string,
  cleanStart: boolean,
): number {
  const { keepAliveS, username, password, will } = options;
  const fields = { v5, clientId, cleanStart, keepAliveS, username, password, will };
  return encodeConnect(into, 0, fields, v5 ? connectProperties(options) : NO_BYTES);
}

function connectProperties(options: SessionOptions): Uint8Array {
  const auth = options.authenticator;
  const first = auth ? auth.start() : NO_BYTES;
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
  if (packet.packetType !== CONNACK) {
    throw new PeerError(
      Reason.protocolError,
      'a packet before CONNACK [5.0 MQTT-3.2.0-1] [3.1.1 MQTT-3.2.0-1]',
    );
  }
  if (packet.sessionPresent && cleanStart) {
    throw new PeerError(
      Reason.protocolError,
      'a session is present after a clean start [5.0 MQTT-3.2.2-2] [3.1.1 MQTT-3.2.2-1]',
    );
  }
}
