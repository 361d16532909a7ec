/** A reader with a fault that only a guided search finds: for the fuzzer's own test. */

import type { Target } from '../target.ts';

function read(input: Uint8Array): void {
  if (input[0] !== 0x4d) return;
  if (input[1] !== 0xc3) return;
  if (input[2] !== 0x11) return;
  if (input[3] !== 0x7e) return;
  for (let i = 4; i < input.length; i++) {
    if (input[i] === 0xee) throw new Error('planted');
  }
}

export const target: Target = {
  seeds: [new Uint8Array(4)],
  bytesMax: 64,
  stepsMax: 1000,
  madeMax: 0,
  run: read,
};
