/** Which signatures are taken, of keys that are made here and by Node. */

import assert from 'node:assert/strict';
import { constants, createHash, generateKeyPairSync, privateEncrypt, sign } from 'node:crypto';
import { test } from 'node:test';
import { numberOf, readPublicKey } from '../../../../firmware/network/tls/public-key.ts';
import {
  isSignature,
  type Scheme,
  schemeOf,
  tlsScheme,
} from '../../../../firmware/network/tls/signature.ts';
import type { Hash } from '../../../../firmware/ports.ts';
import { LiveSignatureMath } from '../../../../host-sim/live/signature-math.ts';
import {
  bytesOf,
  element,
  integer,
  NULL,
  octetString,
  oid,
  sequence,
} from '../../../../host-sim/virtual/signatures/der-writer.ts';

const math = new LiveSignatureMath();
const MESSAGE = Uint8Array.from({ length: 200 }, (_, i) => i);
const HASHES: readonly Hash[] = ['SHA256', 'SHA384', 'SHA512'];
type Pair = ReturnType<typeof newRsa>;
const newRsa = () => generateKeyPairSync('rsa', { modulusLength: 2048 });
let made: Pair | undefined;

/** The tests' one RSA key, made when it is first asked for. */
function rsa() {
  made ??= newRsa();
  const key = readPublicKey(spkiOf(made.publicKey))!;
  return { ...made, key, modulus: key.kind === 'rsa' ? key.modulus : 0n };
}

function spkiOf(key: Pair['publicKey']): Uint8Array {
  return new Uint8Array(key.export({ type: 'spki', format: 'der' }));
}

const OIDS: readonly (readonly [string, Scheme])[] = [
  ['1.2.840.113549.1.1.11', { key: 'rsa', hash: 'SHA256' }],
  ['1.2.840.113549.1.1.12', { key: 'rsa', hash: 'SHA384' }],
  ['1.2.840.113549.1.1.13', { key: 'rsa', hash: 'SHA512' }],
  ['1.2.840.10045.4.3.2', { key: 'ec', hash: 'SHA256' }],
  ['1.2.840.10045.4.3.3', { key: 'ec', hash: 'SHA384' }],
  ['1.2.840.10045.4.3.4', { key: 'ec', hash: 'SHA512' }],
];

test('six algorithms of certificates are known by their identifiers, and no other', () => {
  for (const [id, scheme] of OIDS) {
    assert.deepEqual(schemeOf(sequence(oid(id))), scheme);
    assert.deepEqual(schemeOf(sequence(oid(id), NULL)), scheme);
  }
  // MD5, SHA-1, SHA-224 with RSA; PSS; SHA-1 and SHA-224 with ECDSA; Ed25519.
  const others = ['113549.1.1.4', '113549.1.1.5', '113549.1.1.14', '113549.1.1.10'];
  for (const id of [...others, '10045.4.1', '10045.4.3.1']) {
    assert.equal(schemeOf(sequence(oid(`1.2.840.${id}`))), undefined, id);
  }
  assert.equal(schemeOf(sequence(oid('1.3.101.112'))), undefined);
  for (const odd of [sequence(), sequence(integer(1)), element(0x31, oid(OIDS[0][0]))]) {
    assert.throws(() => schemeOf(odd), /malformed/);
  }
});

test('of TLS 1.2 the same six are known, by RFC 5246’s numbers', () => {
  const known = new Map<string, Scheme>();
  for (const [i, hash] of HASHES.entries()) {
    known.set(`${4 + i} 1`, { key: 'rsa', hash });
    known.set(`${4 + i} 3`, { key: 'ec', hash });
  }
  for (let hash = 0; hash <= 8; hash += 1) {
    for (let algorithm = 0; algorithm <= 5; algorithm += 1) {
      const expected = known.get(`${hash} ${algorithm}`);
      assert.deepEqual(tlsScheme(hash, algorithm), expected, `${hash} ${algorithm}`);
    }
  }
});

test('what Node signs with RSA and ECDSA is taken, and nothing that differs from it', () => {
  for (const hash of HASHES) {
    const pairs = [rsa(), ...['P-256', 'P-384'].map((namedCurve) => ec(namedCurve))];
    for (const { privateKey, publicKey } of pairs) {
      const key = readPublicKey(spkiOf(publicKey))!;
      const scheme: Scheme = { key: key.kind, hash };
      const signature = new Uint8Array(sign(hash.toLowerCase(), MESSAGE, privateKey));
      const is = (how: Scheme, message: Uint8Array, with_ = signature) =>
        isSignature(math, key, how, message, with_);
      assert.ok(is(scheme, MESSAGE), `${hash} ${key.kind}`);
      assert.ok(!is(scheme, MESSAGE.subarray(1)));
      assert.ok(!is({ ...scheme, hash: hash === 'SHA256' ? 'SHA512' : 'SHA256' }, MESSAGE));
      assert.ok(!is({ ...scheme, key: key.kind === 'rsa' ? 'ec' : 'rsa' }, MESSAGE));
    }
  }
});

