/** Variable byte integers (5.0 section 1.5.5; 3.1.1 section 2.2.3, remaining length). */

import { PeerError } from '../../base/errors.ts';
import { Reason } from './constants.ts';

/** How many bytes the shortest encoding of `value` takes, 1 to 4. */
export function varintLength(value: number): number {
  return value < 0x80 ? 1 : value < 0x4000 ? 2 : value < 0x20_0000 ? 3 : 4;
}

/** Writes the shortest encoding [5.0 MQTT-1.5.5-1]. @returns the position after it. */
export function writeVarint(into: Uint8Array, start: number, value: number): number {
  let at = start;
  let rest = value;
  while (rest > 0x7f) {
    into[at++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  into[at] = rest;
  return at + 1;
}

/**
 * Reads an integer that must lie whole before `limit`.
 * @throws PeerError when it is longer than four bytes, cut off, or not in its shortest form
 */
export function decodeVarint(from: Uint8Array, start: number, limit: number): number {
  let value = 0;
  let shift = 0;
  for (let at = start; at < limit && shift < 28; at++, shift += 7) {
    const byte = from[at];
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) {
      if (byte === 0 && shift > 0) break;
      return value;
    }
  }
  throw new PeerError(Reason.malformed, 'malformed variable byte integer');
}
