/**
 * The files that `--ca`, `--cert` and `--key` name, read and checked before anything is tried, so
 * that a wrong file is one clear line and not a failed handshake. What a board cannot use is refused
 * here as well.
 */
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { PemReader } from '../../firmware/base/pem-blocks.ts';
import { judgeKey, type KeyVerdict } from '../../firmware/network/tls/own-key.ts';
import type { TlsIdentity } from './network.ts';

/** As the options name them. */
export interface CredentialFiles {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly alpn?: string;
}

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;
const KEY = /-----BEGIN ((?:[A-Z]+ )?PRIVATE KEY)-----[^-]+-----END \1-----/;
const FILE_BYTES_MAX = 4 * 1024 * 1024;

/** Why a file could not be used; the message is one line that names the option and the file. */
export class CredentialProblem extends Error {}

/** @throws CredentialProblem */
export function readCredentials(files: CredentialFiles): TlsIdentity {
  const ca = files.ca === undefined ? undefined : readCertificates('--ca', files.ca);
  const cert = files.cert === undefined ? undefined : readCertificates('--cert', files.cert);
  const key = files.key === undefined ? undefined : readKey(files.key);
  if (cert !== undefined && key !== undefined) checkPair(files, cert, key);
  return { ca, cert, key, alpn: files.alpn };
}

function readText(option: string, path: string): string {
  try {
    const text = readFileSync(path, 'latin1');
    if (text.length <= FILE_BYTES_MAX) return text;
  } catch (error) {
    throw new CredentialProblem(`${option} '${path}' cannot be read: ${whyUnreadable(error)}`);
  }
  throw new CredentialProblem(`${option} '${path}' is too large; expected a PEM file`);
}

function whyUnreadable(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return 'there is no such file';
  if (code === 'EACCES' || code === 'EPERM') return 'permission denied';
  if (code === 'EISDIR') return 'it is a directory';
  return message;
}

function readCertificates(option: string, path: string): string {
  const text = readText(option, path);
  const found = text.match(CERTIFICATE) ?? [];
  const good = found.length > 0 && found.every(isCertificate);
  if (good) return text;
  throw new CredentialProblem(`${option} '${path}' holds no PEM certificate that can be read`);
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).raw.length > 0;
  } catch {
    return false;
  }
}

function readKey(path: string): string {
  const text = readText('--key', path);
  if (/-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type: 4,ENCRYPTED/m.test(text)) {
    throw new CredentialProblem(`--key '${path}' is encrypted; expected a key without passphrase`);
  }
  // The key alone: the file may hold the certificate as well.
  const found = text.match(KEY);
  if (found !== null) return found[0];
  throw new CredentialProblem(`--key '${path}' holds no PEM private key`);
}

/** What is wrong with a key, where the board cannot sign with it. */
const UNFIT: Readonly<Record<Exclude<KeyVerdict, 'its key'>, string>> = Object.freeze({
  'another key': 'is not the key of the certificate',
  'not RSA': 'cannot be used (boards sign with RSA alone) with',
  unreadable: 'cannot be used with',
});

function checkPair(files: CredentialFiles, cert: string, key: string): void {
  const [shown, secret] = [cert, key].map((pem) => new PemReader(Buffer.from(pem)).next());
  const verdict = shown && secret && judgeKey(shown, secret);
  if (verdict === 'its key') return;
  const why = UNFIT[verdict ?? 'unreadable'];
  throw new CredentialProblem(`--key '${files.key}' ${why} --cert '${files.cert}'`);
}
