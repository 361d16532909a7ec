/**
 * JSON from outside, read only once it is known to be harmless: engines parse nested arrays by
 * recursion, and a few hundred brackets are enough to overflow the stack of a board.
 */

import { decodeUtf8, isValidUtf8 } from './utf8.ts';

/** An object in an array, or an array in an object, and one more; nothing here needs that much. */
const DEPTH_MAX = 3;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * The object of a JSON text (RFC 8259).
 * @returns undefined for malformed text, for more than three levels, and for what is no object
 */
export function parseJsonObject(bytes: Uint8Array): Record<string, unknown> | undefined {
  if (!isValidUtf8(bytes, 0, bytes.length) || !isShallow(bytes)) return undefined;
  try {
    const value: unknown = JSON.parse(decodeUtf8(bytes, 0, bytes.length));
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
    return value as Record<string, unknown>;
  } catch {
    return undefined;
  }
}

function isShallow(bytes: Uint8Array): boolean {
  let depth = 0;
  let isText = false;
  for (let i = 0; i < bytes.length; i += 1) {
    const byte = bytes[i];
    if (isText && byte === BACKSLASH) i += 1;
    else if (byte === QUOTE) isText = !isText;
    // `[` and `{`, then `]` and `}`.
    else if (!isText && (byte === 0x5b || byte === 0x7b)) depth += 1;
    else if (!isText && (byte === 0x5d || byte === 0x7d)) depth -= 1;
    if (depth > DEPTH_MAX) return false;
  }
  return true;
}
