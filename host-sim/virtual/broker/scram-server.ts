/**
 * SCRAM-SHA-256 as a broker has it (RFC 5802, RFC 7677). Nothing of it is the client's, but for the
 * world's SHA-256. It misbehaves where a test wants that.
 */

import type { SeededRandom } from '../random.ts';
import { sha256 } from '../signatures/sha256.ts';
import type { AuthMethod, AuthStep } from './settings.ts';

export const SCRAM = 'SCRAM-SHA-256';
const NOT_AUTHORIZED = 0x87;
const SALT_BYTES = 16;
const NONCE_BYTES = 18;
const BLOCK_BYTES = 64;

/** What a server can do that the standards do not have. */
export type ScramFault =
  | 'none'
  /** It does not know the password, and signs all the same. */
  | 'another password'
  | 'wrong signature'
  | 'no signature'
  | 'changed nonce'
  | 'one iteration'
  | 'ten million iterations'
  | 'garbage salt'
  /** It says nothing more after our first message, or after our proof. */
  | 'silence after first'
  | 'silence after proof'
  /** It asks again once it has accepted us. */
  | 'challenge after CONNACK';

interface Exchange {
  readonly bare: string;
  readonly nonce: string;
  readonly challenge: string;
}

/** RFC 2104, for keys of at most a block. */
function hmac(key: Uint8Array, message: Uint8Array | string): Buffer {
  const padded = Buffer.alloc(BLOCK_BYTES);
  padded.set(key);
  const inner = Buffer.concat([padded.map((byte) => byte ^ 0x36), Buffer.from(message)]);
  return Buffer.from(sha256(Buffer.concat([padded.map((byte) => byte ^ 0x5c), sha256(inner)])));
}

/** `Hi` of RFC 5802, section 2.2. */
function stretched(password: string, salt: Buffer, iterations: number): Buffer {
  const key = Buffer.from(password);
  let last = hmac(key, Buffer.concat([salt, Buffer.from([0, 0, 0, 1])]));
  const sum = Buffer.from(last);
  for (let i = 1; i < iterations; i++) {
    last = hmac(key, last);
    for (let at = 0; at < sum.length; at++) sum[at] ^= last[at];
  }
  return sum;
}

export class ScramServer implements AuthMethod {
  readonly method = SCRAM;
  fault: ScramFault = 'none';
  iterations = 4096;
  /** Sign-ins that were begun, and those whose proof was right. */
  begun = 0;
  proven = 0;
  /** All that clients have said. */
  readonly heard: string[] = [];
  salt: Buffer;
  readonly #random: SeededRandom;
  readonly #passwords: ReadonlyMap<string, string>;
  readonly #keys = new Map<string, Buffer>();
  readonly #exchanges = new Map<string, Exchange>();

  /** @param passwords by user name */
  constructor(random: SeededRandom, passwords: Readonly<Record<string, string>>) {
    this.#random = random;
    this.#passwords = new Map(Object.entries(passwords));
    this.salt = Buffer.alloc(SALT_BYTES);
    random.fill(this.salt);
  }

  step(round: number, data: Uint8Array | undefined, clientId: string): AuthStep {
    const text = Buffer.from(data ?? []).toString();
    this.heard.push(text);
    return round === 0 ? this.#first(text, clientId) : this.#final(text, clientId);
  }

  #first(text: string, clientId: string): AuthStep {
    this.begun += 1;
    const [, bare, theirs] = /^n,,(n=[^,]+,r=([!-+\--~]+))$/.exec(text) ?? [];
    if (bare === undefined) return { result: 'refuse', reason: NOT_AUTHORIZED };
    if (this.fault === 'silence after first') return { result: 'silence' };
    const more = Buffer.alloc(NONCE_BYTES);
    this.#random.fill(more);
    const nonce = `${this.fault === 'changed nonce' ? theirs.toUpperCase() : theirs}${more.toString('base64')}`;
    const salt = this.fault === 'garbage salt' ? '*no-base64*' : this.salt.toString('base64');
    const challenge = `r=${nonce},s=${salt},i=${this.#told()}`;
    this.#exchanges.set(clientId, { bare, nonce, challenge });
    return { result: 'continue', data: Buffer.from(challenge) };
  }

  #told(): number {
    if (this.fault === 'one iteration') return 1;
    return this.fault === 'ten million iterations' ? 10_000_000 : this.iterations;
  }

  #final(text: string, clientId: string): AuthStep {
    const exchange = this.#exchanges.get(clientId);
    this.#exchanges.delete(clientId);
    const [, without, nonce, proof] = /^(c=biws,r=([^,]+)),p=([^,]+)$/.exec(text) ?? [];
    if (exchange === undefined || nonce !== exchange.nonce) {
      return { result: 'refuse', reason: NOT_AUTHORIZED };
    }
    if (this.fault === 'silence after proof') return { result: 'silence' };
    const signed = `${exchange.bare},${exchange.challenge},${without}`;
    const knows = this.fault !== 'another password';
    const salted = this.#salted(exchange.bare, knows);
    if (salted === undefined || (knows && !isProof(salted, signed, Buffer.from(proof, 'base64')))) {
      return { result: 'refuse', reason: NOT_AUTHORIZED };
    }
    this.proven += 1;
    if (this.fault === 'no signature') return { result: 'success' };
    const signature = hmac(hmac(salted, 'Server Key'), signed);
    if (this.fault === 'wrong signature') signature[31] ^= 1;
    const last = Buffer.from(`v=${signature.toString('base64')}`);
    const trailing = this.fault === 'challenge after CONNACK' ? Buffer.from('r=x') : undefined;
    return { result: 'success', data: last, trailing };
  }

  /** @returns undefined for a user that it does not know */
  #salted(bare: string, knows: boolean): Buffer | undefined {
    const user = bare.slice(2, bare.lastIndexOf(',r=')).replace(/=2C/g, ',').replace(/=3D/g, '=');
    const password = knows ? this.#passwords.get(user) : 'something else';
    if (password === undefined) return undefined;
    const question = JSON.stringify([password, this.salt.toString('hex'), this.iterations]);
    const known = this.#keys.get(question) ?? stretched(password, this.salt, this.iterations);
    this.#keys.set(question, known);
    return known;
  }
}

function isProof(salted: Buffer, signed: string, proof: Buffer): boolean {
  const stored = sha256(hmac(salted, 'Client Key'));
  const key = hmac(stored, signed).map((byte, i) => byte ^ proof[i]);
  return proof.length === 32 && Buffer.from(stored).equals(sha256(key));
}
