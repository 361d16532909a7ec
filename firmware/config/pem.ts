/**
 * PEM (RFC 7468) as people paste it: checked for structure, not for what the certificate says.
 *
 * Text around the blocks is dropped, in any language and encoding. Line ends and spaces are
 * corrected, because phones and editors change them. A private key in place of a certificate is
 * refused, because certificates are shown.
 */

import { writeUtf8 } from '../base/utf8.ts';

const BEGIN = '-----BEGIN ';
const END = '-----END ';
const DASHES = '-----';
/** Longer than any that is known. */
const LABEL_BYTES_MAX = 32;
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
  const pem = new Uint8Array(max);
  let at = 0;
  for (let from = indexOf(bytes, BEGIN, 0); from >= 0; from = indexOf(bytes, BEGIN, from)) {
    const labelAt = from + BEGIN.length;
    const labelEnd = indexOf(bytes, DASHES, labelAt);
    const label = readLabel(bytes, labelAt, labelEnd);
    if (label === undefined) return undefined;
    const bodyAt = labelEnd + DASHES.length;
    const end = indexOf(bytes, END, bodyAt);
    const close = `${END}${label}${DASHES}`;
    if (end < 0 || !isAt(bytes, close, end)) return undefined;
    from = end + close.length;
    // openssl puts the curve in front of the key; the key names it again.
    if (isKey && label === 'EC PARAMETERS') continue;
    if (!isWanted(label, isKey) || (isKey && at > 0)) return undefined;
    at = writeBody(pem, writeUtf8(pem, at, `${BEGIN}${label}${DASHES}\n`), bytes, bodyAt, end);
    if (at < 0) return undefined;
    at = writeUtf8(pem, at, `${close}\n`);
  }
  return at > 0 && at <= max ? pem.slice(0, at) : undefined;
}

/** Where an ASCII text stands in the bytes, from `from` on; -1: nowhere. */
function indexOf(bytes: Uint8Array, text: string, from: number): number {
  const first = text.charCodeAt(0);
  for (let at = bytes.indexOf(first, from); at >= 0; at = bytes.indexOf(first, at + 1)) {
    if (isAt(bytes, text, at)) return at;
  }
  return -1;
}

function isAt(bytes: Uint8Array, text: string, at: number): boolean {
  for (let i = 0; i < text.length; i++) if (bytes[at + i] !== text.charCodeAt(i)) return false;
  return true;
}

function readLabel(bytes: Uint8Array, start: number, end: number): string | undefined {
  if (end < start || end - start > LABEL_BYTES_MAX) return undefined;
  let label = '';
  for (let at = start; at < end; at++) label += String.fromCharCode(bytes[at]);
  return label;
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
