/**
 * One request and its response on one connection: bytes and time in, bytes and a deadline out.
 *
 * A connection serves one request and is closed after its response. What the client goes on to send
 * is read and forgotten for a while first: a connection that is closed over unread bytes is reset,
 * and the reset can overtake the response. So whoever sends too much still reads why it was refused.
 *
 * Invariants: one buffer serves first the request's lines, then the response; only a form has memory
 * of its own, sized by its Content-Length, and only one exchange at a time has that. Every phase has
 * a deadline that a client cannot push back for ever.
 */

import { asciiBytes } from '../../base/ascii.ts';
import { decodeForm } from './form-decoder.ts';
import { HttpParser } from './parser.ts';
import type { BodySource, RequestHandler } from './request.ts';
import { BytesBody, newHead, writeHead } from './response.ts';

/** Sizes, and what the exchanges of one server share. */
export interface ExchangeSetting {
  readonly handler: RequestHandler;
  readonly bodyBytesMax: number;
  /** The exchange that reads a form. */
  formOwner: HttpExchange | undefined;
}

/** What an exchange is doing; in its order. */
export type ExchangePhase = 'head' | 'body' | 'response' | 'rest' | 'over';

/** For a first byte; browsers open connections that they may not need. */
const IDLE_MS = 2000;
const HEAD_MS = 5000;
const BODY_MS = 10_000;
const WRITE_MS = 10_000;
const RESPONSE_MS = 30_000;
/** A request this old gives its place up when others wait: phones send theirs at once. */
const SURE_MS = 100;
/** So does a response this old: a page takes well under a second. */
const RESPONSE_MS_SURE = 3000;
/** After a response the client may still send: it is read until it pauses this long. */
const REST_PAUSE_MS = 500;
/** The client is read for this long at most. */
const REST_MS = 5000;
const RETRY_AFTER_S = 2;
/** A body source writes something when it has this much room. */
const PIECE_BYTES_MIN = 64;
const CONTINUE = 'HTTP/1.1 100 \r\n\r\n';

export class HttpExchange {
  phase: ExchangePhase = 'head';
  /** To be sent: `bytes[start..end)`, after `fill`. */
  readonly bytes: Uint8Array;
  start = 0;
  end = 0;
  /** When `expire` is due. */
  deadline: number;
  /** When the phase began. */
  private since: number;
  private readonly setting: ExchangeSetting;
  private readonly parser: HttpParser;
  /** The form, while its bytes come in. */
  private form: Uint8Array | undefined;
  private formEnd = 0;
  private source: BodySource | undefined;
  /** The client has sent, or is about to send, more than was read. */
  private hasRest = false;

  /** @param buffer belongs to the exchange until it is over; 1 KB or more */
  constructor(setting: ExchangeSetting, buffer: Uint8Array, now: number) {
    this.setting = setting;
    this.bytes = buffer;
    this.parser = new HttpParser(buffer, setting.bodyBytesMax);
    this.since = now;
    this.deadline = now + IDLE_MS;
  }

  /** Whether received bytes are wanted. During a response they wait in the transport. */
  get readable(): boolean {
    return this.phase !== 'response' && this.phase !== 'over';
  }

  /** Until when this keeps its place though others wait. */
  get sureUntil(): number {
    if (this.phase === 'rest') return 0;
    return this.since + (this.phase === 'response' ? RESPONSE_MS_SURE : SURE_MS);
  }

  /** Bytes came in: `bytes[0..count)`; with 0, the transport has none at the moment. */
  received(bytes: Uint8Array, count: number, now: number): void {
    let at = 0;
    if (this.phase === 'head' && count > 0) {
      if (!this.parser.hasBegun) this.deadline = this.since + HEAD_MS;
      at = this.parser.feed(bytes, 0, count);
      if (this.parser.status !== 0) this.refuse(this.parser.status, now);
      else if (this.parser.isDone) this.headEnded(now);
    }
    if (this.phase === 'body') at = this.takeForm(bytes, at, count, now);
    if (at < count) this.hasRest = true;
    if (this.phase !== 'rest') return;
    if (count > 0) this.deadline = Math.min(now + REST_PAUSE_MS, this.since + REST_MS);
    else if (!this.hasRest) this.over();
  }

