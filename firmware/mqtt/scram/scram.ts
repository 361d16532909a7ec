/**
 * SCRAM-SHA-256 (RFC 5802, RFC 7677) as a method of enhanced authentication: the password never
 * leaves the board, and the broker has to prove that it knows it, too. Without channel binding.
 *
 * The key that the password makes with the broker's salt takes thousands of rounds. It is worked out
 * in slices between which the board does everything else, and kept for as long as salt and count
 * are the same; a connection that ends meanwhile does not begin it anew. User name and password are
 * sent as they were typed: beyond ASCII, RFC 4013 would have them normalised, which XS cannot.
 */

import { asciiBytes } from '../../base/ascii.ts';
import { base64Letter, readBase64, writeBase64 } from '../../base/base64.ts';
import { sameBytes, writeBytes } from '../../base/bytes.ts';
import { PeerError } from '../../base/errors.ts';
import { utf8Length, writeUtf8 } from '../../base/utf8.ts';
import type { Digest, Random } from '../../ports.ts';
import { Reason } from '../codec/constants.ts';
import type { Authenticator } from '../session/options.ts';
import { HASH_BYTES, hmac, SlowKey } from './hmac.ts';

/** RFC 7677, section 4, has the least; the most is what a board works out in some ten seconds. */
export const ITERATIONS_MIN = 4096;
export const ITERATIONS_MAX = 20_000;
/** Letters of base64 in our nonce: 120 bits. */
const NONCE_LETTERS = 20;
/** The most that the broker may add to it, and the longest salt, in bytes. */
const NONCE_BYTES_MAX = 128;
const SALT_BYTES_MAX = 128;
/** The longest message of the broker, extensions included. */
const MESSAGE_BYTES_MAX = 512;
/** Rounds at a time: a connection asks twice before it looks at everything else. */
const SLICE = 32;
/** The header of a client without channel binding, and its base64 for the last message. */
const NO_BINDING = 'n,,';
const UNBOUND = 'c=biws';
/** Letters of a signature in base64. */
const SIGNATURE_LETTERS = 44;
const COMMA = 0x2c;
const COUNT_DIGITS_MAX = 9;

/** What SCRAM is made of. */
export interface ScramParts {
  readonly digest: Digest;
  /** For the nonce. */
  readonly random: Random;
  /** 1 to 128 bytes of UTF-8. */
  readonly user: string;
  /** At least one byte. */
  readonly password: Uint8Array;
}

type Step = 'idle' | 'first sent' | 'working' | 'final sent';

export class ScramSha256 implements Authenticator {
  readonly method = 'SCRAM-SHA-256';
  private readonly parts: ScramParts;
  private step: Step = 'idle';
  /** Our first message without its channel binding; our nonce is its end. */
  private first: Uint8Array = new Uint8Array(0);
  /** What both sides sign, and where our last message begins in it. */
  private signed = this.first;
  private finalAt = 0;
  private proven = this.first;
  private key: SlowKey | undefined;
  /** What the key is for. */
  private salt = this.first;
  private iterations = 0;

  constructor(parts: ScramParts) {
    this.parts = parts;
  }

  start(): Uint8Array {
    const { user, random } = this.parts;
    const head = `n=${user.replace(/=/g, '=3D').replace(/,/g, '=2C')},r=`;
    const headBytes = utf8Length(head);
    this.first = new Uint8Array(headBytes + NONCE_LETTERS);
    writeUtf8(this.first, 0, head);
    for (let i = 0; i < NONCE_LETTERS; i++) {
      this.first[headBytes + i] = base64Letter(random.below(64));
    }
    this.step = 'first sent';
    return joined(asciiBytes(NO_BINDING), this.first);
  }

