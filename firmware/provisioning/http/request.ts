/**
 * The line between the set-up portal's HTTP machines and its routes: what a request is by the time
 * a route sees it, and what the route gives back. Types only.
 *
 * A request that arrives here is whole and well formed, its sizes are bounded, and a form is
 * decoded. Everything else was answered without the routes: wrong methods, bodies that are too
 * large, requests that could be read in two ways.
 */

import type { FormFields } from '../model.ts';

export interface HttpRequest {
  /** HEAD is answered like GET; the body is then left out by the server. */
  readonly method: 'GET' | 'HEAD' | 'POST';
  /** Percent-decoded, starts with `/`, without the query. May hold any character but NUL. */
  readonly path: string;
  /** What follows the first `?`, as it was sent; '' when there is none. */
  readonly query: string;
  /** In lower case, with its port if one was sent; '' from an HTTP/1.0 client that names none. */
  readonly host: string;
  /** As sent; '' when absent. A browser may send `null`. */
  readonly origin: string;
  /** As sent; '' when absent. */
  readonly acceptLanguage: string;
  /** The fields of a POST; empty for other methods. Each value is a view of one shared buffer. */
  readonly form: FormFields;
}

/**
 * The head of a response; a route changes what differs. The server adds the length, `Connection:
 * close`, `Cache-Control: no-store`, `X-Content-Type-Options` and `Referrer-Policy`.
 */
export interface ResponseHead {
  /** 200 to begin with. */
  status: number;
  /** `text/html; charset=utf-8` to begin with; '' leaves the header out. */
  contentType: string;
  /** Content-Language; '' (to begin with) leaves it out. */
  language: string;
  /** `default-src 'none'` to begin with. */
  contentSecurityPolicy: string;
  /** Where a redirect leads; '' (to begin with) leaves the header out. */
  location: string;
  /** Seconds for Retry-After; 0 (to begin with) leaves it out. */
  retryAfterS: number;
}

/** A body that is written in pieces, so that a page needs no buffer of its size. */
export interface BodySource {
  /** All bytes of the body; -1 when not known: then the end of the connection is its end. */
  readonly byteLength: number;
  /** Nothing is left to write. */
  readonly finished: boolean;
  /**
   * Writes the next piece to `into[at..into.length)`, at least one byte of it when there is room
   * for 64, and never past the end of `into`.
   * @returns the position after what was written
   */
  write(into: Uint8Array, at: number): number;
}

/** The routes. */
export interface RequestHandler {
  /**
   * Answers one request; called once for each, with a fresh `response`. Must not throw.
   * @param now milliseconds, as the server was given it
   */
  handle(request: HttpRequest, response: ResponseHead, now: number): BodySource;
}