  /** Makes ready what can be sent. @returns whether there is anything */
  fill(): boolean {
    const source = this.source;
    while (source !== undefined && !source.finished) {
      if (this.bytes.length - this.end < PIECE_BYTES_MIN) break;
      const after = source.write(this.bytes, this.end);
      if (after <= this.end) throw new Error('a body source wrote nothing');
      this.end = after;
    }
    return this.start < this.end;
  }

  /** `count` bytes were taken by the transport. */
  sent(count: number, now: number): void {
    this.start += count;
    const isEmpty = this.start === this.end;
    if (isEmpty) {
      this.start = 0;
      this.end = 0;
    }
    if (this.phase !== 'response') return;
    this.deadline = Math.min(now + WRITE_MS, this.since + RESPONSE_MS);
    if (!isEmpty || this.source?.finished === false) return;
    this.enter('rest', now);
    this.deadline = now + REST_PAUSE_MS;
  }

  /** Ends the exchange, wherever it is. */
  over(): void {
    this.phase = 'over';
    this.releaseForm();
    this.source = undefined;
    this.deadline = Number.POSITIVE_INFINITY;
  }

  private enter(phase: ExchangePhase, now: number): void {
    this.phase = phase;
    this.since = now;
  }

  private headEnded(now: number): void {
    const { bodyBytes, awaitsContinue, method } = this.parser;
    if (method !== 'POST') {
      this.hasRest = bodyBytes > 0;
      this.answer(now);
      return;
    }
    const setting = this.setting;
    if (setting.formOwner !== undefined) {
      this.refuse(503, now);
      return;
    }
    setting.formOwner = this;
    this.form = new Uint8Array(bodyBytes);
    this.enter('body', now);
    this.deadline = now + BODY_MS;
    if (awaitsContinue) this.send(asciiBytes(CONTINUE));
  }

  private takeForm(bytes: Uint8Array, start: number, end: number, now: number): number {
    const form = this.form as Uint8Array;
    let at = start;
    while (at < end && this.formEnd < form.length) form[this.formEnd++] = bytes[at++];
    if (this.formEnd < form.length) return at;
    this.releaseForm();
    const fields = decodeForm(form);
    if (fields === undefined) this.refuse(400, now);
    else {
      this.parser.form = fields;
      this.answer(now);
    }
    return at;
  }

  private releaseForm(): void {
    this.form = undefined;
    if (this.setting.formOwner === this) this.setting.formOwner = undefined;
  }

  private answer(now: number): void {
    const head = newHead();
    const source = this.setting.handler.handle(this.parser, head, now);
    const end = writeHead(this.bytes, this.end, head, source.byteLength);
    if (end > this.bytes.length) {
      this.refuse(500, now);
      return;
    }
    this.end = end;
    this.source = this.parser.method === 'HEAD' ? undefined : source;
    this.respond(now);
  }

  /** Answers without the routes. */
  private refuse(status: number, now: number): void {
    // What is wrong with a whole form or with a route leaves nothing unread; all else may.
    this.hasRest = !this.parser.isDone || this.parser.bodyBytes > this.formEnd;
    const head = newHead();
    head.status = status;
    head.contentType = 'text/plain';
    if (status === 503) head.retryAfterS = RETRY_AFTER_S;
    const body = asciiBytes(`Error ${status}\n`);
    this.end = writeHead(this.bytes, this.end, head, body.length);
    this.source = this.parser.method === 'HEAD' ? undefined : new BytesBody(body);
    this.respond(now);
  }

  private respond(now: number): void {
    this.enter('response', now);
    this.deadline = now + WRITE_MS;
  }

  private send(bytes: Uint8Array): void {
    this.bytes.set(bytes, this.end);
    this.end += bytes.length;
  }
}
