import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ResponseHead } from '../../../../firmware/provisioning/http/request.ts';
import { BytesBody, newHead, writeHead } from '../../../../firmware/provisioning/http/response.ts';
import { Bench, GET } from '../../../support/http-bench.ts';
import { answerIn } from '../../../support/http-stream.ts';
import { utf8 } from '../../../support/mqtt-bytes.ts';

function answered(change: Partial<ResponseHead>, request = GET) {
  const client = new Bench({
    handle: (_request, response) => {
      Object.assign(response, change);
      return new BytesBody(utf8('hello'));
    },
  }).connect();
  client.send(request);
  return answerIn(client.stream.text);
}

test('every response forbids storing, sniffing, foreign referrers and, unless told, all content', () => {
  const { status, headers, body } = answered({});
  assert.deepEqual([status, body], [200, 'hello']);
  assert.deepEqual(
    [...headers],
    [
      ['connection', 'close'],
      ['cache-control', 'no-store'],
      ['x-content-type-options', 'nosniff'],
      ['referrer-policy', 'same-origin'],
      ['content-type', 'text/html; charset=utf-8'],
      ['content-security-policy', "default-src 'none'"],
      ['content-length', '5'],
    ],
  );
});

test('a route sets status, type, language, policy, place and patience', () => {
  const { status, headers } = answered({
    status: 302,
    contentType: 'text/plain',
    language: 'de',
    contentSecurityPolicy: "default-src 'none'; form-action 'self'",
    location: 'http://192.168.4.1/',
    retryAfterS: 7,
  });
  assert.equal(status, 302);
  assert.equal(headers.get('content-type'), 'text/plain');
  assert.equal(headers.get('content-language'), 'de');
  assert.equal(headers.get('content-security-policy'), "default-src 'none'; form-action 'self'");
  assert.equal(headers.get('location'), 'http://192.168.4.1/');
  assert.equal(headers.get('retry-after'), '7');
});

test('what a route writes into a header cannot begin another one', () => {
  const { headers } = answered({ location: '/\r\nSet-Cookie: a=b' });
  assert.equal(headers.get('location'), '/  Set-Cookie: a=b');
  assert.ok(!headers.has('set-cookie'));
});

test('a head that does not fit its buffer becomes an error of the server', () => {
  const { status, headers, body } = answered({ contentSecurityPolicy: 'x'.repeat(900) });
  assert.deepEqual([status, body], [500, 'Error 500\n']);
  assert.equal(headers.get('content-security-policy'), "default-src 'none'");
});

test('a refusal says which methods there are, and is as guarded as a page', () => {
  const { status, headers, body } = answered({}, GET.replace('GET', 'OPTIONS'));
  assert.deepEqual([status, body], [405, 'Error 405\n']);
  assert.equal(headers.get('allow'), 'GET, HEAD, POST');
  assert.equal(headers.get('cache-control'), 'no-store');
  assert.equal(headers.get('content-security-policy'), "default-src 'none'");
});

test('writeHead counts on past the end of a buffer that is too small', () => {
  const large = new Uint8Array(1000);
  const end = writeHead(large, 10, newHead(), 12);
  assert.equal(writeHead(new Uint8Array(20), 10, newHead(), 12), end);
});

test('BytesBody writes as much as fits, and goes on from there', () => {
  const body = new BytesBody(utf8('abcdef'));
  const into = new Uint8Array(4);
  assert.equal(body.write(into, 1), 4);
  assert.equal(body.finished, false);
  assert.equal(body.write(into, 0), 3);
  assert.deepEqual([...into], [...utf8('def'), 0x63]);
  assert.ok(body.finished);
});
