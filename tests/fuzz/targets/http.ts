/** Requests of phones: an answer of a known kind or silence, however the network cuts them. */

import assert from 'node:assert/strict';
import { HttpExchange } from '../../../firmware/provisioning/http/exchange.ts';
import { answerIn, bytesOf, EchoRoutes } from '../../support/http-stream.ts';
import { HTTP_VECTORS } from '../../vectors/http.ts';
import type { Target } from '../target.ts';

const KNOWN: readonly number[] = Object.freeze([
  ...[200, 400, 405, 411, 413, 414, 415, 417, 431, 500, 501, 503, 505],
]);
const BUFFER_BYTES = 1024;
const BODY_BYTES_MAX = 2048;

function outcome(input: Uint8Array, piece: number): string {
  const routes = new EchoRoutes();
  const setting = { handler: routes, bodyBytesMax: BODY_BYTES_MAX, formOwner: undefined };
  const exchange = new HttpExchange(setting, new Uint8Array(BUFFER_BYTES), 0);
  let sent = '';
  for (let at = 0; at < input.length || exchange.phase === 'response'; ) {
    if (exchange.readable && at < input.length) {
      const end = Math.min(at + piece, input.length);
      exchange.received(input.subarray(at, end), end - at, 0);
      at = end;
    } else if (exchange.phase === 'over') break;
    if (!exchange.fill()) continue;
    const { start, end } = exchange;
    for (let i = start; i < end; i++) sent += String.fromCharCode(exchange.bytes[i]);
    exchange.sent(end - start, 0);
  }
  exchange.over();
  assert.equal(setting.formOwner, undefined, 'the form was never given back');
  return sent;
}

export const target: Target = {
  seeds: HTTP_VECTORS.map(({ text }) => bytesOf(text)),
  bytesMax: 1500,
  stepsMax: 900_000,
  madeMax: 100_000,
  dictionary: ['\r\n', '\r\n\r\n', ': ', 'HTTP/1.1', 'Content-Length: ', 'Host: a\r\n'].map(
    bytesOf,
  ),
  run(input) {
    const whole = outcome(input, 512);
    assert.equal(outcome(input, 1 + (input.length % 7)), whole, 'pieces matter');
    const text = whole.replace(/^HTTP\/1\.1 100 \r\n\r\n/, '');
    if (text === '') return;
    const { status, headers, body } = answerIn(text);
    assert.ok(KNOWN.includes(status), `status ${status}`);
    const isHead = body.length === 0;
    assert.ok(isHead || body.length === Number(headers.get('content-length')), 'length');
  },
};
