/** Certificates and keys that are new in the settings: what the board cannot use is named. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEFAULTS, type Settings } from '../../../firmware/config/fields.ts';
import { certificateProblems, certificatesEndAt } from '../../../firmware/mote/certificates.ts';
import { pemOf } from '../../../host-sim/virtual/signatures/certificate-maker.ts';
import {
  integer,
  NULL,
  octetString,
  oid,
  sequence,
} from '../../../host-sim/virtual/signatures/der-writer.ts';
import { openRsaKey } from '../../../host-sim/virtual/signatures/open-keys.ts';
import { made, rsaKeyDer, server } from '../../support/made-certificates.ts';

const mine = made('board', openRsaKey(), undefined, { extensions: [] });
const pkcs1 = rsaKeyDer(mine);
const rsaKey = sequence(oid('1.2.840.113549.1.1.1'), NULL);
const pkcs8 = (key: Uint8Array, algorithm = rsaKey) =>
  sequence(integer(0), algorithm, octetString(key));
const sec1 = sequence(integer(1), octetString(new Uint8Array(32).fill(1)));
const ecKey = sequence(oid('1.2.840.10045.2.1'), oid('1.2.840.10045.3.1.7'));

function problems(changes: Partial<Settings>, base: Settings = DEFAULTS): string[] {
  const found = certificateProblems({ ...base, ...changes }, base);
  return found.map(({ field, code }) => `${field}: ${code}`);
}

test('a certificate and its RSA key are taken, in both forms of the key', () => {
  assert.deepEqual(problems({}), []);
  assert.deepEqual(problems({ ca: pemOf(mine.der, server().der) }), []);
  for (const key of [pkcs1, pkcs8(pkcs1)]) {
    assert.deepEqual(problems({ certificate: pemOf(mine.der), key: pemOf(key) }), []);
  }
});

test('a key of another certificate is named, whichever of the two is new', () => {
  const other = sequence(integer(0), integer((1n << 2047n) + 1n), integer(65_537));
  const right = { ...DEFAULTS, certificate: pemOf(mine.der), key: pemOf(pkcs1) };
  assert.deepEqual(problems({ key: pemOf(other) }, right), ['key: not its key']);
  const wrong = { ...DEFAULTS, certificate: pemOf(server().der), key: pemOf(other) };
  assert.deepEqual(problems({ certificate: pemOf(mine.der) }, wrong), ['key: not its key']);
});

test('keys on curves, and what is no key at all, cannot be used', () => {
  const certificate = pemOf(mine.der);
  for (const key of [sec1, pkcs8(sec1, ecKey), Uint8Array.of(1, 2, 3), sequence(integer(0))]) {
    assert.deepEqual(problems({ certificate, key: pemOf(key) }), ['key: key kind']);
  }
  const onCurve = { certificate: pemOf(server().der), key: pemOf(pkcs1) };
  assert.deepEqual(problems(onCurve), ['key: key kind']);
});

test('what cannot be read as a certificate is named at its field', () => {
  const broken = pemOf(mine.der.subarray(0, mine.der.length - 1));
  assert.deepEqual(problems({ ca: broken }), ['ca: not a certificate']);
  const among = pemOf(mine.der, Uint8Array.of(0x30, 0));
  assert.deepEqual(problems({ ca: among, certificate: broken }), [
    'ca: not a certificate',
    'certificate: not a certificate',
  ]);
});

test('what the board has already is not looked at again', () => {
  const old = { ...DEFAULTS, ca: pemOf(Uint8Array.of(0x30, 0)), key: pemOf(sec1) };
  assert.deepEqual(problems({ host: 'broker.example' }, old), []);
});

test('certificates of one text are valid until the first of them expires', () => {
  const until = (to: number) => made('board', openRsaKey(), undefined, { extensions: [], to }).der;
  const [early, late] = [Date.UTC(2030, 1, 28, 23, 59, 59), Date.UTC(2055, 0, 1)];
  assert.equal(certificatesEndAt(pemOf(until(late))), late);
  assert.equal(certificatesEndAt(pemOf(until(late), until(early))), early);
});

test('without a certificate that can be read, nothing expires', () => {
  const none = Number.POSITIVE_INFINITY;
  assert.equal(certificatesEndAt(DEFAULTS.certificate), none);
  assert.equal(certificatesEndAt(new TextEncoder().encode('-----BEGIN CERTIFICATE-----\n!')), none);
  const { der } = mine;
  for (const length of [0, 1, der.length >> 1, der.length - 1]) {
    assert.equal(certificatesEndAt(pemOf(der.subarray(0, length))), none);
  }
});