function ec(namedCurve: string) {
  return generateKeyPairSync('ec', { namedCurve }) as unknown as Pair;
}

/** The signature that holds a block. */
function holding(block: Uint8Array): Uint8Array {
  const { privateKey: key } = rsa();
  return new Uint8Array(privateEncrypt({ key, padding: constants.RSA_NO_PADDING }, block));
}

/** RFC 8017 9.2, with what is given between the zero and the end. */
function blockOf(info: Uint8Array, head = [0, 1], separator = 0): Uint8Array {
  const padding = new Uint8Array(256 - info.length - head.length - 1).fill(0xff);
  return Uint8Array.from([...head, ...padding, separator, ...info]);
}

test('the block of an RSA signature is of PKCS #1 in each of its bytes', () => {
  const { key } = rsa();
  const digest = new Uint8Array(createHash('sha256').update(MESSAGE).digest());
  const info = (parameters: readonly Uint8Array[], end = digest) =>
    sequence(sequence(oid('2.16.840.1.101.3.4.2.1'), ...parameters), octetString(end));
  const good = blockOf(info([NULL]));
  const is = (signature: Uint8Array) =>
    isSignature(math, key, { key: 'rsa', hash: 'SHA256' }, MESSAGE, signature);
  assert.ok(is(holding(good)));
  assert.ok(!is(holding(blockOf(info([])))), 'without parameters');
  assert.ok(!is(holding(blockOf(info([NULL]), [0, 2]))), 'another kind of block');
  assert.ok(!is(holding(blockOf(info([NULL]), [0, 1], 1))), 'no zero');
  for (let at = 1; at < good.length; at += 7) {
    const changed = good.slice();
    changed[at] ^= 1;
    assert.ok(!is(holding(changed)), `byte ${at}`);
  }
  // The digest stands early, and anything behind it (Bleichenbacher, 2006).
  const early = new Uint8Array(256).fill(0x55);
  early.set([0, 1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, ...info([NULL])]);
  assert.ok(!is(holding(early)));
});

test('an RSA signature has as many bytes as the modulus, and is less than it and more than nothing', () => {
  const scheme: Scheme = { key: 'rsa', hash: 'SHA256' };
  const { key, modulus, privateKey } = rsa();
  const is = (signature: Uint8Array) => isSignature(math, key, scheme, MESSAGE, signature);
  let signature = new Uint8Array(sign('sha256', MESSAGE, privateKey));
  assert.ok(is(signature));
  assert.ok(!is(Uint8Array.of(0, ...signature)));
  assert.ok(!is(signature.subarray(1)));
  // Of some message the signature with the modulus added still fits into its bytes.
  const limit = 2n ** 2048n;
  for (let i = 0; numberOf(signature) + modulus >= limit; i += 1) {
    signature = new Uint8Array(sign('sha256', Uint8Array.of(i, i >> 8), privateKey));
    if (numberOf(signature) + modulus >= limit) continue;
    const message = Uint8Array.of(i, i >> 8);
    assert.ok(isSignature(math, key, scheme, message, signature));
    const greater = bytesOf(numberOf(signature) + modulus, 256);
    assert.ok(!isSignature(math, key, scheme, message, greater));
  }
});

test('an RSA signature of 0, of 1 and of the modulus are never calculated with, or are wrong', () => {
  const scheme: Scheme = { key: 'rsa', hash: 'SHA256' };
  const { key, modulus } = rsa();
  for (const value of [0n, 1n, modulus - 1n, modulus]) {
    assert.ok(!isSignature(math, key, scheme, MESSAGE, bytesOf(value, 256)), `${value}`);
  }
  const idle = { ...math, digest: math.digest.bind(math), power: () => assert.fail() };
  for (const value of [0n, modulus]) {
    const asked = Object.assign(Object.create(LiveSignatureMath.prototype), idle);
    assert.ok(!isSignature(asked, key, scheme, MESSAGE, bytesOf(value, 256)), `${value}`);
  }
});
