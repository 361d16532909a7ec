/** The arithmetic of signatures on the host: Node's digests; powers and points in BigInt. */
import { createHash } from 'node:crypto';
import type { Curve, Hash, SignatureMath } from '../../firmware/ports.ts';
import { combine, power } from '../virtual/signatures/big-math.ts';

export class LiveSignatureMath implements SignatureMath {
  digest(hash: Hash, bytes: Uint8Array): Uint8Array {
    return createHash(hash).update(bytes).digest();
  }

  power(base: bigint, exponent: bigint, modulus: bigint): bigint {
    return power(base, exponent, modulus);
  }

  combine(curve: Curve, a: bigint, b: bigint, x: bigint, y: bigint): bigint {
    return combine(curve, a, b, x, y).x;
  }
}
