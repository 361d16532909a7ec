/** Which public keys are taken, at their limits, and whose private key one is. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judgeKey } from '../../../../firmware/network/tls/own-key.ts';
import { asPkcs8 } from '../../../../firmware/network/tls/private-key.ts';
import { CURVES, numberOf, readPublicKey } from '../../../../firmware/network/tls/public-key.ts';
import { GENERATORS } from '../../../../host-sim/virtual/signatures/big-math.ts';
import {
  bitString,
  bytesOf,
  element,
  integer,
  join,
  NULL,
  octetString,
  oid,
  sequence,
} from '../../../../host-sim/virtual/signatures/der-writer.ts';
import { rsaKey, rsaKeyDer, server } from '../../../support/made-certificates.ts';

const RSA = oid('1.2.840.113549.1.1.1');
const EC = oid('1.2.840.10045.2.1');
const P256 = oid('1.2.840.10045.3.1.7');
const rsaSpki = (...key: readonly Uint8Array[]) =>
  sequence(sequence(RSA, NULL), bitString(sequence(...key)));
/** An odd modulus of so many bits. */
const modulusOf = (bits: number) => (1n << BigInt(bits - 1)) + 1n;
const isTaken = (modulus: bigint, exponent: bigint) =>
  readPublicKey(rsaSpki(integer(modulus), integer(exponent))) !== undefined;

test('an RSA key has 2,048 to 4,096 bits, and an odd exponent from 65,537 up to eight bytes', () => {
  for (const [bits, expected] of [
    [2040, false],
    [2047, false],
    [2048, true],
    [2049, true],
    [2056, true],
    [4096, true],
    [4097, false],
  ] as const) {
    assert.equal(isTaken(modulusOf(bits), 65_537n), expected, `${bits} bits`);
  }
  for (const [exponent, expected] of [
    [3n, false],
    [65_535n, false],
    [65_536n, false],
    [65_537n, true],
    [65_538n, false],
    [2n ** 64n - 1n, true],
    [2n ** 64n + 1n, false],
  ] as const) {
    assert.equal(isTaken(modulusOf(2048), exponent), expected, `${exponent}`);
  }
  assert.equal(isTaken(modulusOf(2048) + 1n, 65_537n), false, 'an even modulus');
});

test('an RSA key is read as its two numbers, with the bytes that a signature of it has', () => {
  for (const bits of [2048, 2049, 3072, 4096]) {
    const modulus = modulusOf(bits);
    assert.deepEqual(readPublicKey(rsaSpki(integer(modulus), integer(65_539))), {
      kind: 'rsa',
      modulus,
      exponent: 65_539n,
      bytes: Math.ceil(bits / 8),
    });
  }
});

test('what is not exactly a key in its frame is malformed', () => {
  const numbers = [integer(modulusOf(2048)), integer(65_537)];
  const key = sequence(...numbers);
  const frame = (value: Uint8Array) => sequence(sequence(RSA, NULL), value);
  for (const spki of [
    rsaSpki(...numbers, integer(1)),
    rsaSpki(numbers[0]),
    frame(bitString(join([key, key]))),
    frame(element(3, Uint8Array.of(1), key)),
    frame(element(3, Uint8Array.of(0))),
    frame(octetString(Uint8Array.of(0), key)),
    sequence(sequence(RSA, NULL), bitString(key), NULL),
    sequence(sequence(NULL, RSA), bitString(key)),
    rsaSpki(element(2, Uint8Array.of(0xff)), numbers[1]),
    rsaSpki(NULL, numbers[1]),
    rsaSpki(numbers[0], NULL),
    rsaSpki(integer(0), NULL),
  ]) {
    assert.throws(() => readPublicKey(spki), /malformed DER/, `${[...spki.subarray(0, 40)]}`);
  }
});

test('a point has to be on its curve, whole and within the field', () => {
  for (const [curve, name] of [
    ['P-256', P256],
    ['P-384', oid('1.3.132.0.34')],
  ] as const) {
    const { bytes, field } = CURVES[curve];
    const { x, y } = GENERATORS[curve];
    const spki = (head: number, ...numbers: readonly bigint[]) => {
      const point = join([Uint8Array.of(head), ...numbers.map((each) => bytesOf(each, bytes))]);
      return sequence(sequence(EC, name), bitString(point));
    };
    assert.deepEqual(readPublicKey(spki(4, x, y)), { kind: 'ec', curve, x, y });
    assert.deepEqual(readPublicKey(spki(4, x, field - y)), { kind: 'ec', curve, x, y: field - y });
    for (const [a, b] of [
      [x + 1n, y],
      [x, y + 1n],
      [y, x],
      [0n, 0n],
      [field - 1n, field - 1n],
    ]) {
      assert.throws(() => readPublicKey(spki(4, a, b)), /malformed/, `${a} ${b}`);
    }
    // Compressed, mixed, too short, too long.
    assert.equal(readPublicKey(spki(2, x)), undefined);
    assert.equal(readPublicKey(spki(6, x, y)), undefined);
    assert.equal(readPublicKey(spki(4, x)), undefined);
    assert.equal(readPublicKey(spki(4, x, y, 1n)), undefined);
  }
});

