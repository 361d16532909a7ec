/**
 * Whether a private key is the one of a certificate, told before anything is tried. The platform's
 * session signs with RSA alone.
 */

import { DerCursor, malformed, positiveInteger, Tag } from '../../base/der.ts';
import { PeerError } from '../../base/errors.ts';
import { Certificate } from './certificate.ts';
import { numberOf, readPublicKey } from './public-key.ts';

/** `unreadable`: what is called a key, or a certificate, is none. */
export type KeyVerdict = 'its key' | 'another key' | 'not RSA' | 'unreadable';

/** rsaEncryption. */
const RSA = '2a864886f70d010101';

/**
 * @param certificate DER
 * @param key DER of a private key: PKCS #8, PKCS #1, or SEC 1 (which is not RSA)
 */
export function judgeKey(certificate: Uint8Array, key: Uint8Array): KeyVerdict {
  try {
    const shown = readPublicKey(new Certificate(certificate).publicKey);
    const modulus = modulusOf(key);
    if (shown?.kind !== 'rsa' || modulus === undefined) return 'not RSA';
    return numberOf(modulus) === shown.modulus ? 'its key' : 'another key';
  } catch (error) {
    if (error instanceof PeerError) return 'unreadable';
    throw error;
  }
}

/** @returns undefined for a key of another kind. @throws PeerError when it is malformed */
function modulusOf(key: Uint8Array): Uint8Array | undefined {
  const cursor = new DerCursor(key);
  cursor.take(Tag.sequence);
  cursor.enter();
  cursor.take(Tag.integer);
  if (!cursor.next()) throw malformed();
  // SEC 1: the key itself comes behind the version.
  if (cursor.tag === Tag.octetString) return undefined;
  if (cursor.tag !== Tag.sequence) return positiveInteger(cursor);
  const algorithm = cursor.inside();
  algorithm.take(Tag.oid);
  if (!algorithm.isHex(RSA)) return undefined;
  cursor.take(Tag.octetString);
  return modulusOf(cursor.content());
}
