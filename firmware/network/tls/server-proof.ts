/**
 * What a server proves in a TLS 1.2 handshake (RFC 5246 7.4): that its certificates lead to an
 * authority, and that it holds the key of its own, by its signature of the key exchange. Reads the
 * messages in place; their order is for handshake-guard.ts.
 */

import { readUint16 } from '../../base/bytes.ts';
import { PeerError } from '../../base/errors.ts';
import type { SignatureMath } from '../../ports.ts';
import { Certificate } from './certificate.ts';
import { type PublicKey, readPublicKey } from './public-key.ts';
import { isSignature, tlsScheme } from './signature.ts';
import { CHAIN_MAX, Trust, type Verdict } from './trust.ts';

export const Message = Object.freeze({
  serverHello: 2,
  ticket: 4,
  certificate: 11,
  keyExchange: 12,
  request: 13,
  helloDone: 14,
} as const);

export const RANDOM_BYTES = 32;
const RANDOM_AT = 2;
const NAMED_CURVE = 3;

/** What a server has to prove itself for. */
export interface ProofSubject {
  /** The name, or the address, that was asked for. */
  readonly name: string;
  /** PEM. */
  readonly authorities: Uint8Array;
  /** Unix milliseconds; undefined: nobody knows. */
  now(): number | undefined;
  /** The 32 bytes of our hello. */
  clientRandom(): Uint8Array;
}

export class ServerProof {
  /** The verdict on the certificates; undefined until they have come. */
  verdict: Verdict | undefined;
  private readonly subject: ProofSubject;
  private readonly math: SignatureMath;
  private readonly random = new Uint8Array(RANDOM_BYTES);
  private key: PublicKey | undefined;

  constructor(subject: ProofSubject, math: SignatureMath) {
    this.subject = subject;
    this.math = math;
  }

  /** Takes one message, `record[start..end)` being its body. @returns whether to go on */
  accepts(type: number, record: Uint8Array, start: number, end: number): boolean {
    switch (type) {
      case Message.serverHello:
        if (end - start < RANDOM_AT + RANDOM_BYTES) return false;
        this.random.set(record.subarray(start + RANDOM_AT, start + RANDOM_AT + RANDOM_BYTES));
        return true;
      case Message.certificate:
        return this.acceptsChain(record, start, end);
      case Message.keyExchange:
        return this.acceptsExchange(record, start, end);
      default:
        return true;
    }
  }

  private acceptsChain(record: Uint8Array, start: number, end: number): boolean {
    const chain = readChain(record, start, end);
    if (chain === undefined) return false;
    const { name, authorities } = this.subject;
    const trust = new Trust(authorities, this.math);
    this.verdict = trust.judge({ chain, name, now: this.subject.now() });
    if (this.verdict !== 'trusted') return false;
    this.key = readPublicKey(new Certificate(chain[0]).publicKey);
    return true;
  }

  /** A point on a named curve, and the signature of it and both randoms (RFC 8422 5.4). */
  private acceptsExchange(record: Uint8Array, start: number, end: number): boolean {
    const at = start + 4 + record[start + 3];
    if (record[start] !== NAMED_CURVE || this.key === undefined) return false;
    const scheme = tlsScheme(record[at], record[at + 1]);
    // Where it ends before these, they are another message's, and no length fits.
    if (scheme === undefined || at + 4 + readUint16(record, at + 2) !== end) return false;
    const signed = new Uint8Array(2 * RANDOM_BYTES + at - start);
    signed.set(this.subject.clientRandom());
    signed.set(this.random, RANDOM_BYTES);
    signed.set(record.subarray(start, at), 2 * RANDOM_BYTES);
    try {
      return isSignature(this.math, this.key, scheme, signed, record.subarray(at + 4, end));
    } catch (error) {
      if (error instanceof PeerError) return false;
      throw error;
    }
  }
}

/** The certificates of the message; undefined: their lengths do not fit. */
function readChain(record: Uint8Array, start: number, end: number): Uint8Array[] | undefined {
  const chain: Uint8Array[] = [];
  if (start + 3 + readUint24(record, start) !== end) return undefined;
  // One more than is taken shows that there are too many.
  for (let at = start + 3; at < end && chain.length <= CHAIN_MAX; ) {
    const next = at + 3 + readUint24(record, at);
    if (!(next <= end)) return undefined;
    chain.push(record.subarray(at + 3, next));
    at = next;
  }
  return chain;
}

export function readUint24(bytes: Uint8Array, at: number): number {
  return (bytes[at] << 16) | (bytes[at + 1] << 8) | bytes[at + 2];
}
