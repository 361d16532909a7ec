/** The arithmetic of signatures in BigInt, with SHA-256 alone: the same in every engine. */

import type { Curve, Hash, SignatureMath } from '../../firmware/ports.ts';
import { combine, power } from './signatures/big-math.ts';
import { sha256 } from './signatures/sha256.ts';

/** So many results are remembered: the chains of a world are few, and shown again and again. */
const REMEMBERED_MAX = 256;

/** What was asked, and the answer. */
interface Known {
  readonly question: readonly unknown[];
  readonly answer: bigint;
}

/** By their first number, of which each signature has its own. A function of the numbers alone. */
const powers = new Map<bigint, Known>();
const points = new Map<bigint, Known>();

function remembered(
  known: Map<bigint, Known>,
  first: bigint,
  question: readonly unknown[],
  work: () => bigint,
): bigint {
  const found = known.get(first);
  if (found?.question.every((part, i) => part === question[i]) === true) return found.answer;
  const answer = work();
  if (known.size >= REMEMBERED_MAX) known.clear();
  known.set(first, { question, answer });
  return answer;
}

export class PlainSignatureMath implements SignatureMath {
  /** @throws RangeError for another hash: nothing of this world is signed with one */
  digest(hash: Hash, bytes: Uint8Array): Uint8Array {
    if (hash !== 'SHA256') throw new RangeError(`${hash}: this world has SHA-256 alone`);
    return sha256(bytes);
  }

  power(base: bigint, exponent: bigint, modulus: bigint): bigint {
    const work = () => power(base, exponent, modulus);
    return remembered(powers, base, [exponent, modulus], work);
  }

  combine(curve: Curve, a: bigint, b: bigint, x: bigint, y: bigint): bigint {
    const work = () => combine(curve, a, b, x, y).x;
    return remembered(points, a, [curve, b, x, y], work);
  }
}
