/**
 * Keys that everybody knows, for worlds and tests: real public keys and real signatures, and no
 * secret anywhere. An RSA modulus here is one prime that RFC 3526 publishes, so that anybody can
 * take roots; a private number of a curve is small, and its signatures use 1 for the number that
 * has to be secret. Everything is computed from constants: the same bytes at every run.
 */

import { CURVES } from '../../../firmware/network/tls/public-key.ts';
import type { Curve } from '../../../firmware/ports.ts';
import { combine, GENERATORS, inverse, power } from './big-math.ts';
import {
  bitString,
  bytesOf,
  integer,
  join,
  NULL,
  octetString,
  oid,
  sequence,
} from './der-writer.ts';
import { sha256 } from './sha256.ts';

/** What signs, with SHA-256. */
export interface SigningKey {
  /** SubjectPublicKeyInfo. */
  readonly publicKey: Uint8Array;
  /** AlgorithmIdentifier of its signatures. */
  readonly algorithm: Uint8Array;
  /** The two bytes of TLS 1.2. */
  readonly tlsScheme: readonly [number, number];
  sign(bytes: Uint8Array): Uint8Array;
}

/** A key on a curve, with the number that makes its point of the generator. */
export interface OpenEcKey extends SigningKey {
  readonly secret: bigint;
  /** Of the point. */
  readonly x: bigint;
}

/** The prime of 2,048 bits of RFC 3526, section 3. */
const PRIME = BigInt(
  `0x${[
    'ffffffffffffffffc90fdaa22168c234c4c6628b80dc1cd129024e088a67cc74020bbea63b139b22514a',
    '08798e3404ddef9519b3cd3a431b302b0a6df25f14374fe1356d6d51c245e485b576625e7ec6f44c42e9',
    'a637ed6b0bff5cb6f406b7edee386bfb5a899fa5ae9f24117c4b1fe649286651ece45b3dc2007cb8a163',
    'bf0598da48361c55d39a69163fa8fd24cf5f83655d23dca3ad961c62f356208552bb9ed529077096966d',
    '670c354e4abc9804f1746c08ca18217c32905e462e36ce3be39e772c180e86039b2783a2ec07a28fb5c5',
    '5df06f4c52c9de2bcbf6955817183995497cea956ae515d2261898fa051015728e5a8aacaa68ffffffff',
    'ffffffff',
  ].join('')}`,
);
const PRIME_BYTES = 256;

/** @param exponent odd; another one is another key */
export function openRsaKey(exponent = 65_537n): SigningKey {
  const root = inverse(exponent, PRIME - 1n);
  const key = sequence(integer(PRIME), integer(exponent));
  return {
    publicKey: sequence(sequence(oid('1.2.840.113549.1.1.1'), NULL), bitString(key)),
    algorithm: sequence(oid('1.2.840.113549.1.1.11'), NULL),
    tlsScheme: [4, 1],
    sign: (bytes) => bytesOf(power(paddedDigest(bytes), root, PRIME), PRIME_BYTES),
  };
}

function paddedDigest(bytes: Uint8Array): bigint {
  const algorithm = sequence(oid('2.16.840.1.101.3.4.2.1'), NULL);
  const info = sequence(algorithm, octetString(sha256(bytes)));
  const padding = new Uint8Array(PRIME_BYTES - info.length - 3).fill(0xff);
  return numberOf(join([Uint8Array.of(0, 1), padding, Uint8Array.of(0), info]));
}

/** @param secret 2 or more; not so secret */
export function openEcKey(secret: bigint, curve: Curve = 'P-256'): OpenEcKey {
  const { bytes, order } = CURVES[curve];
  const { x, y } = combine(curve, secret, 0n, GENERATORS[curve].x, GENERATORS[curve].y);
  const point = join([Uint8Array.of(4), bytesOf(x, bytes), bytesOf(y, bytes)]);
  const name = curve === 'P-256' ? '1.2.840.10045.3.1.7' : '1.3.132.0.34';
  const r = GENERATORS[curve].x % order;
  return {
    secret,
    x,
    publicKey: sequence(sequence(oid('1.2.840.10045.2.1'), oid(name)), bitString(point)),
    algorithm: sequence(oid('1.2.840.10045.4.3.2')),
    tlsScheme: [4, 3],
    sign: (data) => {
      const e = numberOf(sha256(data));
      return sequence(integer(r), integer((e + r * secret) % order));
    },
  };
}

function numberOf(bytes: Uint8Array): bigint {
  let hex = '0x';
  for (const byte of bytes) hex += byte.toString(16).padStart(2, '0');
  return BigInt(hex);
}
