/** Certificates that OpenSSL made, read and judged, beside what Node reads in them. */
import assert from 'node:assert/strict';
import { createPublicKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { type Certificate, readCertificate } from '../../../firmware/tls/certificate.ts';
import { judgeChain } from '../../../firmware/tls/chain.ts';
import { missing } from '../../support/available.ts';
import { certificates } from '../../support/certificates.ts';

const skip = missing('openssl');
const derOf = (path: string) => new Uint8Array(new X509Certificate(readFileSync(path)).raw);

function isSigned({ der }: Certificate, issuer: Certificate): boolean {
  const key = new X509Certificate(issuer.der).publicKey;
  return new X509Certificate(der).verify(
    createPublicKey(key.export({ type: 'spki', format: 'pem' })),
  );
}

test('names, times and the right to sign are read as Node reads them', { skip }, () => {
  const { ca, server, expired, wrongName, client } = certificates();
  const all = [ca, server.certificate, expired.certificate, wrongName.certificate];
  for (const path of [...all, client.certificate]) {
    const node = new X509Certificate(readFileSync(path));
    const { from, to, isAuthority } = readCertificate(derOf(path));
    assert.equal(from, Date.parse(node.validFrom), path);
    assert.equal(to, Date.parse(node.validTo), path);
    assert.equal(isAuthority, node.ca, path);
  }
  assert.deepEqual(readCertificate(derOf(server.certificate)).names, ['localhost', '127.0.0.1']);
  assert.deepEqual(readCertificate(derOf(client.certificate)).names, []);
});

test('real chains are judged', { skip }, () => {
  const { ca, server, expired, wrongName, stranger } = certificates();
  const authority = readCertificate(derOf(ca));
  const judge = (path: string, name = 'localhost') =>
    judgeChain([readCertificate(derOf(path)), authority], [authority], name, Date.now(), isSigned);
  assert.equal(judge(server.certificate), 'trusted');
  assert.equal(judge(server.certificate, '127.0.0.1'), 'trusted');
  assert.equal(judge(expired.certificate), 'certificate expired');
  assert.equal(judge(wrongName.certificate), 'certificate name mismatch');
  assert.equal(judge(stranger.certificate), 'certificate name mismatch');
});

test('a certificate that is cut off or changed anywhere is read or refused, never a crash', {
  skip,
}, () => {
  const der = derOf(certificates().server.certificate);
  for (let length = 0; length < der.length; length++) {
    assert.throws(() => readCertificate(der.subarray(0, length)), /malformed certificate/);
  }
  for (let at = 0; at < der.length; at++) {
    const changed = der.slice();
    changed[at] ^= 0xff;
    try {
      readCertificate(changed);
    } catch (error) {
      assert.match(String(error), /malformed certificate/, `byte ${at}`);
    }
  }
});
