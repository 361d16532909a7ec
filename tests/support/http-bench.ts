/** A server with scripted clients in virtual time: each step goes to the server's next deadline. */

import type { BodySource, RequestHandler } from '../../firmware/provisioning/http/request.ts';
import {
  HTTP_SERVER_OPTIONS,
  type HttpConnection,
  HttpServer,
  type HttpServerOptions,
} from '../../firmware/provisioning/http/server.ts';
import { EchoRoutes, ScriptedStream } from './http-stream.ts';
import { utf8 } from './mqtt-bytes.ts';

export const GET = 'GET / HTTP/1.1\r\nHost: a.b\r\n\r\n';

/** A page of a size, letter by letter of the alphabet, at most `piece` bytes at a time. */
export class LongBody implements BodySource {
  readonly byteLength: number;
  readonly #piece: number;
  #at = 0;

  constructor(byteLength: number, piece = 100) {
    this.byteLength = byteLength;
    this.#piece = piece;
  }

  get finished(): boolean {
    return this.#at === this.byteLength;
  }

  write(into: Uint8Array, at: number): number {
    const end = Math.min(into.length, at + this.#piece, at + this.byteLength - this.#at);
    for (let i = at; i < end; i += 1) into[i] = 0x61 + (this.#at++ % 26);
    return end;
  }
}

/** Routes that answer every request with a page of 20 KB. */
export const LONG_PAGE: RequestHandler = Object.freeze({ handle: () => new LongBody(20_000) });

/** A client of the bench. */
export class BenchClient {
  readonly stream = new ScriptedStream();
  readonly #bench: Bench;
  readonly #connection: HttpConnection;

  constructor(bench: Bench) {
    this.#bench = bench;
    this.#connection = bench.server.accept(this.stream, bench.now);
  }

  get isClosed(): boolean {
    return this.stream.isClosed;
  }

  send(text: string | Uint8Array): void {
    if (this.isClosed) return;
    this.stream.push(typeof text === 'string' ? utf8(text) : text);
    this.#bench.server.pump(this.#connection, this.#bench.now);
  }

  /** Takes `bytes` more of what the server has to say. */
  take(bytes: number): void {
    if (this.isClosed) return;
    this.stream.room += bytes;
    this.#bench.server.pump(this.#connection, this.#bench.now);
  }

  hangUp(): void {
    this.#bench.server.closed(this.#connection, this.#bench.now);
  }
}

export class Bench {
  readonly server: HttpServer;
  now = 1000;

  constructor(handler: RequestHandler = new EchoRoutes(), options?: Partial<HttpServerOptions>) {
    this.server = new HttpServer(handler, { ...HTTP_SERVER_OPTIONS, ...options });
  }

  connect(): BenchClient {
    return new BenchClient(this);
  }

  /** Lets time pass, and wakes the server whenever it asks for it. */
  run(ms: number): void {
    const end = this.now + ms;
    for (let wakes = 0; this.server.deadline() <= end; wakes += 1) {
      if (wakes > 100_000) throw new Error('the server asks to be woken without end');
      this.now = Math.max(this.now, this.server.deadline());
      this.server.wake(this.now);
    }
    this.now = end;
  }
}
