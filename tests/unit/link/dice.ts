/** Dice for the link's tests: loaded ones for the ends of every draw, seeded ones for the rest. */
import type { Random } from '../../../firmware/ports.ts';

/** Always the greatest number: every delay is its upper end. */
export const greatest: Random = Object.freeze({ below: (below: number) => below - 1 });

/** Always 0: every delay is its lower end. */
export const least: Random = Object.freeze({ below: () => 0 });

/** Even and repeatable: a 32-bit counter, mixed. */
export function seeded(seed: number): Random {
  let state = seed >>> 0;
  return {
    below(below: number): number {
      state = (state + 0x9e3779b9) >>> 0;
      let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
      mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
      return Math.floor((((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32) * below);
    },
  };
}
