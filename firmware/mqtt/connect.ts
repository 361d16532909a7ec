/** The session's CONNECT, from its options (sections 3.1 of both versions). */

import { encodeConnect } from './encode.ts';
import type { SessionOptions } from './options.ts';
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
