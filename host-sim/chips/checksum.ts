/**
 * The checksum of Sensirion's and Aosong's chips, as a shift register with feedback works it out,
 * bit by bit: x⁸ + x⁵ + x⁴ + 1, at the start all ones or, in some, all zeros. It shares nothing with the firmware's.
 */

/** The checksum of some bytes. @param start what is in every stage before the first */
export function checksum(bytes: readonly number[], start: 0 | 1 = 1): number {
  const stages: number[] = Array(8).fill(start);
  for (const byte of bytes) {
    for (let bit = 7; bit >= 0; bit -= 1) {
      const feedback = stages[7] ^ ((byte >> bit) & 1);
      stages.pop();
      stages.unshift(feedback);
      stages[4] ^= feedback;
      stages[5] ^= feedback;
    }
  }
  return stages.reduce((sum, stage, i) => sum + stage * 2 ** i, 0);
}

/** Words of 16 bits, each with its checksum behind it. Numbers are rounded and limited. */
export function wordsWithChecksums(...words: readonly number[]): Uint8Array {
  const bytes = words.flatMap((word) => {
    const whole = Math.min(0xffff, Math.max(0, Math.round(word)));
    const pair = [whole >> 8, whole & 0xff];
    return [...pair, checksum(pair)];
  });
  return new Uint8Array(bytes);
}
