/** Writing responses (RFC 9112): the head as bytes, and the shortest of bodies. */

import { writeUtf8 } from '../../base/utf8.ts';
import type { BodySource, ResponseHead } from './request.ts';

/**
 * Sent with every response. `same-origin`, because a page under `no-referrer` would send its own
 * forms with `Origin: null`, and then nothing tells them from a foreign page's.
 */
const FIXED_LINES =
  'Connection: close\r\nCache-Control: no-store\r\n' +
  'X-Content-Type-Options: nosniff\r\nReferrer-Policy: same-origin\r\n';

/** The bytes of a body at once; the array is not copied. */
export class BytesBody implements BodySource {
  private readonly bytes: Uint8Array;
  private at = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  get byteLength(): number {
    return this.bytes.length;
  }

  get finished(): boolean {
    return this.at === this.bytes.length;
  }

  write(into: Uint8Array, at: number): number {
    while (at < into.length && this.at < this.bytes.length) into[at++] = this.bytes[this.at++];
    return at;
  }
}

/** A head as a route finds it. */
export function newHead(): ResponseHead {
  return {
    status: 200,
    contentType: 'text/html; charset=utf-8',
    language: '',
    contentSecurityPolicy: "default-src 'none'",
    location: '',
    retryAfterS: 0,
  };
}

/** A header line, unless its value is empty. What is not printable in it cannot end it early. */
function line(name: string, value: string): string {
  return value === '' ? '' : `${name}: ${value.replace(/[^ -~]/g, ' ')}\r\n`;
}

/**
 * Writes status line and headers, and the empty line after them.
 * @param byteLength of the body; -1 when not known
 * @returns the position after; beyond the end of `into` when there was no room
 */
export function writeHead(
  into: Uint8Array,
  at: number,
  head: ResponseHead,
  byteLength: number,
): number {
  // The reason phrase may be empty, and nobody reads it.
  const text =
    `HTTP/1.1 ${head.status} \r\n${FIXED_LINES}` +
    line('Content-Type', head.contentType) +
    line('Content-Language', head.language) +
    line('Content-Security-Policy', head.contentSecurityPolicy) +
    line('Location', head.location) +
    line('Allow', head.status === 405 ? 'GET, HEAD, POST' : '') +
    line('Retry-After', head.retryAfterS > 0 ? `${head.retryAfterS}` : '') +
    line('Content-Length', byteLength < 0 ? '' : `${byteLength}`);
  return writeUtf8(into, at, `${text}\r\n`);
}
