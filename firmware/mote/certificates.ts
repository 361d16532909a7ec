/**
 * Whether the board can use the certificates and keys of its settings, which `config/` cannot tell.
 */

import { PemReader } from '../base/pem-blocks.ts';
import type { FieldProblem, Settings } from '../config/fields.ts';
import { certificateOf, isCertificate } from '../network/tls/certificate.ts';
import { judgeKey } from '../network/tls/own-key.ts';

/**
 * The problems of certificates and keys that are new; saved ones are not judged again.
 * @returns codes `not a certificate`, `not its key`, `key kind`
 */
export function certificateProblems(settings: Settings, base: Settings): FieldProblem[] {
  const problems: FieldProblem[] = [];
  for (const field of ['ca', 'certificate'] as const) {
    if (settings[field] === base[field] || areCertificates(settings[field])) continue;
    problems.push({ field, code: 'not a certificate' });
  }
  const { certificate, key } = settings;
  const isNew = certificate !== base.certificate || key !== base.key;
  const shown = new PemReader(certificate).next();
  const secret = new PemReader(key).next();
  if (problems.length > 0 || !isNew || shown === undefined || secret === undefined) return problems;
  const verdict = judgeKey(shown, secret);
  if (verdict === 'its key') return problems;
  return [{ field: 'key', code: verdict === 'another key' ? 'not its key' : 'key kind' }];
}

/**
 * Until when all of a PEM text's certificates are valid, in Unix milliseconds. What cannot be read
 * counts as none: a connection tells what is wrong with it.
 * @returns Infinity for none
 */
export function certificatesEndAt(pem: Uint8Array): number {
  const reader = new PemReader(pem);
  let end = Number.POSITIVE_INFINITY;
  for (let der = reader.next(); der !== undefined; der = reader.next()) {
    end = Math.min(end, certificateOf(der)?.to ?? end);
  }
  return end;
}

function areCertificates(pem: Uint8Array): boolean {
  const reader = new PemReader(pem);
  for (let der = reader.next(); der !== undefined; der = reader.next()) {
    if (!isCertificate(der)) return false;
  }
  return true;
}
