/**
 * PEM (RFC 7468) as people paste it: checked for structure, not for what the certificate says.
 *
 * Text around the blocks is dropped, and line ends and spaces are put right, for phones and editors
 * change them. A private key where certificates belong is refused, for certificates are shown.
 */

import { decodeUtf8, utf8Length, writeUtf8 } from '../base/text.ts';

const BEGIN = '-----BEGIN ';
const DASHES = '-----';
const LINE = 64;
/** Less than this in base64 is neither a certificate nor a key. */
const BODY_MIN = 64;
const PAD = 0x3d;

/**
 * @param isKey one private key is wanted, else one or more certificates
 * @returns the blocks with LF after each line of 64, at most `max` bytes; undefined when one is
 *   broken or of another kind, or when there is none
 */
export function readPem(bytes: Uint8Array, isKey: boolean, max: number): Uint8Array | undefined {
  const text = decodeUtf8(bytes, 0, bytes.length);
  // In ASCII an index into the text is one into the bytes.
  if (utf8Length(text) !== text.length) return undefined;
  const pem = new Uint8Array(max);
  let at = 0;
  for (let from = text.indexOf(BEGIN); from >= 0; from = text.indexOf(BEGIN, from)) {
    const bodyAt = text.indexOf(DASHES, from + BEGIN.length) + DASHES.length;
    const label = text.slice(from + BEGIN.length, bodyAt - DASHES.length);
    const close = `-----END ${label}-----`;
    const end = text.indexOf(close, bodyAt);
    if (bodyAt < from || end < 0) return undefined;
    from = end + close.length;
    // openssl puts the curve in front of the key; the key names it again.
    if (isKey && label === 'EC PARAMETERS') continue;
    if (!isWanted(label, isKey) || (isKey && at > 0)) return undefined;
    at = writeBody(pem, writeUtf8(pem, at, `${BEGIN}${label}-----\n`), bytes, bodyAt, end);
    if (at < 0) return undefined;
    at = writeUtf8(pem, at, `${close}\n`);
  }
  return at > 0 && at <= max ? pem.slice(0, at) : undefined;
}

function isWanted(label: string, isKey: boolean): boolean {
  if (!isKey) return label === 'CERTIFICATE';
  return label === 'PRIVATE KEY' || label === 'RSA PRIVATE KEY' || label === 'EC PRIVATE KEY';
}

/** Writes base64 in lines. @returns the offset after it; -1 when it is none, or no DER inside */
function writeBody(
  into: Uint8Array,
  at: number,
  from: Uint8Array,
  start: number,
  end: number,
): number {
  let count = 0;
  let pads = 0;
  for (let i = start; i < end; i += 1) {
    const byte = from[i];
    if (byte === 0x20 || (byte >= 9 && byte <= 13)) continue;
    // DER begins with a SEQUENCE, 0x30: `M` in base64.
    if (count === 0 && byte !== 0x4d) return -1;
    if (byte === PAD) pads += 1;
    else if (pads > 0 || !isBase64(byte)) return -1;
    into[at++] = byte;
    count += 1;
    if (count % LINE === 0) into[at++] = 0x0a;
  }
  if (count < BODY_MIN || count % 4 !== 0 || pads > 2) return -1;
  if (count % LINE !== 0) into[at++] = 0x0a;
  return at;
}

function isBase64(byte: number): boolean {
  const letter = byte | 0x20;
  return (letter >= 0x61 && letter <= 0x7a) || (byte >= 0x2f && byte <= 0x39) || byte === 0x2b;
}