  /** @throws PeerError that names what of the broker's message cannot be used */
  challenge(data: Uint8Array): Uint8Array | undefined {
    if (this.step === 'working') return this.work();
    if (this.step !== 'first sent') throw refusal('a challenge out of turn');
    const nonceEnd = attributeEnd(data, 0);
    const saltEnd = attributeEnd(data, nonceEnd + 1);
    const countEnd = attributeEnd(data, saltEnd + 1);
    if (!isPrintable(data) || data.length > MESSAGE_BYTES_MAX) throw refusal('no SCRAM message');
    if (!begins(data, 0, 'r=')) throw refusal('a SCRAM message without a nonce');
    this.checkNonce(data.subarray(2, nonceEnd));
    const salt = begins(data, nonceEnd + 1, 's=')
      ? readBase64(data, nonceEnd + 3, saltEnd)
      : undefined;
    if (salt === undefined || salt.length === 0 || salt.length > SALT_BYTES_MAX) {
      throw refusal('a salt that is no base64 of 1 to 128 bytes');
    }
    const iterations = begins(data, saltEnd + 1, 'i=') ? readCount(data, saltEnd + 3, countEnd) : 0;
    if (iterations < ITERATIONS_MIN) throw refusal('an iteration count below 4096');
    if (iterations > ITERATIONS_MAX) throw refusal('an iteration count above 20000');
    const comma = asciiBytes(',');
    const before = joined(this.first, comma, data, comma);
    this.finalAt = before.length;
    this.signed = joined(before, asciiBytes(`${UNBOUND},`), data.subarray(0, nonceEnd));
    this.prepareKey(salt, iterations);
    this.step = 'working';
    return this.work();
  }

  private work(): Uint8Array | undefined {
    if (!this.key?.work(SLICE)) return undefined;
    const digest = this.parts.digest;
    const signed = this.signed;
    const salted = this.key.bytes;
    const proof = hmac(digest, salted, asciiBytes('Client Key'));
    const stored = new Uint8Array(HASH_BYTES);
    digest(proof, stored, 0);
    const signature = hmac(digest, stored, signed);
    for (let i = 0; i < HASH_BYTES; i++) proof[i] ^= signature[i];
    this.proven = hmac(digest, hmac(digest, salted, asciiBytes('Server Key')), signed);
    this.step = 'final sent';
    const end = new Uint8Array(SIGNATURE_LETTERS);
    writeBase64(end, 0, proof);
    return joined(signed.subarray(this.finalAt), asciiBytes(',p='), end);
  }

  /** @returns whether the broker has signed what it and we have said with our password's key */
  finish(data: Uint8Array): boolean {
    const isDue = this.step === 'final sent' && data.length <= MESSAGE_BYTES_MAX;
    this.step = 'idle';
    if (!isDue) return false;
    const signature = begins(data, 0, 'v=')
      ? readBase64(data, 2, attributeEnd(data, 0))
      : undefined;
    return signature !== undefined && sameBytes(signature, this.proven);
  }

  /** The broker's nonce is ours and more. */
  private checkNonce(nonce: Uint8Array): void {
    const added = nonce.length - NONCE_LETTERS;
    const ours = this.first.subarray(this.first.length - NONCE_LETTERS);
    if (
      added < 1 ||
      added > NONCE_BYTES_MAX ||
      !sameBytes(nonce.subarray(0, NONCE_LETTERS), ours)
    ) {
      throw refusal('a nonce that does not continue ours');
    }
  }

  private prepareKey(salt: Uint8Array, iterations: number): void {
    const isKnown = this.iterations === iterations && sameBytes(this.salt, salt);
    if (this.key !== undefined && isKnown) return;
    const { digest, password } = this.parts;
    this.key = new SlowKey(digest, password, salt, iterations);
    this.salt = salt;
    this.iterations = iterations;
  }
}

/** Nothing of what the broker sent is repeated: it goes to the log. */
function refusal(what: string): PeerError {
  return new PeerError(Reason.badAuthenticationMethod, what);
}

function joined(...runs: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const run of runs) length += run.length;
  const whole = new Uint8Array(length);
  let at = 0;
  for (const run of runs) at = writeBytes(whole, at, run);
  return whole;
}

/** Where the attribute that begins at `start` ends: at a comma, or with the message. */
function attributeEnd(message: Uint8Array, start: number): number {
  let at = start;
  while (at < message.length && message[at] !== COMMA) at += 1;
  return at;
}

function begins(message: Uint8Array, at: number, name: string): boolean {
  return message[at] === name.charCodeAt(0) && message[at + 1] === name.charCodeAt(1);
}

function isPrintable(message: Uint8Array): boolean {
  for (let at = 0; at < message.length; at++) {
    if (message[at] < 0x21 || message[at] > 0x7e) return false;
  }
  return true;
}

/** A whole number in digits, without zeros in front; 0 for what is none. */
function readCount(message: Uint8Array, start: number, end: number): number {
  if (end - start > COUNT_DIGITS_MAX || message[start] === 0x30) return 0;
  let count = 0;
  for (let at = start; at < end; at++) {
    const digit = message[at] - 0x30;
    if (digit < 0 || digit > 9) return 0;
    count = 10 * count + digit;
  }
  return count;
}
