/** Certificates that OpenSSL made, read and judged, beside what Node reads in them. */
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Certificate } from '../../../../firmware/network/tls/certificate.ts';
import { Trust } from '../../../../firmware/network/tls/trust.ts';
import { LiveSignatureMath } from '../../../../host-sim/live/signature-math.ts';
import { missing } from '../../../support/available.ts';
import { certificates } from '../../../support/certificates.ts';

const skip = missing('openssl');
const derOf = (path: string) => new Uint8Array(new X509Certificate(readFileSync(path)).raw);

test('times and the right to sign are read as Node reads them', { skip }, () => {
  const { ca, server, expired, wrongName, client } = certificates();
  const all = [ca, server.certificate, expired.certificate, wrongName.certificate];
  for (const path of [...all, client.certificate]) {
    const node = new X509Certificate(readFileSync(path));
    const { from, to, isAuthority, signed, signature } = new Certificate(derOf(path));
    assert.equal(from, Date.parse(node.validFrom), path);
    assert.equal(to, Date.parse(node.validTo), path);
    assert.equal(isAuthority, node.ca, path);
    assert.ok(signed.length + signature.length > 200);
  }
});

test('real chains are judged', { skip }, () => {
  const { ca, caText, server, expired, wrongName, stranger } = certificates();
  const trust = new Trust(new TextEncoder().encode(caText), new LiveSignatureMath());
  const judge = (path: string, name = 'localhost') =>
    trust.judge({ chain: [derOf(path), derOf(ca)], name, now: Date.now() });
  assert.equal(judge(server.certificate), 'trusted');
  assert.equal(judge(server.certificate, '127.0.0.1'), 'trusted');
  assert.equal(judge(expired.certificate), 'certificate expired');
  assert.equal(judge(wrongName.certificate), 'certificate name mismatch');
  assert.equal(judge(stranger.certificate), 'certificate not for servers');
});

test('a certificate that is cut off or changed anywhere is read or refused, never a crash', {
  skip,
}, () => {
  const der = derOf(certificates().server.certificate);
  for (let length = 0; length < der.length; length++) {
    assert.throws(() => new Certificate(der.subarray(0, length)), /malformed DER/);
  }
  for (let at = 0; at < der.length; at++) {
    const changed = der.slice();
    changed[at] ^= 0xff;
    try {
      new Certificate(changed);
    } catch (error) {
      assert.match(String(error), /malformed DER/, `byte ${at}`);
    }
  }
});

test('no bit of a certificate can be changed and be trusted', { skip }, () => {
  const { caText, server } = certificates();
  const trust = new Trust(new TextEncoder().encode(caText), new LiveSignatureMath());
  const der = derOf(server.certificate);
  for (let at = 0; at < der.length; at++) {
    const changed = der.slice();
    changed[at] ^= 1 << (at % 8);
    const verdict = trust.judge({ chain: [changed], name: 'localhost', now: Date.now() });
    assert.notEqual(verdict, 'trusted', `byte ${at}`);
  }
});
