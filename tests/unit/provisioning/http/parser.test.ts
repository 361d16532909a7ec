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
