/**
 * Public keys as certificates carry them (RFC 3279, RFC 5480), with the limits that make a signature
 * worth checking: RSA of 2,048 to 4,096 bits with an exponent of 65,537 or more, and points that
 * are on P-256 or P-384.
 */

import { DerCursor, malformed, positiveInteger, Tag } from '../../base/der.ts';
import type { Curve } from '../../ports.ts';

export type PublicKey =
  | { readonly kind: 'rsa'; readonly modulus: bigint; readonly exponent: bigint; bytes: number }
  | { readonly kind: 'ec'; readonly curve: Curve; readonly x: bigint; readonly y: bigint };

/** A curve y² = x³ - 3x + b over the field of p; its points are as many as `order`. */
export interface CurveFigures {
  readonly bytes: number;
  readonly field: bigint;
  readonly b: bigint;
  readonly order: bigint;
}

const RSA = '2a864886f70d010101';
const EC = '2a8648ce3d0201';
const P256 = '2a8648ce3d030107';
const P384 = '2b81040022';
const MODULUS_BITS_MIN = 2048;
const MODULUS_BYTES_MAX = 512;
const EXPONENT_MIN = 65_537n;
/** A greater one takes time, and nobody has one. */
const EXPONENT_BYTES_MAX = 8;
const UNCOMPRESSED = 4;

/** FIPS 186-4, D.1.2.3 and D.1.2.4. */
export const CURVES: Readonly<Record<Curve, CurveFigures>> = Object.freeze({
  'P-256': Object.freeze({
    bytes: 32,
    field: 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn,
    b: 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn,
    order: 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
  }),
  'P-384': Object.freeze({
    bytes: 48,
    field:
      0xfffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffff0000000000000000ffffffffn,
    b: 0xb3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875ac656398d8a2ed19d2a85c8edd3ec2aefn,
    order:
      0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n,
  }),
});

/**
 * @param spki SubjectPublicKeyInfo
 * @returns undefined for a key of another kind, or one that is too weak
 * @throws PeerError when it is malformed
 */
export function readPublicKey(spki: Uint8Array): PublicKey | undefined {
  const cursor = new DerCursor(spki);
  cursor.take(Tag.sequence);
  cursor.enter();
  cursor.take(Tag.sequence);
  const algorithm = cursor.inside();
  cursor.take(Tag.bitString);
  cursor.finish();
  const { bytes, start, end } = cursor;
  if (end - start < 2 || bytes[start] !== 0) throw malformed();
  algorithm.take(Tag.oid);
  if (algorithm.isHex(RSA)) return readRsa(new DerCursor(bytes, start + 1, end));
  if (!algorithm.isHex(EC) || !algorithm.takeIf(Tag.oid)) return undefined;
  const curve = algorithm.isHex(P256) ? 'P-256' : algorithm.isHex(P384) ? 'P-384' : undefined;
  return curve && readPoint(curve, bytes.subarray(start + 1, end));
}

function readRsa(key: DerCursor): PublicKey | undefined {
  key.take(Tag.sequence);
  key.finish();
  key.enter();
  key.take(Tag.integer);
  const modulus = positiveInteger(key);
  key.take(Tag.integer);
  const exponent = positiveInteger(key);
  key.finish();
  if (modulus.length > MODULUS_BYTES_MAX || exponent.length > EXPONENT_BYTES_MAX) return undefined;
  const bits = 8 * modulus.length - (Math.clz32(modulus[0]) - 24);
  const isOdd = (modulus[modulus.length - 1] & exponent[exponent.length - 1] & 1) === 1;
  const e = numberOf(exponent);
  if (bits < MODULUS_BITS_MIN || !isOdd || e < EXPONENT_MIN) return undefined;
  return { kind: 'rsa', modulus: numberOf(modulus), exponent: e, bytes: modulus.length };
}

/** A point that is not compressed; others are as good as unknown. */
function readPoint(curve: Curve, point: Uint8Array): PublicKey | undefined {
  const { bytes, field, b } = CURVES[curve];
  if (point[0] !== UNCOMPRESSED || point.length !== 1 + 2 * bytes) return undefined;
  const x = numberOf(point.subarray(1, 1 + bytes));
  const y = numberOf(point.subarray(1 + bytes));
  const isOnCurve = x < field && y < field && (y * y - (x * x * x - 3n * x + b)) % field === 0n;
  if (!isOnCurve) throw malformed();
  return { kind: 'ec', curve, x, y };
}

/** A number from its bytes, the highest first. */
export function numberOf(bytes: Uint8Array): bigint {
  let number = 0n;
  let at = 0;
  // Whole words after what is left over: numbers are made anew at each step.
  for (; at < bytes.length % 4; at++) number = (number << 8n) | BigInt(bytes[at]);
  for (; at < bytes.length; at += 4) {
    const high = bytes[at] * 0x1000000;
    const word = high + ((bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3]);
    number = (number << 32n) | BigInt(word);
  }
  return number;
}
