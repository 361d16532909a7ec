/** The arithmetic of signatures, by the platform's modules. */

import { Digest } from 'crypt';
import PlatformCurve from 'curve';
import ECPoint from 'ecp';
import Modular from 'modular';
import type { Curve, Hash, SignatureMath } from '../ports.ts';

export class BoardSignatureMath implements SignatureMath {
  digest(hash: Hash, bytes: Uint8Array): Uint8Array {
    return new Uint8Array(new Digest(hash).process(bytes));
  }

  power(base: bigint, exponent: bigint, modulus: bigint): bigint {
    return new Modular(modulus).exp(base, exponent);
  }

  combine(curve: Curve, a: bigint, b: bigint, x: bigint, y: bigint): bigint {
    const { ec, G } = new PlatformCurve(curve === 'P-256' ? 'secp256r1' : 'secp384r1');
    const sum = ec.mul2(G, a, new ECPoint(x, y), b);
    return sum.isZero() ? 0n : sum.X;
  }
}
