/** A scripted byte stream, a route that says what it was asked, and what came back. */

import { utf8Length, writeUtf8 } from '../../firmware/base/utf8.ts';
import type {
  BodySource,
  HttpRequest,
  ResponseHead,
} from '../../firmware/provisioning/http/request.ts';
import { BytesBody } from '../../firmware/provisioning/http/response.ts';
import { type ByteStream, HttpServer } from '../../firmware/provisioning/http/server.ts';

/** The bytes of a text. TextEncoder's stand-in in XS writes U+0000 as two bytes. */
export function bytesOf(text: string): Uint8Array {
  const bytes = new Uint8Array(utf8Length(text));
  writeUtf8(bytes, 0, text);
  return bytes;
}

export function same(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

/** One end of a connection, played by the test. */
export class ScriptedStream implements ByteStream {
  isClosed = false;
  /** How many bytes the peer still takes. */
  room = Number.POSITIVE_INFINITY;
  readonly #incoming: Uint8Array[] = [];
  #sent = new Uint8Array(1024);
  #sentBytes = 0;

  /** Bytes arrive. */
  push(bytes: Uint8Array): void {
    if (bytes.length > 0) this.#incoming.push(bytes);
  }

  get unread(): number {
    return this.#incoming.reduce((sum, bytes) => sum + bytes.length, 0);
  }

  /** What was sent; a view. */
  get sent(): Uint8Array {
    return this.#sent.subarray(0, this.#sentBytes);
  }

  /** The same as text, one character for each byte. */
  get text(): string {
    return Array.from(this.sent, (code) => String.fromCharCode(code)).join('');
  }

  read(into: Uint8Array, start: number, end: number): number {
    if (this.isClosed) throw new Error('read after close');
    const first = this.#incoming[0];
    if (first === undefined) return 0;
    const count = Math.min(first.length, end - start);
    into.set(first.subarray(0, count), start);
    if (count === first.length) this.#incoming.shift();
    else this.#incoming[0] = first.subarray(count);
    return count;
  }

  write(from: Uint8Array, start: number, end: number): number {
    if (this.isClosed) throw new Error('write after close');
    const count = Math.min(this.room, end - start);
    if (this.#sentBytes + count > this.#sent.length) {
      const larger = new Uint8Array(2 * (this.#sentBytes + count));
      larger.set(this.sent);
      this.#sent = larger;
    }
    this.#sent.set(from.subarray(start, start + count), this.#sentBytes);
    this.#sentBytes += count;
    this.room -= count;
    return count;
  }

  close(): void {
    this.isClosed = true;
  }
}

/** Status, headers by lower-case name, and the body of the one response in `text`. */
export interface Answer {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

export function answerIn(text: string): Answer {
  const end = text.indexOf('\r\n\r\n');
  const [first, ...lines] = text.slice(0, end).split('\r\n');
  const found = /^HTTP\/1\.1 (\d{3}) $/.exec(first);
  if (end < 0 || found === null) throw new Error(`no response: ${text}`);
  const headers = new Map(
    lines.map((line) => {
      const colon = line.indexOf(': ');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 2)];
    }),
  );
  return { status: Number(found[1]), headers, body: text.slice(end + 4) };
}

function shown(bytes: Uint8Array): string {
  return Array.from(bytes, (code) =>
    code > 0x20 && code < 0x7f ? String.fromCharCode(code) : `<${code.toString(16)}>`,
  ).join('');
}

/** A request in one line, as the vectors write it. */
export function described(request: HttpRequest): string {
  const { method, path, query, host, origin, acceptLanguage, form } = request;
  const parts = [method, path];
  if (query !== '') parts.push(`query=${query}`);
  if (host !== '') parts.push(`host=${host}`);
  if (origin !== '') parts.push(`origin=${origin}`);
  if (acceptLanguage !== '') parts.push(`language=${acceptLanguage}`);
  for (const [name, value] of form) parts.push(`${name}:${shown(value)}`);
  return parts.join(' ');
}

/** Routes that answer with what they were asked, and remember it. */
export class EchoRoutes {
  readonly asked: string[] = [];

  handle(request: HttpRequest, response: ResponseHead): BodySource {
    const line = described(request);
    this.asked.push(line);
    response.contentType = 'text/plain';
    return new BytesBody(bytesOf(line));
  }
}

/** Asks a fresh server, with the bytes arriving in these pieces, and closes nothing. */
export function ask(pieces: readonly Uint8Array[]): { stream: ScriptedStream; server: HttpServer } {
  const server = new HttpServer(new EchoRoutes());
  const stream = new ScriptedStream();
  const connection = server.accept(stream, 0);
  for (const piece of pieces) {
    if (stream.isClosed) break;
    stream.push(piece);
    server.pump(connection, 0);
  }
  return { stream, server };
}

/** What the vectors compare: the status, or the echoed line of a request that was let through. */
export function outcome(stream: ScriptedStream): string {
  if (stream.text === '') return 'nothing';
  const { status, body } = answerIn(stream.text.replace('HTTP/1.1 100 \r\n\r\n', ''));
  return status === 200 ? body : `${status}`;
}
