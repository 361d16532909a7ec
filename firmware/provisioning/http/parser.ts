/**
 * The head of one HTTP request (RFC 9112), fed in pieces of any size.
 *
 * Strict where a request could be read in two ways: lines end in CRLF alone, there is no folding and
 * no control character, no space before a colon, no Content-Length beside Transfer-Encoding, and no
 * header that matters comes twice with two values. Chunked bodies are refused: browsers send none.
 * HTTP/1.0 and targets in absolute form are served, which probes of operating systems use.
 *
 * Invariants: memory is the one line buffer and the few headers kept; a line longer than the buffer
 * is refused, or skipped when it is of a header that nobody reads; the whole head is bounded. After
 * `status` is set nothing more is read.
 */

import { decodeUtf8, hasNul } from '../../base/utf8.ts';
import type { FormFields } from '../model.ts';
import { decodePercent } from './form-decoder.ts';
import type { HttpRequest } from './request.ts';

export const HEAD_BYTES_MAX = 4096;

const TAB = 0x09;
const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const SLASH = 0x2f;
const COLON = 0x3a;
const QUESTION = 0x3f;
const DELETE = 0x7f;

/** The headers that are kept; all others are skipped. */
const KEPT = ' host origin accept-language content-type content-length transfer-encoding expect ';
const KEPT_NAME_BYTES_MAX = 17;

/** A space and `HTTP/1.x`. */
const VERSION_BYTES = 9;
const USUAL_PORT = ':80';
/** The path in place of a target that cannot exist here. */
const ELSEWHERE = '/…';
const REFUSED_METHODS = ' OPTIONS PUT DELETE PATCH TRACE CONNECT ';
const FORM_TYPE = 'application/x-www-form-urlencoded';

/** Digits only; -1 for anything else. More digits than a size can have give a size too large. */
function sizeOf(text: string): number {
  let size = text === '' ? -1 : 0;
  for (let i = 0; i < text.length; i += 1) {
    const digit = text.charCodeAt(i) - 0x30;
    if (!(digit >= 0 && digit <= 9)) return -1;
    size = Math.min(size * 10 + digit, 1e9);
  }
  return size;
}

export class HttpParser implements HttpRequest {
  method: HttpRequest['method'] = 'GET';
  path = '';
  query = '';
  form: FormFields = new Map();
  /** The body's length in bytes, 0 for none; meaningful once `isDone`. */
  bodyBytes = 0;
  /** The client waits for 100 (Continue) before it sends the body. */
  awaitsContinue = false;
  /** The head was read to its end and is in order. */
  isDone = false;
  /** 0, or the status that refuses the request. */
  status = 0;
  private readonly line: Uint8Array;
  private readonly bodyBytesMax: number;
  /** What a line has; more than the buffer holds while a long header is skipped. */
  private length = 0;
  private headBytes = 0;
  private sawCr = false;
  private hasRequestLine = false;
  private isOld = false;
  /** From an absolute target; it goes before Host (RFC 9112, 3.2.2). */
  private authority: string | undefined;
  private readonly values: Record<string, string | undefined> = {};

  /** @param line the buffer for one line; it is free for other uses once `isDone` or refused. */
  constructor(line: Uint8Array, bodyBytesMax: number) {
    this.line = line;
    this.bodyBytesMax = bodyBytesMax;
  }

  /** Without the port where that is the usual one. */
  get host(): string {
    const host = this.authority ?? this.lower('host');
    return host.endsWith(USUAL_PORT) ? host.slice(0, -USUAL_PORT.length) : host;
  }

  get origin(): string {
    return this.values.origin ?? '';
  }

  get acceptLanguage(): string {
    return this.values['accept-language'] ?? '';
  }

  /** Something of a request has come. */
  get hasBegun(): boolean {
    return this.headBytes > 0;
  }

  /** Reads `bytes[start..end)` as far as the head goes. @returns the position after what it took */
  feed(bytes: Uint8Array, start: number, end: number): number {
    let at = start;
    while (at < end && !this.isDone && this.status === 0) {
      this.headBytes += 1;
      this.status = this.headBytes > HEAD_BYTES_MAX ? 431 : this.take(bytes[at]);
      at += 1;
    }
    return at;
  }

  private take(code: number): number {
    if (this.sawCr) {
      if (code !== LF) return 400;
      this.sawCr = false;
      const status = this.endLine();
      this.length = 0;
      return status;
    }
    if (code === CR) this.sawCr = true;
    else if ((code < SPACE && code !== TAB) || code === DELETE) return 400;
    else {
      if (this.length < this.line.length) this.line[this.length] = code;
      else if (!this.hasRequestLine) this.keepEnd(code);
      this.length += 1;
    }
    return 0;
  }

