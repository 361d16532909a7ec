/** What decides over one line of a request's head, at its borders. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HttpParser } from '../../../../firmware/provisioning/http/parser.ts';
import { bytesOf } from '../../../support/http-stream.ts';

/** Reads a head whose lines end at each `|`, into lines of at most 64 bytes. */
function parsed(head: string): HttpParser {
  const parser = new HttpParser(new Uint8Array(64), 100);
  const bytes = bytesOf(head.replaceAll('|', '\r\n'));
  parser.feed(bytes, 0, bytes.length);
  return parser;
}

const statusOf = (head: string) => parsed(head).status;
const withLines = (...lines: readonly string[]) =>
  `GET / HTTP/1.1|Host: a.b|${lines.map((line) => `${line}|`).join('')}|`;

test('of control characters a tab alone may stand in a line', () => {
  for (let code = 0; code < 0x20; code += 1) {
    if (code === 0x0d) continue;
    const status = statusOf(withLines(`x: 1${String.fromCharCode(code)}2`));
    assert.equal(status, code === 0x09 ? 0 : 400, `${code}`);
  }
  assert.equal(statusOf(withLines('x: 1\x7f2')), 400);
  for (const letter of [' ', '~', 'é']) assert.equal(statusOf(withLines(`x: 1${letter}2`)), 0);
});

test('a line without a colon is refused, whatever an earlier line had in that place', () => {
  assert.equal(statusOf(withLines('long-header: 1', 'none')), 400);
  assert.equal(statusOf(withLines('none')), 400);
  assert.equal(statusOf(withLines(': 1')), 400);
  assert.equal(statusOf(withLines('x:')), 0);
});

test('a method of one letter is one that is not known, and no method at all is malformed', () => {
  assert.equal(statusOf('A / HTTP/1.1|Host: a.b||'), 501);
  assert.equal(statusOf(' / HTTP/1.1|Host: a.b||'), 400);
});

test('a name is known in either case, and kept ones of each length are', () => {
  const head = withLines('ACCEPT-language:  de \t', 'X-AZaz: 1', 'Origin: http://a.b');
  const { acceptLanguage, origin, isDone } = parsed(head);
  assert.deepEqual([acceptLanguage, origin, isDone], ['de', 'http://a.b', true]);
  assert.equal(statusOf(withLines('TRANSFER-ENCODING: chunked')), 411);
});

test('a head has 4,096 bytes at most', () => {
  const start = withLines();
  const line = `x: ${'1'.repeat(45)}|`;
  const lines = line.repeat(81);
  const bytes = (text: string) => text.replaceAll('|', '\r\n').length;
  const rest = 4096 - bytes(start + lines);
  const head = (more: number) => `${start.slice(0, -1)}${lines}y:${'1'.repeat(rest - 4 + more)}||`;
  assert.equal(bytes(head(0)), 4096);
  assert.equal(statusOf(head(0)), 0);
  assert.equal(statusOf(head(1)), 431);
});

/** What a request is read as; its status where it is refused. */
function read(head: string) {
  const { status, isDone, method, path, query, host, bodyBytes, awaitsContinue } = parsed(head);
  assert.equal(isDone, status === 0);
  return status === 0 ? { method, path, query, host, bodyBytes, awaitsContinue } : status;
}

const PLAIN = { method: 'GET', path: '/', query: '', host: 'a.b', bodyBytes: 0 };
const get = (target: string, version = 'HTTP/1.1') => read(`GET ${target} ${version}|Host: a.b||`);

