/** Members of the objects that Home Assistant is told, written into a buffer. */

import { writeJsonString } from '../base/json-string.ts';
import { writeUtf8 } from '../base/utf8.ts';

/** A member. @returns the position after it */
export function pair(into: Uint8Array, at: number, key: string, value: string): number {
  const colon = writeUtf8(into, writeJsonString(into, at, key), ':');
  return writeJsonString(into, colon, value);
}

/** As `pair`, behind another member. */
export function next(into: Uint8Array, at: number, key: string, value: string): number {
  return pair(into, writeUtf8(into, at, ','), key, value);
}
