/**
 * One question and one answer of SNTP (RFC 4330, RFC 5905). Sans-IO.
 *
 * An answer counts when it repeats what was asked, is synchronised, and comes from a server; a
 * kiss-o'-death and anything else is no answer.
 */

import { readUint32, writeUint32 } from '../base/bytes.ts';

export const PACKET_BYTES = 48;
/** Version 4, a client. */
const REQUEST = 0x23;
const SERVER_MODE = 4;
const NOT_SYNCHRONISED = 3;
const STRATUM_MAX = 15;
const ORIGINATE = 24;
const TRANSMIT = 40;
/** From 1900, as NTP counts, to 1970. */
const EPOCH_S = 2_208_988_800;
const ERA_S = 0x1_0000_0000;

/** Writes a question. @param token 32 random bits that the answer must repeat */
export function writeRequest(into: Uint8Array, token: number): void {
  into.fill(0, 0, PACKET_BYTES);
  into[0] = REQUEST;
  writeUint32(into, TRANSMIT, token);
}

/** @returns Unix milliseconds when the server sent it, or -1 when it is no answer to `token` */
export function readAnswer(from: Uint8Array, length: number, token: number): number {
  if (length < PACKET_BYTES) return -1;
  const isServer = (from[0] & 7) === SERVER_MODE && from[0] >> 6 !== NOT_SYNCHRONISED;
  const stratum = from[1];
  const seconds = readUint32(from, TRANSMIT);
  if (!isServer || stratum === 0 || stratum > STRATUM_MAX || seconds === 0) return -1;
  if (readUint32(from, ORIGINATE) !== token) return -1;
  // The first bit tells the era (RFC 4330, 3): from 2036 on it is clear.
  const since1900 = seconds >= ERA_S / 2 ? seconds : seconds + ERA_S;
  const fraction = readUint32(from, TRANSMIT + 4) / ERA_S;
  return Math.round((since1900 - EPOCH_S + fraction) * 1000);
}
