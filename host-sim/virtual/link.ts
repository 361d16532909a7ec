/**
 * What a device's link to the rest of the world is like: delays, limits and faults, as one record
 * of numbers and words that may change at any time.
 *
 * "Up" is from the device to its peer, "down" the other way.
 */

import type { CloseReason } from '../../firmware/ports.ts';

/** How a connection attempt is answered; `silent` never answers, a reason fails with it. */
export type ConnectAnswer = 'accept' | 'silent' | CloseReason;

/** How a name is looked up: answered, no such name, or no answer ever. */
export type DnsAnswer = 'answer' | 'fail' | 'dead';

/** The state of one device's link. */
export interface LinkConditions {
  /** One way, per segment, evenly drawn between the two; order is kept. */
  latencyMsMin: number;
  latencyMsMax: number;
  /** Rate per direction and connection; Infinity for no limit. */
  bytesPerSecond: number;
  /** Segment sizes, evenly drawn between the two; 1 and 1 deliver byte by byte. */
  fragmentBytesMin: number;
  fragmentBytesMax: number;
  /** Bytes written within this time leave as one segment (then cut into fragments). */
  coalesceMs: number;
  /** What a sender may have written and not yet delivered; a write beyond it returns less. */
  sendBufferBytes: number;
  /** What may lie unread at the receiver before the sender is held back. */
  receiveBufferBytes: number;
  /** Half-open: from here on the bytes of open connections vanish in that direction, for ever. */
  losesUp: boolean;
  losesDown: boolean;
  /** Radio gap: nothing passes while true; afterwards everything arrives, as TCP repeats it. */
  paused: boolean;
  connect: ConnectAnswer;
  /** A `silent` attempt ends with 'timed out' after this; Infinity leaves it to the device. */
  connectTimeoutMs: number;
  dns: DnsAnswer;
  dnsMsMin: number;
  dnsMsMax: number;
}

/** A fast and healthy local network. */
export const HEALTHY_LINK: Readonly<LinkConditions> = Object.freeze({
  latencyMsMin: 1,
  latencyMsMax: 1,
  bytesPerSecond: Number.POSITIVE_INFINITY,
  fragmentBytesMin: 1460,
  fragmentBytesMax: 1460,
  coalesceMs: 0,
  sendBufferBytes: 5744,
  receiveBufferBytes: 5744,
  losesUp: false,
  losesDown: false,
  paused: false,
  connect: 'accept',
  connectTimeoutMs: Number.POSITIVE_INFINITY,
  dns: 'answer',
  dnsMsMin: 1,
  dnsMsMax: 1,
});

/** @throws RangeError naming the field that no link can have. */
export function checkConditions(link: LinkConditions): void {
  for (const field of ['fragmentBytesMin', 'sendBufferBytes', 'receiveBufferBytes'] as const) {
    if (!(Number.isInteger(link[field]) && link[field] >= 1)) {
      throw new RangeError(`${field} ${link[field]}: expected a whole number from 1`);
    }
  }
  for (const field of ['latencyMsMin', 'latencyMsMax', 'coalesceMs', 'dnsMsMin'] as const) {
    if (!(Number.isInteger(link[field]) && link[field] >= 0)) {
      throw new RangeError(`${field} ${link[field]}: expected a whole number from 0`);
    }
  }
  if (!(link.bytesPerSecond > 0)) throw new RangeError('bytesPerSecond: expected more than 0');
}
