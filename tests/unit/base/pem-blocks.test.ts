import assert from 'node:assert/strict';
import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { pemBlocks } from '../../../firmware/base/pem-blocks.ts';
import { asPkcs8 } from '../../../firmware/board/private-key.ts';

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

test('a key as OpenSSL writes it gets the envelope of PKCS #8; one that has it is left alone', () => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const pkcs1 = new Uint8Array(privateKey.export({ format: 'der', type: 'pkcs1' }));
  const pkcs8 = new Uint8Array(privateKey.export({ format: 'der', type: 'pkcs8' }));
  assert.deepEqual(asPkcs8(pkcs1), pkcs8);
  assert.deepEqual(asPkcs8(pkcs8), pkcs8);
  const pem = privateKey.export({ format: 'pem', type: 'pkcs1' });
  const [der] = pemBlocks(bytes(String(pem)), 1);
  const read = createPrivateKey({ key: Buffer.from(asPkcs8(der)), format: 'der', type: 'pkcs8' });
  assert.ok(read.equals(privateKey));
});

test('a block whose end stands in the line of its beginning is none, and nothing is thrown', () => {
  const text = '-----BEGIN -----END ';
  const bytes = Uint8Array.from(text, (letter) => letter.charCodeAt(0));
  assert.deepEqual(pemBlocks(bytes, 4), []);
});
