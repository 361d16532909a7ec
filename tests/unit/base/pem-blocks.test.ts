import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pemBlocks } from '../../../firmware/base/pem-blocks.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const block = (label: string, body: string) =>
  `-----BEGIN ${label}-----\n${body}\n-----END ${label}-----\n`;

test('each block becomes its bytes, in order', () => {
  const text = block('CERTIFICATE', 'aGVsbG8=') + block('CERTIFICATE', 'd29y\nbGQh');
  const blocks = pemBlocks(bytes(text), 9).map((der) => String.fromCharCode(...der));
  assert.deepEqual(blocks, ['hello', 'world!']);
});

test('lines may end in CRLF, and text around the blocks is passed over', () => {
  const text = `subject=a\r\n${block('CERTIFICATE', 'aGVs\nbG8=').replaceAll('\n', '\r\n')}end\r\n`;
  assert.deepEqual(
    pemBlocks(bytes(text), 9).map((der) => String.fromCharCode(...der)),
    ['hello'],
  );
});

test('text without blocks gives none, and half a block none either', () => {
  assert.equal(pemBlocks(new Uint8Array(0), 9).length, 0);
  assert.equal(pemBlocks(bytes('no certificate'), 9).length, 0);
  assert.equal(pemBlocks(bytes('-----BEGIN CERTIFICATE-----\naGVsbG8='), 9).length, 0);
});

test('a block whose end stands in the line of its beginning is none, and nothing is thrown', () => {
  const text = '-----BEGIN -----END ';
  const bytes = Uint8Array.from(text, (letter) => letter.charCodeAt(0));
  assert.deepEqual(pemBlocks(bytes, 4), []);
});
