/**
 * RSA private keys in DER. The platform's TLS takes PKCS #8; what OpenSSL calls `RSA PRIVATE KEY` is
 * the part inside of it (PKCS #1), and gets the envelope here.
 */

const INTEGER = 0x02;

/** @param der with a length of two bytes, as every RSA key has. @returns PKCS #8 */
export function asPkcs8(der: Uint8Array): Uint8Array {
  // Sequence, version; then the modulus in PKCS #1, and the algorithm in PKCS #8.
  if (der[0] !== 0x30 || der[1] !== 0x82 || der[7] !== INTEGER) return der;
  const inner = der.length;
  const outer = inner + 24 - 4;
  const rsaEncryption = [0x30, 13, 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1, 5, 0];
  // Of a number the array takes the lowest byte.
  const head = [0x30, 0x82, (outer + 2) >> 8, outer + 2, 2, 1, 0, ...rsaEncryption];
  const whole = new Uint8Array(head.length + 4 + inner);
  whole.set(head);
  whole.set([4, 0x82, inner >> 8, inner], head.length);
  whole.set(der, head.length + 4);
  return whole;
}
