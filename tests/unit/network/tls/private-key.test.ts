import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asPkcs8 } from '../../../../firmware/network/tls/private-key.ts';
import {
  element,
  integer,
  NULL,
  octetString,
  oid,
  sequence,
} from '../../../../host-sim/virtual/signatures/der-writer.ts';

/** Numbers of the sizes that a key of so many bits has; nobody calculates with them. */
function rsaKey(bits: number): Uint8Array {
  const whole = integer((1n << BigInt(bits - 1)) + 1n);
  const half = integer((1n << BigInt(bits / 2 - 1)) + 1n);
  return sequence(integer(0), whole, integer(65_537), whole, half, half, half, half, half);
}

test('a key as OpenSSL writes it gets the envelope of PKCS #8; one that has it is left alone', () => {
  for (const bits of [2048, 3072, 4096]) {
    const pkcs1 = rsaKey(bits);
    const algorithm = sequence(oid('1.2.840.113549.1.1.1'), NULL);
    const pkcs8 = sequence(integer(0), algorithm, octetString(pkcs1));
    assert.deepEqual(asPkcs8(pkcs1), pkcs8, `${bits}`);
    assert.deepEqual(asPkcs8(pkcs8), pkcs8, `${bits}`);
  }
});

test('what is no RSA key is left as it is, whatever its length', () => {
  const ofCurve = sequence(integer(1), octetString(new Uint8Array(32)), element(0xa0, NULL));
  assert.deepEqual(asPkcs8(ofCurve), ofCurve);
  for (let length = 0; length < 9; length += 1) {
    const bytes = rsaKey(2048).subarray(0, length);
    assert.ok(asPkcs8(bytes).length >= length);
  }
  assert.deepEqual(asPkcs8(new Uint8Array(0)), new Uint8Array(0));
});