test('a request line is a method, a target and a version with one space between', () => {
  assert.deepEqual(get('/'), { ...PLAIN, awaitsContinue: false });
  for (const line of [
    'GET  / HTTP/1.1',
    'GET /  HTTP/1.1',
    'GET / HTTP/1.1 ',
    'GET / x HTTP/1.1',
    'GET /\tHTTP/1.1',
    'GET /\t HTTP/1.1',
    'GET/ HTTP/1.1',
    'GET HTTP/1.1',
    'GET  HTTP/1.1',
    'GET /HTTP/1.1',
    'GET / HTTP-1.1',
    'GET / http/1.1',
    'GET / HTTP/1.10',
    'HTTP/1.1',
    'GET /é HTTP/1.1',
  ]) {
    assert.equal(read(`${line}|Host: a.b||`), 400, line);
  }
  for (const version of ['HTTP/2.0', 'HTTP/0.9', 'HTTP/3.1', 'HTTP/1:1']) {
    assert.equal(get('/', version), 505, version);
  }
});

test('known methods that change or ask what is not here are refused as such, and unknown ones as unknown', () => {
  for (const method of ['OPTIONS', 'PUT', 'DELETE', 'PATCH', 'TRACE', 'CONNECT']) {
    assert.equal(read(`${method} / HTTP/1.1|Host: a.b||`), 405, method);
  }
  for (const method of ['get', 'GE', 'GETS', 'PROPFIND', 'PUT,']) {
    assert.equal(read(`${method} / HTTP/1.1|Host: a.b||`), 501, method);
  }
  assert.deepEqual(read('HEAD / HTTP/1.1|Host: a.b||'), {
    ...{ ...PLAIN, method: 'HEAD' },
    awaitsContinue: false,
  });
});

test('a target is a path with escapes, and a query as it was sent', () => {
  const read = (target: string) => {
    const found = get(target);
    return typeof found === 'number' ? found : [found.path, found.query, found.host];
  };
  assert.deepEqual(read('/a%20b/%C3%A9?x=%20&y?z'), ['/a b/é', 'x=%20&y?z', 'a.b']);
  assert.deepEqual(read('/?'), ['/', '', 'a.b']);
  assert.deepEqual(read('http://C.d'), ['/', '', 'c.d']);
  assert.deepEqual(read('HTTP://c.D:80?q'), ['/', 'q', 'c.d']);
  assert.deepEqual(read('http://c:8080/p/q?r'), ['/p/q', 'r', 'c:8080']);
  assert.deepEqual(read('http:///p'), ['/p', '', '']);
  for (const target of [
    'a',
    '*',
    'https://c/',
    'http:/c',
    '?q',
    '/%',
    '/%4',
    '/%4g',
    '/%00',
    '/a%00b',
  ]) {
    assert.equal(read(target), 400, target);
  }
  assert.deepEqual(read('/a?%00%'), ['/a', '%00%', 'a.b'], 'a query is not decoded here');
});

test('a target that is too long for its line is cut to one that is not here, but not for a form', () => {
  // Lines of 64 bytes: with method and version 51 are left for the target.
  const long = (length: number) => `/${'x'.repeat(length - 1)}`;
  const pathOf = (target: string, version?: string) => {
    const found = get(target, version);
    return typeof found === 'number' ? found : found.path;
  };
  assert.equal(pathOf(long(51)), long(51));
  for (const length of [52, 53, 60, 300]) assert.equal(pathOf(long(length)), '/…', `${length}`);
  assert.equal(pathOf(long(52), 'HTTP/2.0'), 505);
  assert.equal(pathOf(`${long(40)} ${long(40)}`), 400);
  assert.equal(read(`${'x'.repeat(80)} HTTP/1.1|Host: a.b||`), 400);
  assert.equal(read(`POST ${long(50)} HTTP/1.1|Host: a.b||`), 411);
  assert.equal(read(`POST ${long(51)} HTTP/1.1|Host: a.b||`), 414);
  assert.equal(read(`PUT ${long(90)} HTTP/1.1|Host: a.b||`), 405);
});

test('empty lines before a request are nothing, and a line ends with both of its characters', () => {
  assert.deepEqual(read('||GET / HTTP/1.1|Host: a.b||'), { ...PLAIN, awaitsContinue: false });
  assert.equal(read('GET / HTTP/1.1\nHost: a.b||'), 400);
  assert.equal(read('GET / HTTP/1.1\rHost: a.b||'), 400);
  assert.equal(read('GET / HTTP/1.1|\rHost: a.b||'), 400);
  const parser = new HttpParser(new Uint8Array(64), 100);
  assert.equal(parser.hasBegun, false);
  parser.feed(bytesOf('\r'), 0, 1);
  assert.equal(parser.hasBegun, true);
});

