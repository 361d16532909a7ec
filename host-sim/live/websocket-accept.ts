/** What a WebSocket server proves with that it has read a key (RFC 6455, 4.2.2), by Node's SHA-1. */
import { createHash } from 'node:crypto';

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/** @returns Sec-WebSocket-Accept for this Sec-WebSocket-Key */
export function acceptOf(key: string): string {
  return createHash('sha1').update(`${key}${GUID}`).digest('base64');
}
