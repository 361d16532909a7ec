/**
 * A certificate authority for tests, and what it signs: made with the openssl command line in a
 * temporary folder, once per process, each on its first use. Nothing here is kept in the
 * repository: a stored certificate would expire one day and take the tests with it.
 */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { requireTool } from './available.ts';

/** A certificate and its private key: paths of PEM files. */
export interface KeyPair {
  readonly certificate: string;
  readonly key: string;
}

/** Everything that the authority made; all but `caText` are paths of PEM files. */
export interface Certificates {
  readonly ca: string;
  readonly caText: string;
  /** For localhost and 127.0.0.1, valid today. */
  readonly server: KeyPair;
  /** For localhost and 127.0.0.1, ran out in 2020. */
  readonly expired: KeyPair;
  /** Valid today, for a host that is not this one. */
  readonly wrongName: KeyPair;
  /** With a common name, localhost, and no other; valid today. */
  readonly commonName: KeyPair;
  /** For localhost, valid today, of another authority, which nobody here trusts. */
  readonly foreign: KeyPair;
  /** For localhost, valid today, but for clients only. */
  readonly notForServers: KeyPair;
  /** For localhost, with an RSA key; issued by an authority with an RSA key under the first one. */
  readonly rsa: KeyPair;
  /** For a client, common name `board`, with an RSA key, as boards have. */
  readonly client: KeyPair;
  /** The same with a key that boards cannot sign with. */
  readonly clientOfEc: KeyPair;
  /** A client certificate of another authority, which no server here trusts. */
  readonly stranger: KeyPair;
}

const localNames = 'subjectAltName=DNS:localhost,IP:127.0.0.1';
const newKey = '-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes'.split(' ');
const newRsaKey = '-newkey rsa:2048 -nodes'.split(' ');

let made: Certificates | undefined;

/** @returns the certificates of this process. @throws Error when openssl is missing or fails. */
export function certificates(): Certificates {
  made ??= make();
  return made;
}

/** Each is made when it is first asked for: a process needs few, and RSA keys take long to find. */
function onFirstUse<T extends object>(makers: { readonly [K in keyof T]: () => T[K] }): T {
  const made = {} as T;
  for (const name of Object.keys(makers) as (keyof T)[]) {
    const get = () => {
      const value = makers[name]();
      Object.defineProperty(made, name, { value });
      return value;
    };
    Object.defineProperty(made, name, { get, configurable: true });
  }
  return made;
}

function make(): Certificates {
  const folder = mkdtempSync(join(tmpdir(), 'mote-certificates-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const ca = selfSign(folder, 'ca');
  const other = onFirstUse({ ca: () => selfSign(folder, 'other-ca') });
  const forClients = ['extendedKeyUsage=clientAuth'];
  return onFirstUse<Certificates>({
    ca: () => ca.certificate,
    caText: () => readFileSync(ca.certificate, 'utf8'),
    server: () => sign(folder, ca, 'server', 'localhost', localNames),
    expired: () => signExpired(folder, ca),
    wrongName: () =>
      sign(folder, ca, 'wrong-name', 'elsewhere', 'subjectAltName=DNS:elsewhere.test'),
    commonName: () => sign(folder, ca, 'common-name', 'localhost', 'extendedKeyUsage=serverAuth'),
    foreign: () => sign(folder, other.ca, 'foreign', 'localhost', localNames),
    notForServers: () => sign(folder, ca, 'not-for-servers', 'localhost', localNames, forClients),
    rsa: () => signRsa(folder, ca),
    client: () => signClient(folder, ca, 'client', 'board', newRsaKey),
    clientOfEc: () => signClient(folder, ca, 'client-ec', 'board', newKey),
    stranger: () => signClient(folder, other.ca, 'stranger', 'stranger', newRsaKey),
  });
}

function openssl(folder: string, ...args: string[]): void {
  execFileSync(requireTool('openssl'), args, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
}

function pair(folder: string, name: string): KeyPair {
  return { certificate: join(folder, `${name}.crt`), key: join(folder, `${name}.key`) };
}

function selfSign(folder: string, name: string): KeyPair {
  const made = pair(folder, name);
  const files = ['-keyout', made.key, '-out', made.certificate];
  openssl(folder, 'req', '-x509', ...newKey, ...files, '-subj', `/CN=mote ${name}`, '-days', '2');
  return made;
}

function sign(
  folder: string,
  ca: KeyPair,
  name: string,
  commonName: string,
  extension: string,
  more: readonly string[] = ['basicConstraints=critical,CA:FALSE'],
  key: readonly string[] = newKey,
): KeyPair {
  const made = pair(folder, name);
  const issuer = ['-CA', ca.certificate, '-CAkey', ca.key];
  const files = ['-keyout', made.key, '-out', made.certificate];
  const extensions = [extension, ...more].flatMap((each) => ['-addext', each]);
  const subject = ['-subj', `/CN=${commonName}`, '-days', '2'];
  openssl(folder, 'req', '-x509', ...issuer, ...key, ...files, ...subject, ...extensions);
  return made;
}

function signClient(
  folder: string,
  ca: KeyPair,
  name: string,
  commonName: string,
  key: readonly string[],
): KeyPair {
  const plain = ['basicConstraints=critical,CA:FALSE'];
  return sign(folder, ca, name, commonName, 'extendedKeyUsage=clientAuth', plain, key);
}

/** A server's certificate with the issuer's behind it in one file, as brokers show them. */
function signRsa(folder: string, ca: KeyPair): KeyPair {
  const authority = ['basicConstraints=critical,CA:TRUE,pathlen:0', 'keyUsage=keyCertSign'];
  const [first, ...rest] = authority;
  const middle = sign(folder, ca, 'rsa-issuer', 'mote rsa issuer', first, rest, newRsaKey);
  const plain = ['basicConstraints=critical,CA:FALSE'];
  const leaf = sign(folder, middle, 'rsa', 'localhost', localNames, plain, newRsaKey);
  const chain = [leaf.certificate, middle.certificate].map((path) => readFileSync(path, 'utf8'));
  writeFileSync(leaf.certificate, chain.join(''));
  return leaf;
}

/** Only `openssl ca` sets both dates in every version from 1.1 on. */
function signExpired(folder: string, ca: KeyPair): KeyPair {
  const made = pair(folder, 'expired');
  const request = ['-subj', '/CN=localhost', '-addext', localNames, '-out', 'expired.csr'];
  openssl(folder, 'req', '-new', ...newKey, '-keyout', made.key, ...request);
  writeFileSync(join(folder, 'index.txt'), '');
  writeFileSync(join(folder, 'ca.cnf'), authorityConfig);
  const issuer = ['-cert', ca.certificate, '-keyfile', ca.key, '-config', 'ca.cnf', '-batch'];
  const dates = ['-startdate', '20200101000000Z', '-enddate', '20200102000000Z'];
  openssl(folder, 'ca', ...issuer, ...dates, '-in', 'expired.csr', '-out', made.certificate);
  return made;
}

const authorityConfig = `[ca]
default_ca = tests
[tests]
database = index.txt
new_certs_dir = .
rand_serial = yes
default_md = sha256
policy = names
copy_extensions = copyall
[names]
commonName = supplied
`;
