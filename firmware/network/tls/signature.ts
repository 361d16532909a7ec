/**
 * Whether a signature is a key's: RSA with PKCS #1 v1.5 (RFC 8017 8.2.2) and ECDSA (FIPS 186-4 6.4),
 * with SHA-256 or better. No MD5, no SHA-1, no RSA-PSS, no EdDSA.
 *
 * The block that an RSA signature must hold is built and compared whole: nothing of what the
 * signature says is parsed. r and s of ECDSA are read here, and lie between 1 and the order less
 * one. The platform only calculates.
 */

import { DerCursor, positiveInteger, Tag } from '../../base/der.ts';
import type { Hash, SignatureMath } from '../../ports.ts';
import { CURVES, numberOf, type PublicKey } from './public-key.ts';

/** How something is signed. */
export interface Scheme {
  readonly key: PublicKey['kind'];
  readonly hash: Hash;
}

function scheme(key: Scheme['key'], hash: Hash): Scheme {
  return Object.freeze({ key, hash });
}

const RSA_SHA256 = scheme('rsa', 'SHA256');
const RSA_SHA384 = scheme('rsa', 'SHA384');
const RSA_SHA512 = scheme('rsa', 'SHA512');
const ECDSA_SHA256 = scheme('ec', 'SHA256');
const ECDSA_SHA384 = scheme('ec', 'SHA384');
const ECDSA_SHA512 = scheme('ec', 'SHA512');

/** The last byte of 2.16.840.1.101.3.4.2.n in DigestInfo, and the length of the hash. */
const HASHES: Readonly<Record<Hash, { readonly id: number; readonly bytes: number }>> =
  Object.freeze({
    SHA256: Object.freeze({ id: 1, bytes: 32 }),
    SHA384: Object.freeze({ id: 2, bytes: 48 }),
    SHA512: Object.freeze({ id: 3, bytes: 64 }),
  });

/**
 * @param algorithm AlgorithmIdentifier of a certificate
 * @returns undefined for what is weak or unknown
 * @throws PeerError when it is malformed
 */
export function schemeOf(algorithm: Uint8Array): Scheme | undefined {
  const cursor = new DerCursor(algorithm);
  cursor.take(Tag.sequence);
  cursor.enter();
  cursor.take(Tag.oid);
  if (cursor.isHex('2a864886f70d01010b')) return RSA_SHA256;
  if (cursor.isHex('2a864886f70d01010c')) return RSA_SHA384;
  if (cursor.isHex('2a864886f70d01010d')) return RSA_SHA512;
  if (cursor.isHex('2a8648ce3d040302')) return ECDSA_SHA256;
  if (cursor.isHex('2a8648ce3d040303')) return ECDSA_SHA384;
  return cursor.isHex('2a8648ce3d040304') ? ECDSA_SHA512 : undefined;
}

/** The same for the two bytes of TLS 1.2 (RFC 5246 7.4.1.4.1). */
export function tlsScheme(hash: number, algorithm: number): Scheme | undefined {
  if (algorithm === 1) {
    return hash === 4 ? RSA_SHA256 : hash === 5 ? RSA_SHA384 : hash === 6 ? RSA_SHA512 : undefined;
  }
  if (algorithm !== 3) return undefined;
  if (hash === 4) return ECDSA_SHA256;
  return hash === 5 ? ECDSA_SHA384 : hash === 6 ? ECDSA_SHA512 : undefined;
}

/**
 * @param signed what the signature is over
 * @throws PeerError when an ECDSA signature is malformed
 */
export function isSignature(
  math: SignatureMath,
  key: PublicKey,
  { key: kind, hash }: Scheme,
  signed: Uint8Array,
  signature: Uint8Array,
): boolean {
  if (key.kind !== kind) return false;
  return key.kind === 'rsa'
    ? isRsaSignature(math, key, hash, signed, signature)
    : isEcdsaSignature(math, key, hash, signed, signature);
}

function isRsaSignature(
  math: SignatureMath,
  { modulus, exponent, bytes }: PublicKey & { kind: 'rsa' },
  hash: Hash,
  signed: Uint8Array,
  signature: Uint8Array,
): boolean {
  // Octets are as many as the modulus has, no more and no fewer.
  if (signature.length !== bytes) return false;
  const value = numberOf(signature);
  if (value >= modulus || value === 0n) return false;
  const expected = encode(hash, math.digest(hash, signed), bytes);
  return math.power(value, exponent, modulus) === numberOf(expected);
}

/** EMSA-PKCS1-v1_5 (RFC 8017 9.2): 00 01 FF… 00 and DigestInfo. */
function encode(hash: Hash, digest: Uint8Array, size: number): Uint8Array {
  const { id, bytes } = HASHES[hash];
  const block = new Uint8Array(size);
  const info = [0x30, 17 + bytes, 0x30, 13, 6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, id, 5, 0, 4];
  const at = size - bytes - info.length - 1;
  block.fill(0xff, 2, at - 1);
  block[1] = 1;
  block.set(info, at);
  block[at + info.length] = bytes;
  block.set(digest, at + info.length + 1);
  return block;
}

function isEcdsaSignature(
  math: SignatureMath,
  { curve, x, y }: PublicKey & { kind: 'ec' },
  hash: Hash,
  signed: Uint8Array,
  signature: Uint8Array,
): boolean {
  const { order, bytes } = CURVES[curve];
  const cursor = new DerCursor(signature);
  cursor.take(Tag.sequence);
  cursor.finish();
  cursor.enter();
  cursor.take(Tag.integer);
  const r = inRange(positiveInteger(cursor), bytes, order);
  cursor.take(Tag.integer);
  const s = inRange(positiveInteger(cursor), bytes, order);
  cursor.finish();
  if (r === 0n || s === 0n) return false;
  // Of a hash that is longer than the order its first bits count.
  const digest = math.digest(hash, signed);
  const e = numberOf(digest.subarray(0, Math.min(digest.length, bytes)));
  // The order is a prime: s to the power of order - 2 is 1 / s.
  const inverse = math.power(s, order - 2n, order);
  return math.combine(curve, (e * inverse) % order, (r * inverse) % order, x, y) % order === r;
}

/** The number when it is from 1 to the order less one, else 0. */
function inRange(bytes: Uint8Array, max: number, order: bigint): bigint {
  if (bytes.length > max) return 0n;
  const number = numberOf(bytes);
  return number < order ? number : 0n;
}
