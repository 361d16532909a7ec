/** SHA-256 (FIPS 180-4), for engines and worlds that have no other. */

/** The cube roots of the first 64 primes, and the square roots of the first 8: 32 bits behind the dot. */
const ROUNDS = roots(64, 1 / 3);
const START = roots(8, 1 / 2);

function roots(count: number, exponent: number): Uint32Array {
  const found = new Uint32Array(count);
  let n = 0;
  for (let candidate = 2; n < count; candidate++) {
    let isPrime = true;
    for (let i = 2; i * i <= candidate; i++) if (candidate % i === 0) isPrime = false;
    if (isPrime) found[n++] = fraction(candidate, exponent);
  }
  return found;
}

/** Floating point is exact to 32 bits here only with a step of correction in whole numbers. */
function fraction(prime: number, exponent: number): number {
  const power = exponent === 1 / 2 ? 2n : 3n;
  // The root times 2^32, as the greatest whole number that is not above it.
  const target = BigInt(prime) << (32n * power);
  let root = BigInt(Math.floor(prime ** exponent * 2 ** 32));
  while (root ** power > target) root -= 1n;
  while ((root + 1n) ** power <= target) root += 1n;
  return Number(root & 0xffffffffn);
}

export function sha256(bytes: Uint8Array): Uint8Array {
  const blocks = ((bytes.length + 8) >> 6) + 1;
  const padded = new Uint8Array(blocks * 64);
  padded.set(bytes);
  padded[bytes.length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setUint32(padded.length - 8, Math.floor(bytes.length / 0x20000000));
  view.setUint32(padded.length - 4, bytes.length << 3);
  const state = START.slice();
  const words = new Uint32Array(64);
  for (let at = 0; at < padded.length; at += 64) {
    for (let i = 0; i < 16; i++) words[i] = view.getUint32(at + 4 * i);
    mix(state, words);
  }
  const digest = new DataView(new ArrayBuffer(32));
  state.forEach((word, i) => {
    digest.setUint32(4 * i, word);
  });
  return new Uint8Array(digest.buffer);
}

const turn = (word: number, by: number): number => (word >>> by) | (word << (32 - by));

function mix(state: Uint32Array, words: Uint32Array): void {
  for (let i = 16; i < 64; i++) {
    const a = words[i - 15];
    const b = words[i - 2];
    const low = turn(a, 7) ^ turn(a, 18) ^ (a >>> 3);
    const high = turn(b, 17) ^ turn(b, 19) ^ (b >>> 10);
    words[i] = words[i - 16] + low + words[i - 7] + high;
  }
  let [a, b, c, d, e, f, g, h] = state;
  for (let i = 0; i < 64; i++) {
    const high = turn(e, 6) ^ turn(e, 11) ^ turn(e, 25);
    const first = (h + high + ((e & f) ^ (~e & g)) + ROUNDS[i] + words[i]) | 0;
    const low = turn(a, 2) ^ turn(a, 13) ^ turn(a, 22);
    const second = (low + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + first) | 0;
    d = c;
    c = b;
    b = a;
    a = (first + second) | 0;
  }
  [a, b, c, d, e, f, g, h].forEach((word, i) => {
    state[i] += word;
  });
}