  private endLine(): number {
    if (!this.hasRequestLine) return this.length === 0 ? 0 : this.requestLine();
    if (this.length > 0) return this.header();
    const status = this.framing();
    this.isDone = status === 0;
    return status;
  }

  /** Keeps the version of a long request line, and as much of its target as fits before it. */
  private keepEnd(code: number): void {
    const { line } = this;
    line.copyWithin(line.length - VERSION_BYTES, line.length - VERSION_BYTES + 1);
    line[line.length - 1] = code;
  }

  /**
   * method SP target SP HTTP/1.x. A target that is too long for its line is cut: whatever it asks
   * for is not here, and whoever asks is led to the page. Nothing is changed by a form that came so.
   */
  private requestLine(): number {
    const line = this.line;
    const isCut = this.length > line.length;
    const end = Math.min(this.length, line.length) - VERSION_BYTES;
    const space = line.indexOf(SPACE);
    if (space < 1 || space >= end || line[end] !== SPACE) return 400;
    for (let i = space + 1; i < end; i += 1) if (line[i] <= SPACE || line[i] >= DELETE) return 400;
    const version = decodeUtf8(line, end + 1, end + VERSION_BYTES);
    if (!version.startsWith('HTTP/')) return 400;
    if (!version.startsWith('1.', 5)) return 505;
    this.isOld = version === 'HTTP/1.0';
    this.hasRequestLine = true;
    const method = decodeUtf8(line, 0, space);
    if (REFUSED_METHODS.includes(` ${method} `)) return 405;
    if (method !== 'GET' && method !== 'HEAD' && method !== 'POST') return 501;
    this.method = method;
    if (!isCut) return this.target(space + 1, end);
    this.path = ELSEWHERE;
    return method === 'POST' ? 414 : 0;
  }

  private target(start: number, end: number): number {
    const line = this.line;
    let at = start;
    if (line[at] !== SLASH) {
      if (decodeUtf8(line, at, Math.min(at + 7, end)).toLowerCase() !== 'http://') return 400;
      const host = at + 7;
      for (at = host; at < end && line[at] !== SLASH && line[at] !== QUESTION; ) at += 1;
      this.authority = decodeUtf8(line, host, at).toLowerCase();
    }
    let mark = at;
    while (mark < end && line[mark] !== QUESTION) mark += 1;
    this.query = decodeUtf8(line, mark + 1, end);
    const decoded = decodePercent(line, at, mark, false);
    if (decoded < 0 || hasNul(line, at, decoded)) return 400;
    this.path = decoded === at ? '/' : decodeUtf8(line, at, decoded);
    return 0;
  }

  private header(): number {
    const line = this.line;
    const isCut = this.length > line.length;
    const colon = line.indexOf(COLON);
    if (colon < 1 || colon >= this.length) return isCut ? 431 : 400;
    for (let i = 0; i < colon; i += 1) {
      const code = line[i];
      if (code <= SPACE || code > DELETE) return 400;
      if (code >= 0x41 && code <= 0x5a) line[i] = code | 0x20;
    }
    if (colon > KEPT_NAME_BYTES_MAX) return 0;
    const name = decodeUtf8(line, 0, colon);
    if (!KEPT.includes(` ${name} `)) return 0;
    if (isCut) return 431;
    let start = colon + 1;
    let end = this.length;
    while (start < end && line[start] <= SPACE) start += 1;
    while (end > start && line[end - 1] <= SPACE) end -= 1;
    const value = decodeUtf8(line, start, end);
    const before = this.values[name];
    if (before !== undefined && (name === 'host' || before !== value)) return 400;
    this.values[name] = value;
    return 0;
  }

  private lower(name: string): string {
    return (this.values[name] ?? '').toLowerCase();
  }

  /** Whether there is a body, where it ends, and whether it is one that is taken (RFC 9112, 6). */
  private framing(): number {
    const values = this.values;
    if (values.host === undefined && !this.isOld) return 400;
    const length = values['content-length'];
    const size = sizeOf(length ?? '0');
    if (size < 0) return 400;
    if (values['transfer-encoding'] !== undefined) {
      if (length !== undefined || this.isOld) return 400;
      return this.lower('transfer-encoding') === 'chunked' ? 411 : 501;
    }
    const expect = this.lower('expect');
    if (expect !== '' && expect !== '100-continue') return 417;
    this.bodyBytes = size;
    if (this.method !== 'POST') return 0;
    if (length === undefined) return 411;
    if (size > this.bodyBytesMax) return 413;
    this.awaitsContinue = expect !== '' && !this.isOld && size > 0;
    const type = this.lower('content-type');
    const end = type.indexOf(';');
    return (end < 0 ? type : type.slice(0, end)).trim() === FORM_TYPE ? 0 : 415;
  }
}
