/** The shape of each MQTT 5 property and where it may stand (5.0 table 2-4). */

import { hexBytes } from '../../base/bytes.ts';

/** What a property's value looks like. */
export const BYTE = 1;
export const UINT16 = 2;
export const UINT32 = 3;
export const VARINT = 4;
export const BINARY = 5;
export const STRING = 6;
export const PAIR = 7;

/**
 * By identifier two hex digits: the shape, 0 for none, and the index of PLACES. A line of sixteen
 * identifiers each, from 0x00, 0x10 and 0x20.
 */
const RULES = hexBytes(
  '00113161000000006151004100000000' +
    '00326222006353103010620064000065' +
    '0022222112127632121212',
);

/**
 * The packets that a server may send a property in, a bit for each type: none, as a client sends
 * it; PUBLISH; CONNACK; CONNACK, AUTH; CONNACK, DISCONNECT (a session expiry must not stand there);
 * all but PUBLISH; all.
 */
const PLACES: readonly number[] = Object.freeze([0, 0x8, 0x4, 0x8004, 0x4004, 0xcaf4, 0xcafc]);

/** The shape of a property's value; 0 where the identifier is unknown. */
export function shapeOf(id: number): number {
  return id < RULES.length ? RULES[id] >> 4 : 0;
}

/** Whether a server may send a known property in a packet type. */
export function mayStand(id: number, packetType: number): boolean {
  return ((PLACES[RULES[id] & 15] >> packetType) & 1) === 1;
}
