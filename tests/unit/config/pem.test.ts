/** Certificates and keys as they are pasted. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeUtf8 } from '../../../firmware/base/utf8.ts';
import { readPem } from '../../../firmware/config/pem.ts';
import { utf8 } from '../../../firmware/config/values.ts';
import { CERTIFICATE, KEY, pem } from './harness.ts';

function readText(text: string, isKey = false, max = 4096): string | undefined {
  const found = readPem(utf8(text), isKey, max);
  return found && decodeUtf8(found, 0, found.length);
}

test('a clean certificate and a clean key stay as they are', () => {
  assert.equal(readText(CERTIFICATE), CERTIFICATE);
  for (const label of ['PRIVATE KEY', 'RSA PRIVATE KEY', 'EC PRIVATE KEY']) {
    assert.equal(readText(pem(label), true), pem(label));
  }
});

test('a body that ends with a line, and one that is padded, come out with one line end', () => {
  for (const characters of [64, 128, 132]) {
    assert.equal(readText(pem('CERTIFICATE', characters)), pem('CERTIFICATE', characters));
  }
  const padded = pem('CERTIFICATE', 100).replace(/..\n-----END/, '==\n-----END');
  assert.equal(readText(padded), padded);
});

test('CRLF, lost line ends, spaces and text around the blocks are put right', () => {
  assert.equal(readText(CERTIFICATE.replace(/\n/g, '\r\n')), CERTIFICATE);
  assert.equal(readText(CERTIFICATE.replace(/\n/g, ' ')), CERTIFICATE);
  assert.equal(readText(CERTIFICATE.replace(/\n/g, '')), CERTIFICATE);
  assert.equal(readText(`Subject: CN = broker\n\n${CERTIFICATE}\nbye`), CERTIFICATE);
});

test('text around the blocks may be in any language and encoding, behind a byte order mark too', () => {
  assert.equal(readText(`\ufeff${CERTIFICATE}`), CERTIFICATE);
  assert.equal(
    readText(`Aussteller: K\u00f6ln \u2014 \u6cb3\n${CERTIFICATE}\ud83d\ude00`),
    CERTIFICATE,
  );
  assert.equal(readText(`\ufeffSchl\u00fcssel\n${KEY}`, true), KEY);
  const latin = new Uint8Array([0x4b, 0xf6, 0x6c, 0x6e, 0x0a, ...utf8(CERTIFICATE), 0xff, 0]);
  const found = readPem(latin, false, 4096);
  assert.equal(found && decodeUtf8(found, 0, found.length), CERTIFICATE);
});

test('a chain is several certificates; a key is one', () => {
  assert.equal(readText(`${CERTIFICATE}\r\n${CERTIFICATE}`), CERTIFICATE + CERTIFICATE);
  assert.equal(readText(KEY + KEY, true), undefined);
});

test('the curve that openssl writes before an EC key is left out', () => {
  const curve = '-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n';
  const key = pem('EC PRIVATE KEY', 164);
  assert.equal(readText(curve + key, true), key);
});

test('a private key among certificates is refused, for certificates are shown', () => {
  assert.equal(readText(CERTIFICATE + KEY), undefined);
  assert.equal(readText(KEY), undefined);
  assert.equal(readText(CERTIFICATE, true), undefined);
});

test('an encrypted key is refused in both of its forms', () => {
  assert.equal(readText(pem('ENCRYPTED PRIVATE KEY'), true), undefined);
  const old = pem('RSA PRIVATE KEY').replace('-----\n', '-----\nProc-Type: 4,ENCRYPTED\n\n');
  assert.equal(readText(old, true), undefined);
});

test('what is cut, broken or no PEM is refused', () => {
  const broken = [
    '',
    'hello',
    '-----BEGIN ',
    '-----BEGIN CERTIFICATE-----',
    CERTIFICATE.slice(0, -10),
    CERTIFICATE.slice(0, 100),
    CERTIFICATE.replace('MII', 'M!I'),
    CERTIFICATE.replace('MII', 'MI'),
    CERTIFICATE.replace('MII', 'AII'),
    CERTIFICATE.replace('MIIB', 'MII='),
    CERTIFICATE.replace('MIIB', 'MI\u00e4B'),
    CERTIFICATE.replace('END CERT', 'END CART'),
    pem('CERTIFICATE', 60),
    '-----BEGIN CERTIFICATE----------END CERTIFICATE-----',
    CERTIFICATE.replace(/....\n-----END/, '====\n-----END'),
  ];
  for (const text of broken) assert.equal(readText(text), undefined, text.slice(0, 60));
});

test('what is longer than the limit is refused, also when it is so only once it is put right', () => {
  assert.equal(readText(CERTIFICATE, false, CERTIFICATE.length), CERTIFICATE);
  assert.equal(readText(CERTIFICATE, false, CERTIFICATE.length - 1), undefined);
  const flat = CERTIFICATE.replace(/\n/g, '');
  assert.equal(readText(flat, false, flat.length), undefined);
});
