/**
 * One question and one answer of SNTP (RFC 4330, RFC 5905). Sans-IO.
 *
 * An answer counts when it repeats the token that was asked with, is synchronised, and comes from a
 * server. A kiss-o'-death that repeats it is a wish to be asked less; anything else is no answer.
 */

import { readUint32, writeUint32 } from '../base/bytes.ts';

export const PACKET_BYTES = 48;
/** No answer to the question. */
export const NO_ANSWER = -1;
/** The server wants to be left alone (RFC 5905, 7.4). */
export const KISS_OF_DEATH = -2;
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

/** 64 random bits in place of our own time, which nobody needs to know. */
export interface Token {
  readonly high: number;
  readonly low: number;
}

/** Writes a question. @param token fresh for each: the answer must repeat it */
export function writeRequest(into: Uint8Array, { high, low }: Token): void {
  into.fill(0, 0, PACKET_BYTES);
  into[0] = REQUEST;
  writeUint32(into, TRANSMIT, high);
  writeUint32(into, TRANSMIT + 4, low);
}

/** @returns Unix milliseconds when the server sent it; or NO_ANSWER, or KISS_OF_DEATH */
export function readAnswer(from: Uint8Array, length: number, { high, low }: Token): number {
  if (length < PACKET_BYTES || (from[0] & 7) !== SERVER_MODE) return NO_ANSWER;
  const isOurs = readUint32(from, ORIGINATE) === high && readUint32(from, ORIGINATE + 4) === low;
  if (!isOurs) return NO_ANSWER;
  const stratum = from[1];
  if (stratum === 0) return KISS_OF_DEATH;
  const seconds = readUint32(from, TRANSMIT);
  const isSynchronised = from[0] >> 6 !== NOT_SYNCHRONISED && stratum <= STRATUM_MAX;
  if (!isSynchronised || seconds === 0) return NO_ANSWER;
  // The first bit tells the era (RFC 4330, 3): from 2036 on it is clear.
  const since1900 = seconds >= ERA_S / 2 ? seconds : seconds + ERA_S;
  const fraction = readUint32(from, TRANSMIT + 4) / ERA_S;
  return Math.round((since1900 - EPOCH_S + fraction) * 1000);
}
