/** Our arithmetic and our open keys beside Node's. */
import assert from 'node:assert/strict';
import { createHash, generateKeyPairSync, sign, verify, X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { CURVES, readPublicKey } from '../../../../firmware/network/tls/public-key.ts';
import { isSignature, schemeOf, tlsScheme } from '../../../../firmware/network/tls/signature.ts';
import { LiveSignatureMath } from '../../../../host-sim/live/signature-math.ts';
import { PlainSignatureMath } from '../../../../host-sim/virtual/signature-math.ts';
import { combine, inverse, power } from '../../../../host-sim/virtual/signatures/big-math.ts';
import { openEcKey, openRsaKey } from '../../../../host-sim/virtual/signatures/open-keys.ts';
import { sha256 } from '../../../../host-sim/virtual/signatures/sha256.ts';
import { authority, issuer, server } from '../../../support/made-certificates.ts';

const math = new LiveSignatureMath();
const message = Buffer.from('what is signed');

test('SHA-256 is as Node calculates it, for every length around a block', () => {
  for (let length = 0; length < 200; length++) {
    const bytes = new Uint8Array(length).map((_, i) => i * 7 + length);
    const expected = new Uint8Array(createHash('sha256').update(bytes).digest());
    assert.deepEqual(sha256(bytes), expected, `${length}`);
  }
});

test('1 / s modulo the order of a curve is what the power of order - 2 gives', () => {
  for (const { order } of Object.values(CURVES)) {
    for (const s of [1n, 2n, 3n ** 150n % order, order - 1n]) {
      const expected = power(s, order - 2n, order);
      assert.equal((expected * s) % order, 1n);
      assert.equal(inverse(s, order), expected);
      assert.equal(new PlainSignatureMath().power(s, order - 2n, order), expected);
    }
    assert.equal(inverse(0n, order), power(0n, order - 2n, order));
  }
});

test('a multiple of the generator is the sum of two of its parts', () => {
  for (const curve of ['P-256', 'P-384'] as const) {
    const { order } = CURVES[curve];
    for (const a of [2n, 3n, 3n ** 150n % order, order - 2n]) {
      const whole = combine(curve, a, 0n, 0n, 0n);
      const one = combine(curve, 1n, 0n, 0n, 0n);
      assert.deepEqual(combine(curve, a - 1n, 1n, one.x, one.y), whole);
    }
    assert.deepEqual(combine(curve, order, 0n, 0n, 0n), { x: 0n, y: 0n, z: 0n });
  }
});

test('a digest that is remembered is that of the bytes, also where they changed in their place', () => {
  const plain = new PlainSignatureMath();
  for (const length of [100, 1000]) {
    const bytes = new Uint8Array(length);
    for (let round = 0; round < 6; round++) {
      bytes[length - 1] = round % 3;
      const digest = plain.digest('SHA256', bytes);
      assert.deepEqual(digest, sha256(bytes), `${length} bytes, round ${round}`);
      digest.fill(0);
    }
  }
});

test('signatures that Node makes are told from changed ones, on both curves and with all hashes', () => {
  const pairs = [
    generateKeyPairSync('ec', { namedCurve: 'P-256' }),
    generateKeyPairSync('ec', { namedCurve: 'P-384' }),
    generateKeyPairSync('rsa', { modulusLength: 2048 }),
    generateKeyPairSync('rsa', { modulusLength: 3072 }),
  ];
  for (const { publicKey, privateKey } of pairs) {
    const key = readPublicKey(new Uint8Array(publicKey.export({ type: 'spki', format: 'der' })))!;
    for (const [id, hash] of [
      [4, 'sha256'],
      [5, 'sha384'],
      [6, 'sha512'],
    ] as const) {
      const scheme = tlsScheme(id, key.kind === 'rsa' ? 1 : 3)!;
      const signature = new Uint8Array(sign(hash, message, privateKey));
      assert.ok(isSignature(math, key, scheme, message, signature), `${key.kind} ${hash}`);
      signature[signature.length - 1] ^= 1;
      assert.ok(!isSignature(math, key, scheme, message, signature), `${key.kind} ${hash}`);
    }
  }
});

test('of hundreds of ECDSA signatures each is taken, short numbers too', () => {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const key = readPublicKey(new Uint8Array(publicKey.export({ type: 'spki', format: 'der' })))!;
  const scheme = tlsScheme(4, 3)!;
  for (let i = 0; i < 300; i++) {
    const text = Buffer.from(`message ${i}`);
    const signature = new Uint8Array(sign('sha256', text, privateKey));
    assert.ok(isSignature(math, key, scheme, text, signature), `${i}`);
  }
});

test('certificates with open keys are certificates to Node as well', () => {
  const rsa = issuer('rsa', openRsaKey(), authority());
  const chain: [Uint8Array, Uint8Array][] = [
    [authority().der, authority().der],
    [rsa.der, authority().der],
    [server(rsa).der, rsa.der],
    [server(authority(), {}, openEcKey(3n, 'P-384')).der, authority().der],
  ];
  for (const [der, by] of chain) {
    assert.ok(new X509Certificate(der).verify(new X509Certificate(by).publicKey));
  }
  const { publicKey } = new X509Certificate(rsa.der);
  assert.ok(verify('sha256', message, publicKey, rsa.key.sign(message)));
});

test('an RSA signature with padding that is short, or with bytes behind the hash, is refused', () => {
  const key = openRsaKey();
  const read = readPublicKey(key.publicKey)!;
  const scheme = schemeOf(key.algorithm)!;
  assert.ok(read.kind === 'rsa');
  const good = key.sign(message);
  assert.ok(isSignature(math, read, scheme, message, good));
  // The root of a block as forgers make them: little padding, the hash, and rubbish behind it.
  const digest = createHash('sha256').update(message).digest('hex');
  const info = `3031300d060960864801650304020105000420${digest}`;
  const forged = `0001ff00${info}`.padEnd(512, '5a');
  const blocks = [
    forged,
    `0001${'ff'.repeat(202)}00${info.replace('0500', '')}`.padStart(512, '0'),
  ];
  const { modulus, exponent } = read;
  const lenient = { ...math, digest: math.digest, combine: math.combine };
  for (const block of blocks) {
    const power = () => BigInt(`0x${block}`) % modulus;
    assert.ok(!isSignature({ ...lenient, power }, read, scheme, message, good), `${exponent}`);
  }
  assert.ok(!isSignature(math, read, scheme, message, good.subarray(1)));
  const long = new Uint8Array([0, ...good]);
  assert.ok(!isSignature(math, read, scheme, message, long));
});