test('a head is taken to its last byte, and no further, from the part of a buffer that is told', () => {
  const parser = new HttpParser(new Uint8Array(64), 100);
  const head = 'GET / HTTP/1.1\r\nHost: a.b\r\n\r\n';
  const bytes = bytesOf(`##${head}POST`);
  assert.equal(parser.feed(bytes, 2, 6), 6);
  assert.equal(parser.feed(bytes, 6, bytes.length), 2 + head.length);
  assert.ok(parser.isDone);
  assert.equal(parser.feed(bytes, 2, bytes.length), 2);
  const refused = new HttpParser(new Uint8Array(64), 100);
  assert.equal(refused.feed(bytesOf('GET\n/ HTTP/1.1'), 0, 14), 4);
  assert.equal(refused.status, 400);
  assert.equal(refused.feed(bytesOf('/'), 0, 1), 0);
});

test('the name of a header is visible ASCII, and a long one is nobody’s', () => {
  for (let code = 0x20; code < 0x7f; code += 1) {
    if (code === 0x3a || code === 0x7c) continue;
    const expected = code === 0x20 ? 400 : 0;
    const letter = String.fromCharCode(code);
    assert.equal(statusOf(withLines(`x${letter}y: 1`)), expected, letter);
  }
  assert.equal(statusOf(withLines('é: 1')), 400);
  assert.equal(statusOf(withLines('x\ty: 1')), 400);
  for (const name of ['hos', 'ost', 'transfer-encodings', 'host origin', 'xorigin']) {
    const status = statusOf(withLines(`${name}: 1`, `${name}: 2`));
    assert.equal(status, name.includes(' ') ? 400 : 0, name);
  }
  assert.equal(statusOf(withLines('Transfer-Encodingx: chunked')), 0);
});

test('a header that counts is refused where it is cut, and another is skipped whatever its length', () => {
  // Lines of 64 bytes.
  const line = (name: string, bytes: number) => `${name}:${'1'.repeat(bytes - name.length - 1)}`;
  assert.equal(statusOf(withLines(line('origin', 64))), 0);
  assert.equal(statusOf(withLines(line('origin', 65))), 431);
  assert.equal(statusOf(withLines(line('cookie', 65), line('cookie', 700))), 0);
  assert.equal(statusOf(withLines('1'.repeat(65))), 431);
  assert.equal(statusOf(withLines('1'.repeat(64))), 400);
  assert.equal(statusOf(withLines(`${'1'.repeat(63)}:`)), 0);
  assert.equal(statusOf(withLines(`${'1'.repeat(64)}:`)), 431);
});

test('a value has no blanks around it, and may be empty', () => {
  const origin = (line: string) => parsed(withLines(line)).origin;
  assert.equal(origin('origin:x'), 'x');
  assert.equal(origin('origin: \t x y\t '), 'x y');
  for (const line of ['origin:', 'origin: ', 'origin:\t ']) assert.equal(origin(line), '', line);
  assert.equal(origin('x: y'), '');
  assert.equal(parsed(withLines('x: y')).acceptLanguage, '');
});

test('a header that counts may come twice with one value, but Host may not', () => {
  assert.equal(statusOf(withLines('origin: x', 'origin: x ')), 0);
  assert.equal(statusOf(withLines('origin: x', 'origin: y')), 400);
  assert.equal(statusOf(withLines('origin:', 'origin: y')), 400);
  assert.equal(statusOf(withLines('Host: a.b')), 400);
});

test('the host is the target’s or Host’s, in small letters and without the usual port', () => {
  const host = (value: string) => parsed(`GET / HTTP/1.1|Host: ${value}||`).host;
  assert.equal(host('A.B'), 'a.b');
  assert.equal(host('a.b:80'), 'a.b');
  assert.equal(host('a.b:8080'), 'a.b:8080');
  assert.equal(host('a.b:180'), 'a.b:180');
  assert.equal(host(''), '');
  assert.equal(parsed('GET http://X:80/ HTTP/1.1|Host: a.b||').host, 'x');
});

