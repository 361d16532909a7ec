/** Randomness of the operating system. */
import { randomInt } from 'node:crypto';
import type { Random } from '../../firmware/ports.ts';

export class LiveRandom implements Random {
  below(below: number): number {
    return below === 1 ? 0 : randomInt(below);
  }
}
