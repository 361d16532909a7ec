/**
 * The arithmetic of signatures in BigInt, with SHA-256 alone: the same in every engine.
 *
 * What a world asks again and again is remembered, each answer under the whole of its question:
 * its servers show the same few certificates at each connection.
 */

import { sameBytes } from '../../firmware/base/bytes.ts';
import { CURVES } from '../../firmware/network/tls/public-key.ts';
import type { Curve, Hash, SignatureMath } from '../../firmware/ports.ts';
import { combine, inverse, power } from './signatures/big-math.ts';
import { sha256 } from './signatures/sha256.ts';

/** So many results of a kind are remembered. */
const REMEMBERED_MAX = 256;
/** What is shorter is signed anew at each connection, and is calculated as fast as found. */
const CERTIFICATE_BYTES_MIN = 200;

/** What was asked, and the answer. */
interface Known<Question, Answer> {
  readonly question: Question;
  readonly answer: Answer;
}

type Numbers = readonly unknown[];

/** By their first number, of which each signature has its own. A function of the numbers alone. */
const powers = new Map<bigint, Known<Numbers, bigint>>();
const points = new Map<bigint, Known<Numbers, bigint>>();
/** By their length. */
const digests = new Map<number, Known<Uint8Array, Uint8Array>>();

function remembered<Key, Question, Answer>(
  known: Map<Key, Known<Question, Answer>>,
  key: Key,
  isKnown: (question: Question) => boolean,
  ask: () => Known<Question, Answer>,
): Answer {
  const found = known.get(key);
  if (found !== undefined && isKnown(found.question)) return found.answer;
  const fresh = ask();
  if (known.size >= REMEMBERED_MAX) known.clear();
  known.set(key, fresh);
  return fresh.answer;
}

function ofNumbers(
  known: Map<bigint, Known<Numbers, bigint>>,
  first: bigint,
  question: Numbers,
  work: () => bigint,
): bigint {
  const isSame = (other: Numbers) => other.every((part, i) => part === question[i]);
  return remembered(known, first, isSame, () => ({ question, answer: work() }));
}

/** Whether a power modulo this number, which is a prime, asks for 1 / base. */
function isInversion(exponent: bigint, modulus: bigint): boolean {
  const isOrder = modulus === CURVES['P-256'].order || modulus === CURVES['P-384'].order;
  return isOrder && exponent === modulus - 2n;
}

export class PlainSignatureMath implements SignatureMath {
  /** @throws RangeError for another hash: nothing of this world is signed with one */
  digest(hash: Hash, bytes: Uint8Array): Uint8Array {
    if (hash !== 'SHA256') throw new RangeError(`${hash}: this world has SHA-256 alone`);
    if (bytes.length < CERTIFICATE_BYTES_MIN) return sha256(bytes);
    const isSame = (other: Uint8Array) => sameBytes(other, bytes);
    // A copy: the bytes lie in somebody's buffer, and so will the answer.
    return remembered(digests, bytes.length, isSame, () => ({
      question: bytes.slice(),
      answer: sha256(bytes),
    })).slice();
  }

  power(base: bigint, exponent: bigint, modulus: bigint): bigint {
    if (isInversion(exponent, modulus)) return inverse(base, modulus);
    const work = () => power(base, exponent, modulus);
    return ofNumbers(powers, base, [exponent, modulus], work);
  }

  combine(curve: Curve, a: bigint, b: bigint, x: bigint, y: bigint): bigint {
    const work = () => combine(curve, a, b, x, y).x;
    return ofNumbers(points, a, [curve, b, x, y], work);
  }
}
