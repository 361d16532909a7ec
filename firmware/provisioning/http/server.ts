/**
 * The set-up portal's HTTP server: a pool of exchanges over byte streams, without a socket or a
 * clock of its own.
 *
 * However many clients come, and however slow they are, memory is bounded and the newest gets its
 * turn: it takes the place of a connection that has sent no whole request for a tenth of a second, or
 * has not taken its response in three. Until there is one it waits; a few wait, and the one that has
 * waited longest gives way to a newer one. A fast sender is read in turns.
 *
 * Whoever owns it calls `pump` when a stream has bytes or room, `closed` when it has ended, and
 * `wake` at `deadline()`.
 */

import { type ExchangeSetting, HttpExchange } from './exchange.ts';
import type { RequestHandler } from './request.ts';

/** A connection as the server uses it; a Transport is one. */
export interface ByteStream {
  /** Copies received bytes to `into[start..end)`; returns how many, 0 for none yet. */
  read(into: Uint8Array, start: number, end: number): number;
  /** Takes bytes of `from[start..end)`; returns how many, 0 = full. */
  write(from: Uint8Array, start: number, end: number): number;
  /** Ends the connection after what was written; idempotent and silent. */
  close(): void;
}

/** A connection as its owner knows it. */
export interface HttpConnection {
  readonly stream: ByteStream;
}

/** Sizes, for tests and for boards with less memory. */
export interface HttpServerOptions {
  /** Connections that are served at once, with `bufferBytes` each. */
  readonly connections: number;
  /** Connections beyond these that wait. */
  readonly waiting: number;
  /** The longest request line, and the longest head of a response. */
  readonly bufferBytes: number;
  /** The largest form; it is held in memory while it comes in, one at a time. */
  readonly bodyBytesMax: number;
}

/** 6 KB of buffers at most; the form has room for three certificates in PEM. */
export const HTTP_SERVER_OPTIONS: HttpServerOptions = Object.freeze({
  connections: 6,
  waiting: 4,
  bufferBytes: 1024,
  bodyBytesMax: 12_288,
});

const INPUT_BYTES = 512;
/** How often one stream is read and written before others get their turn. */
const TURNS = 16;

class Connection implements HttpConnection {
  readonly stream: ByteStream;
  /** Undefined while it waits, and after its end. */
  exchange: HttpExchange | undefined;
  /** It may have more to do at once. */
  isHungry = false;

  constructor(stream: ByteStream) {
    this.stream = stream;
  }
}

export class HttpServer {
  private readonly options: HttpServerOptions;
  private readonly setting: ExchangeSetting;
  private readonly input = new Uint8Array(INPUT_BYTES);
  /** Buffers that no exchange has; made when first needed. */
  private readonly buffers: Uint8Array[] = [];
  private readonly served: Connection[] = [];
  private readonly waiting: Connection[] = [];

  constructor(handler: RequestHandler, options: HttpServerOptions = HTTP_SERVER_OPTIONS) {
    this.options = options;
    this.setting = { handler, bodyBytesMax: options.bodyBytesMax, formOwner: undefined };
  }

  /** Connections that are open, served or waiting. */
  get connections(): number {
    return this.served.length + this.waiting.length;
  }

  /** Takes a connection; it may close another for it, and this one later. */
  accept(stream: ByteStream, now: number): HttpConnection {
    const connection = new Connection(stream);
    this.waiting.push(connection);
    this.admit(now);
    if (this.waiting.length > this.options.waiting) this.waiting.shift()?.stream.close();
    return connection;
  }

  /** The stream may have bytes, or room. A connection that has ended is ignored. */
  pump(connection: HttpConnection, now: number): void {
    this.exchangeBytes(connection as Connection, now);
    this.admit(now);
  }

  /** The stream has ended by itself. */
  closed(connection: HttpConnection, now: number): void {
    this.forget(connection as Connection);
    this.admit(now);
  }

  /** Does what has become due. */
  wake(now: number): void {
    for (const connection of this.served.slice()) {
      const { exchange } = connection;
      if (exchange === undefined) continue;
      if (exchange.deadline <= now) this.end(connection);
      else if (connection.isHungry) this.exchangeBytes(connection, now);
    }
    this.admit(now);
  }

  /** When `wake` is next due; Infinity for never, a time in the past for at once. */
  deadline(): number {
    let next = Number.POSITIVE_INFINITY;
    for (const { exchange, isHungry } of this.served) {
      if (exchange === undefined) continue;
      next = Math.min(next, isHungry ? 0 : exchange.deadline);
      if (this.waiting.length > 0) next = Math.min(next, exchange.sureUntil);
    }
    return next;
  }

  /** Closes every connection. */
  stop(): void {
    while (this.waiting.length > 0) this.waiting.pop()?.stream.close();
    while (this.served.length > 0) this.end(this.served[0]);
  }

  private exchangeBytes(connection: Connection, now: number): void {
    const { stream, exchange } = connection;
    if (exchange === undefined) return;
    connection.isHungry = false;
    const input = this.input;
    for (let turn = 0; turn < TURNS; turn += 1) {
      let moved = 0;
      if (exchange.readable) {
        moved = stream.read(input, 0, input.length);
        exchange.received(input, moved, now);
      }
      if (exchange.fill()) {
        const count = stream.write(exchange.bytes, exchange.start, exchange.end);
        if (count > 0) exchange.sent(count, now);
        moved += count;
      }
      if (exchange.phase === 'over') {
        this.end(connection);
        return;
      }
      if (moved === 0) return;
    }
    connection.isHungry = true;
  }

  /** Gives places to those that wait, as far as there are any. */
  private admit(now: number): void {
    while (this.waiting.length > 0) {
      if (this.served.length >= this.options.connections) {
        const victim = this.victim(now);
        if (victim === undefined) return;
        this.end(victim);
      }
      const connection = this.waiting.shift() as Connection;
      const buffer = this.buffers.pop() ?? new Uint8Array(this.options.bufferBytes);
      connection.exchange = new HttpExchange(this.setting, buffer, now);
      // Its bytes may have been announced while it waited.
      connection.isHungry = true;
      this.served.push(connection);
    }
  }

  /** The connection that has to give way: the one whose time has been up for longest. */
  private victim(now: number): Connection | undefined {
    let found: Connection | undefined;
    let least = Number.POSITIVE_INFINITY;
    for (const connection of this.served) {
      const until = connection.exchange?.sureUntil ?? least;
      if (until > now || until >= least) continue;
      least = until;
      found = connection;
    }
    return found;
  }

  private end(connection: Connection): void {
    this.forget(connection);
    connection.stream.close();
  }

  private forget(connection: Connection): void {
    const { exchange } = connection;
    connection.exchange = undefined;
    if (exchange === undefined) {
      const place = this.waiting.indexOf(connection);
      if (place >= 0) this.waiting.splice(place, 1);
      return;
    }
    exchange.over();
    this.buffers.push(exchange.bytes);
    this.served.splice(this.served.indexOf(connection), 1);
  }
}
