/** What a target of the fuzzer is: a reader of bytes from outside, and what must hold of it. */

import type { Dice } from './mutator.ts';

export interface Target {
  /** Inputs to begin with: good ones, of each kind. */
  readonly seeds: readonly Uint8Array[];
  /** What an input may be at most: what its transport lets through. */
  readonly bytesMax: number;
  /** So many branches and turns of loops may one run take. */
  readonly stepsMax: number;
  /** So many bytes and characters may one run make by sizes that it read. */
  readonly madeMax: number;
  /** Words beside those of the code. */
  readonly dictionary?: readonly Uint8Array[];
  /** Puts checksums right in place, now and then: no mutation would pass them. */
  repair?(input: Uint8Array, dice: Dice): void;
  /** Runs one input. @throws anything: it is a finding */
  run(input: Uint8Array): void;
}