test('Host may be left out by an old client alone', () => {
  assert.equal(read('GET / HTTP/1.1||'), 400);
  assert.equal(read('GET / HTTP/1.2||'), 400);
  assert.deepEqual(read('GET / HTTP/1.0||'), { ...PLAIN, host: '', awaitsContinue: false });
});

const FORM = 'Content-Type: application/x-www-form-urlencoded|';
const post = (lines: string, version = 'HTTP/1.1') => read(`POST / ${version}|Host: a.b|${lines}|`);
const posted = (bodyBytes: number, awaitsContinue = false) => ({
  ...{ ...PLAIN, method: 'POST', bodyBytes },
  awaitsContinue,
});

test('a form says its length in digits, 100 bytes at most here, and its type', () => {
  for (const length of [0, 1, 99, 100]) {
    assert.deepEqual(post(`${FORM}Content-Length: ${length}|`), posted(length));
  }
  assert.deepEqual(post(`${FORM}Content-Length: 007|`), posted(7));
  for (const length of ['101', '1000000000', '99999999999999999999999']) {
    assert.equal(post(`${FORM}Content-Length: ${length}|`), 413, length);
  }
  for (const length of ['', '-1', '+1', '1 2', '1,1', '0x1', '1/', '1:', 'a']) {
    assert.equal(post(`${FORM}Content-Length: ${length}|`), 400, length);
  }
  assert.equal(post(FORM), 411);
  const typed = (type: string) => post(`Content-Type: ${type}|Content-Length: 4|`);
  assert.deepEqual(typed('application/x-www-form-urlencoded; charset=utf-8'), posted(4));
  assert.deepEqual(typed('APPLICATION/x-www-form-urlencoded ;a'), posted(4));
  for (const type of ['text/plain', 'application/x-www-form-urlencoded2', ';', '']) {
    assert.equal(typed(type), 415, type);
  }
  assert.equal(post('Content-Length: 4|'), 415);
});

test('a body of another request than a form is none of its business, but its length has to be one', () => {
  const withLength = (length: string) =>
    read(`GET / HTTP/1.1|Host: a.b|Content-Length: ${length}||`);
  assert.deepEqual(withLength('1000'), { ...PLAIN, bodyBytes: 1000, awaitsContinue: false });
  assert.equal(withLength('x'), 400);
});

test('a body in pieces is refused: by its name, by an unknown name, and where its length is said twice', () => {
  const lines = (value: string, more = '') => `${FORM}Transfer-Encoding: ${value}|${more}`;
  assert.equal(post(lines('Chunked')), 411);
  assert.equal(post(lines('gzip')), 501);
  assert.equal(post(lines('gzip, chunked')), 501);
  assert.equal(post(lines('chunked', 'Content-Length: 4|')), 400);
  assert.equal(post(lines('chunked'), 'HTTP/1.0'), 400);
  assert.equal(read('GET / HTTP/1.1|Host: a.b|Transfer-Encoding: chunked||'), 411);
});

test('who waits to be told to continue is told so for a body, and nothing else is expected', () => {
  const expecting = (length: number, what = '100-Continue', version?: string) =>
    post(`${FORM}Content-Length: ${length}|Expect: ${what}|`, version);
  assert.deepEqual(expecting(4), posted(4, true));
  assert.deepEqual(expecting(0), posted(0));
  assert.deepEqual(expecting(4, ''), posted(4));
  assert.deepEqual(expecting(4, '100-continue', 'HTTP/1.0'), posted(4));
  assert.equal(expecting(4, '200-ok'), 417);
  assert.deepEqual(read('GET / HTTP/1.1|Host: a.b|Expect: 100-continue||'), {
    ...PLAIN,
    awaitsContinue: false,
  });
});