test('each point has one pair of numbers: none of them is as great as the field', () => {
  const { bytes, field } = CURVES['P-256'];
  const spki = (x: bigint, y: bigint) => {
    const point = join([Uint8Array.of(4), bytesOf(x, bytes), bytesOf(y, bytes)]);
    return sequence(sequence(EC, P256), bitString(point));
  };
  // Points whose x is 0, and whose y is 5: these leave room for another field in 32 bytes.
  const root = 0x66485c780e2f83d72433bd5d84a06bb6541c2af31dae871728bf856a174f93f4n;
  const cube = 0xd7325d7646cd60d80a92738ceb345f844cffaf35841022cab176f692de8de1d7n;
  assert.ok(readPublicKey(spki(0n, root)));
  assert.ok(readPublicKey(spki(cube, 5n)));
  assert.throws(() => readPublicKey(spki(field, root)), /malformed/);
  assert.throws(() => readPublicKey(spki(cube, 5n + field)), /malformed/);
});

test('a key is whole bytes, one at least, of whatever kind', () => {
  const spki = (...key: readonly number[]) =>
    sequence(sequence(EC, P256), element(3, Uint8Array.from(key)));
  for (const key of [[], [0], [1, 4]]) {
    assert.throws(() => readPublicKey(spki(...key)), /malformed/, `${key}`);
  }
  for (const key of [
    [0, 4],
    [0, 4, 4],
  ]) {
    assert.equal(readPublicKey(spki(...key)), undefined, `${key}`);
  }
});

test('keys of other kinds and on other curves are none', () => {
  const { x, y } = GENERATORS['P-256'];
  const point = bitString(join([Uint8Array.of(4), bytesOf(x, 32), bytesOf(y, 32)]));
  for (const algorithm of [
    sequence(oid('1.3.101.112')),
    sequence(oid('1.2.3'), P256),
    sequence(EC, oid('1.3.132.0.35')),
    sequence(EC, NULL),
    sequence(EC),
    sequence(oid('1.2.840.113549.1.1.10'), NULL),
  ]) {
    assert.equal(readPublicKey(sequence(algorithm, point)), undefined);
  }
});

test('a number is its bytes, the highest first, however many', () => {
  for (let length = 0; length <= 13; length += 1) {
    const bytes = Uint8Array.from({ length }, (_, i) => (i * 89 + 0x83) & 0xff);
    const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
    assert.equal(numberOf(bytes), BigInt(`0x${hex || '0'}`), `${length} bytes`);
  }
});

const RSA_SERVER = server(undefined, {}, rsaKey());
const EC_SERVER = server();

test('a private key is told from another one by its modulus, in PKCS #1 and in PKCS #8', () => {
  const own = rsaKeyDer(RSA_SERVER);
  const other = sequence(integer(0), integer(modulusOf(2048)), integer(65_537), integer(1));
  for (const wrap of [(der: Uint8Array) => der, asPkcs8]) {
    assert.equal(judgeKey(RSA_SERVER.der, wrap(own)), 'its key');
    assert.equal(judgeKey(RSA_SERVER.der, wrap(other)), 'another key');
    assert.equal(judgeKey(EC_SERVER.der, wrap(own)), 'not RSA');
  }
});

test('keys that are not RSA are called so, and what is no key is unreadable', () => {
  const version = integer(1);
  const sec1 = sequence(version, octetString(new Uint8Array(32)));
  const pkcs8 = (algorithm: Uint8Array, key: Uint8Array) =>
    sequence(integer(0), algorithm, octetString(key));
  assert.equal(judgeKey(RSA_SERVER.der, sec1), 'not RSA');
  assert.equal(judgeKey(EC_SERVER.der, sec1), 'not RSA');
  assert.equal(judgeKey(RSA_SERVER.der, pkcs8(sequence(EC, P256), sec1)), 'not RSA');
  const own = rsaKeyDer(RSA_SERVER);
  for (const key of [
    new Uint8Array(0),
    Uint8Array.of(1, 2, 3),
    sequence(),
    sequence(integer(0)),
    sequence(octetString(own)),
    sequence(integer(0), NULL),
    pkcs8(sequence(NULL), own),
    sequence(integer(0), sequence(RSA, NULL)),
    sequence(integer(0), sequence(RSA, NULL), bitString(own)),
    sequence(integer(0), element(2, Uint8Array.of(0xff, 1))),
  ]) {
    assert.equal(judgeKey(RSA_SERVER.der, key), 'unreadable', `${[...key.subarray(0, 20)]}`);
  }
  assert.equal(judgeKey(Uint8Array.of(1, 2, 3), own), 'unreadable');
});

test('a key of OpenSSL’s old form is put into the frame of PKCS #8, and any other is left as it is', () => {
  const modulus = integer(modulusOf(2048));
  for (let length = 1; length <= 256; length += 1) {
    const secret = element(2, new Uint8Array(length).fill(1));
    const own = sequence(integer(0), modulus, integer(65_537), secret);
    const framed = sequence(integer(0), sequence(RSA, NULL), octetString(own));
    assert.deepEqual(asPkcs8(own), framed, `${length}`);
    assert.equal(asPkcs8(framed), framed);
  }
  const sec1 = sequence(integer(1), octetString(new Uint8Array(300)));
  const short = sequence(integer(0), element(2, new Uint8Array(150)));
  const set = Uint8Array.of(0x31, ...sequence(integer(0), integer(modulusOf(2048))).subarray(1));
  const tiny = sequence(integer(0), integer(2));
  for (const other of [sec1, short, set, tiny]) assert.equal(asPkcs8(other), other);
});
