/** Answers of time servers, beside a reading of RFC 4330 in whole numbers of any size. */

import assert from 'node:assert/strict';
import { KISS_OF_DEATH, NO_ANSWER, readAnswer, writeRequest } from '../../../firmware/time/sntp.ts';
import type { Target } from '../target.ts';

const TOKEN = Object.freeze({ high: 0x0102_0304, low: 0xfffe_fdfc });
const EPOCH = 2_208_988_800n;

function good(): Uint8Array {
  const asked = new Uint8Array(48);
  writeRequest(asked, TOKEN);
  const answer = new Uint8Array(48);
  answer.set([0x24, 2]);
  answer.set(asked.subarray(40), 24);
  answer.set([0xec, 1, 2, 3, 0x80, 0, 0, 0], 40);
  return answer;
}

function expected(input: Uint8Array): number {
  if (input.length < 48 || input[0] % 8 !== 4) return NO_ANSWER;
  const view = new DataView(input.buffer, input.byteOffset);
  if (view.getBigUint64(24) !== 0x0102_0304_fffe_fdfcn) return NO_ANSWER;
  if (input[1] === 0) return KISS_OF_DEATH;
  const seconds = view.getBigUint64(40) >> 32n;
  if (input[0] >= 0xc0 || input[1] > 15 || seconds === 0n) return NO_ANSWER;
  const era = seconds < 0x8000_0000n ? 0x1_0000_0000n : 0n;
  const ms = Number(seconds + era - EPOCH) * 1000;
  return ms + Math.round((view.getUint32(44) * 1000) / 0x1_0000_0000);
}

export const target: Target = {
  seeds: [good(), good().subarray(0, 47), Uint8Array.of(...good(), 1, 2, 3)],
  bytesMax: 128,
  stepsMax: 200,
  madeMax: 0,
  run(input) {
    const found = readAnswer(input, input.length, TOKEN);
    // A half of a millisecond may be rounded either way.
    assert.ok(Math.abs(found - expected(input)) <= 1, `${found}, not ${expected(input)}`);
  },
};
