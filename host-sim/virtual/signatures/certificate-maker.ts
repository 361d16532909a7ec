/** Makes X.509 certificates from what they are to say, good or not. */

import {
  ascii,
  bitString,
  boolean,
  element,
  integer,
  join,
  octetString,
  oid,
  sequence,
  set,
  text,
  time,
} from './der-writer.ts';
import type { SigningKey } from './open-keys.ts';

/** What a certificate says. */
export interface CertificatePlan {
  /** Names, as `nameOf` makes them. */
  readonly subject: Uint8Array;
  readonly issuer: Uint8Array;
  /** SubjectPublicKeyInfo. */
  readonly publicKey: Uint8Array;
  /** Unix milliseconds. */
  readonly from: number;
  readonly to: number;
  /** As `extension` makes them; undefined: a certificate of version 1. */
  readonly extensions?: readonly Uint8Array[];
  readonly serial?: number;
}

/** Bits of keyUsage, by name. */
const USAGES = Object.freeze([
  'digitalSignature',
  'nonRepudiation',
  'keyEncipherment',
  'dataEncipherment',
  'keyAgreement',
  'keyCertSign',
  'cRLSign',
]);

export function signedCertificate(plan: CertificatePlan, by: SigningKey): Uint8Array {
  const body = sequence(...fieldsOf(plan, by.algorithm));
  return sequence(body, by.algorithm, bitString(by.sign(body)));
}

function fieldsOf(plan: CertificatePlan, algorithm: Uint8Array): Uint8Array[] {
  const { subject, issuer, publicKey, from, to, extensions, serial = 1 } = plan;
  const version = element(0xa0, integer(2));
  const validity = sequence(time(from), time(to));
  const plain = [integer(serial), algorithm, issuer, validity, subject, publicKey];
  if (extensions === undefined) return plain;
  return [version, ...plain, element(0xa3, sequence(...extensions))];
}

/** A name with a common name alone; an empty one where that is empty. */
export function nameOf(commonName: string): Uint8Array {
  return commonName === '' ? sequence() : sequence(set(sequence(oid('2.5.4.3'), text(commonName))));
}

export function extension(id: string, value: Uint8Array, isCritical = false): Uint8Array {
  const critical = isCritical ? [boolean(true)] : [];
  return sequence(oid(id), ...critical, octetString(value));
}

/** basicConstraints. */
export function constraints(isAuthority: boolean, pathLength?: number): Uint8Array {
  const length = pathLength === undefined ? [] : [integer(pathLength)];
  const value = isAuthority ? sequence(boolean(true), ...length) : sequence(...length);
  return extension('2.5.29.19', value, true);
}

export function keyUsage(...names: readonly string[]): Uint8Array {
  let bits = 0;
  for (const name of names) bits |= 0x80 >> USAGES.indexOf(name);
  let unused = 0;
  while (bits !== 0 && ((bits >> unused) & 1) === 0) unused += 1;
  return extension('2.5.29.15', element(0x03, Uint8Array.of(unused, bits)), true);
}

/** Object identifiers with dots, such as 1.3.6.1.5.5.7.3.1 for servers. */
export function purposes(...ids: readonly string[]): Uint8Array {
  return extension('2.5.29.37', sequence(...ids.map(oid)));
}

export const FOR_SERVERS = '1.3.6.1.5.5.7.3.1';
export const FOR_CLIENTS = '1.3.6.1.5.5.7.3.2';

/** subjectAltName. @param entries names, or the bytes of addresses */
export function altNames(...entries: readonly (string | Uint8Array)[]): Uint8Array {
  const names = entries.map((entry) =>
    typeof entry === 'string' ? element(0x82, ascii(entry)) : element(0x87, entry),
  );
  return extension('2.5.29.17', sequence(...names));
}

/** The key identifiers of a certificate and of its issuer. */
export function subjectKey(identifier: Uint8Array): Uint8Array {
  return extension('2.5.29.14', octetString(identifier));
}

export function authorityKey(identifier: Uint8Array): Uint8Array {
  return extension('2.5.29.35', sequence(element(0x80, identifier)));
}

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** PEM of certificates. */
export function pemOf(...certificates: readonly Uint8Array[]): Uint8Array {
  return join(certificates.map(pemBlock));
}

function pemBlock(der: Uint8Array): Uint8Array {
  let body = '';
  for (let at = 0; at < der.length; at += 3) {
    const bits = (der[at] << 16) | ((der[at + 1] ?? 0) << 8) | (der[at + 2] ?? 0);
    const letters = [18, 12, 6, 0].map((shift) => LETTERS[(bits >> shift) & 63]);
    const count = Math.min(der.length - at, 3) + 1;
    body += letters.slice(0, count).join('').padEnd(4, '=');
    if ((at / 3) % 16 === 15) body += '\n';
  }
  const end = body.endsWith('\n') ? '' : '\n';
  return ascii(`-----BEGIN CERTIFICATE-----\n${body}${end}-----END CERTIFICATE-----\n`);
}
