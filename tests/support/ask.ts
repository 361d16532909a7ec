/** Asks routes without a server in between. */

import { asciiBytes } from '../../firmware/base/ascii.ts';
import { decodeUtf8 } from '../../firmware/base/utf8.ts';
import type {
  BodySource,
  HttpRequest,
  RequestHandler,
  ResponseHead,
} from '../../firmware/provisioning/http/request.ts';
import { newHead } from '../../firmware/provisioning/http/response.ts';
import { utf8Bytes } from '../../firmware/provisioning/page/template.ts';

export const HOST = '192.168.4.1';

export interface Question extends Partial<Omit<HttpRequest, 'form'>> {
  readonly form?: Readonly<Record<string, string>>;
  readonly now?: number;
}

export interface Answer extends ResponseHead {
  readonly body: string;
}

/** All bytes of a body, written into pieces of this size. */
export function bytesOf(body: BodySource, pieceBytes = 512): Uint8Array {
  const piece = new Uint8Array(pieceBytes);
  let all: number[] = [];
  while (!body.finished) all = all.concat([...piece.subarray(0, body.write(piece, 0))]);
  return new Uint8Array(all);
}

export function ask(routes: RequestHandler, question: Question): Answer {
  const { form = {}, now = 0, ...parts } = question;
  const fields = new Map(Object.entries(form).map(([name, value]) => [name, utf8Bytes(value)]));
  const request: HttpRequest = {
    method: 'GET',
    path: '/',
    query: '',
    host: HOST,
    origin: '',
    acceptLanguage: '',
    ...parts,
    form: fields,
  };
  const head = newHead();
  const bytes = bytesOf(routes.handle(request, head, now));
  return { ...head, body: decodeUtf8(bytes, 0, bytes.length) };
}

/** Small resources, for tests that are not about the page; they need no file. */
export function smallResources(probes = utf8Bytes('/generate_204=302 204\n')) {
  const page = utf8Bytes(
    "<!-- default-src 'none'; test -->\n{{?form}}form{{/}}{{?running}}running{{/}}" +
      '{{?saved}}saved{{/}}{{?done}}done{{/}}{{?reset}}reset{{/}} {{$notice}} {{_lang}}',
  );
  const words = {
    en: asciiBytes('lang=English\n'),
    de: asciiBytes('lang=Deutsch\n'),
    zh: utf8Bytes('lang=中文\n'),
  };
  return { page, probes, words };
}
