/** The arithmetic of signatures in BigInt, with SHA-256 alone: the same in every engine. */

import type { Curve, Hash, SignatureMath } from '../../firmware/ports.ts';
import { combine, power } from '../signatures/big-math.ts';
import { sha256 } from '../signatures/sha256.ts';

export class PlainSignatureMath implements SignatureMath {
  /** @throws RangeError for another hash: nothing of this world is signed with one */
  digest(hash: Hash, bytes: Uint8Array): Uint8Array {
    if (hash !== 'SHA256') throw new RangeError(`${hash}: this world has SHA-256 alone`);
    return sha256(bytes);
  }

  power(base: bigint, exponent: bigint, modulus: bigint): bigint {
    return power(base, exponent, modulus);
  }

  combine(curve: Curve, a: bigint, b: bigint, x: bigint, y: bigint): bigint {
    return combine(curve, a, b, x, y).x;
  }
}
