/**
 * SHA-1 (FIPS 180-4) of a short text: WebSocket's handshake wants it as proof that the server
 * understood, not as a secret.
 */

/** @param bytes 119 at most. @returns 20 bytes */
export function sha1(bytes: Uint8Array): Uint8Array {
  const padded = new Uint8Array(bytes.length < 56 ? 64 : 128);
  padded.set(bytes);
  padded[bytes.length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setUint32(padded.length - 4, bytes.length * 8);
  const state = Uint32Array.of(0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0);
  const words = new Uint32Array(80);
  for (let at = 0; at < padded.length; at += 64) {
    for (let i = 0; i < 80; i++) {
      words[i] =
        i < 16
          ? view.getUint32(at + i * 4)
          : rotate(words[i - 3] ^ words[i - 8] ^ words[i - 14] ^ words[i - 16], 1);
    }
    addBlock(state, words);
  }
  const digest = new DataView(new ArrayBuffer(20));
  for (let i = 0; i < 5; i++) digest.setUint32(i * 4, state[i]);
  return new Uint8Array(digest.buffer);
}

function addBlock(state: Uint32Array, words: Uint32Array): void {
  let [a, b, c, d, e] = state;
  for (let i = 0; i < 80; i++) {
    let f = b ^ c ^ d;
    let k = 0x6ed9eba1;
    if (i < 20) {
      f = (b & c) | (~b & d);
      k = 0x5a827999;
    } else if (i >= 60) k = 0xca62c1d6;
    else if (i >= 40) {
      f = (b & c) | (b & d) | (c & d);
      k = 0x8f1bbcdc;
    }
    const next = (rotate(a, 5) + f + e + k + words[i]) >>> 0;
    e = d;
    d = c;
    c = rotate(b, 30);
    b = a;
    a = next;
  }
  [a, b, c, d, e].forEach((word, i) => {
    state[i] += word;
  });
}

function rotate(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}
