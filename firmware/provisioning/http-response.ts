/** Writing responses (RFC 9112): the head as bytes, and the shortest of bodies. */

import { writeInteger, writeUtf8 } from '../base/text.ts';
import type { BodySource, ResponseHead } from './http-request.ts';

/**
 * Sent with every response. `same-origin`, because a page under `no-referrer` would send its own
 * forms with `Origin: null`, and then nothing tells them from a foreign page's.
 */
const FIXED_LINES =
  'Connection: close\r\nCache-Control: no-store\r\n' +
  'X-Content-Type-Options: nosniff\r\nReferrer-Policy: same-origin';

/** The bytes of a body at once; the array is not copied. */
export class BytesBody implements BodySource {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get byteLength(): number {
    return this.#bytes.length;
  }

  get finished(): boolean {
    return this.#at === this.#bytes.length;
  }

  write(into: Uint8Array, at: number): number {
    while (at < into.length && this.#at < this.#bytes.length) into[at++] = this.#bytes[this.#at++];
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

/** A header line, unless its value is empty. A control character cannot end it early. */
function writeLine(into: Uint8Array, at: number, name: string, value: string): number {
  if (value === '') return at;
  let end = writeUtf8(into, at, name);
  const start = end;
  end = writeUtf8(into, end, value);
  for (let i = start; i < end; i += 1) if (into[i] < 0x20) into[i] = 0x20;
  return writeUtf8(into, end, '\r\n');
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
  at = writeUtf8(into, at, 'HTTP/1.1 ');
  at = writeInteger(into, at, head.status);
  at = writeUtf8(into, at, ' \r\n');
  at = writeUtf8(into, at, FIXED_LINES);
  at = writeUtf8(into, at, '\r\n');
  at = writeLine(into, at, 'Content-Type: ', head.contentType);
  at = writeLine(into, at, 'Content-Language: ', head.language);
  at = writeLine(into, at, 'Content-Security-Policy: ', head.contentSecurityPolicy);
  at = writeLine(into, at, 'Location: ', head.location);
  at = writeLine(into, at, 'Allow: ', head.status === 405 ? 'GET, HEAD, POST' : '');
  at = writeLine(into, at, 'Retry-After: ', head.retryAfterS > 0 ? `${head.retryAfterS}` : '');
  at = writeLine(into, at, 'Content-Length: ', byteLength >= 0 ? `${byteLength}` : '');
  return writeUtf8(into, at, '\r\n');
}
