/** Certificates for tests that run in every engine: an authority, issuers and servers with open keys. */

import {
  altNames,
  type CertificatePlan,
  constraints,
  FOR_SERVERS,
  keyUsage,
  nameOf,
  pemOf,
  purposes,
  signedCertificate,
} from '../../host-sim/virtual/signatures/certificate-maker.ts';
import { integer, sequence } from '../../host-sim/virtual/signatures/der-writer.ts';
import {
  openEcKey,
  openRsaKey,
  type SigningKey,
} from '../../host-sim/virtual/signatures/open-keys.ts';

export const HOST = 'broker.example';
export const NOW = Date.UTC(2026, 5, 1);
const DAY_MS = 86_400_000;

/** A certificate with the key that it is for. */
export interface Made {
  readonly der: Uint8Array;
  readonly key: SigningKey;
  readonly name: Uint8Array;
}

let root: Made | undefined;
let rsa: SigningKey | undefined;

/** The authority that is trusted; made once. */
export function authority(): Made {
  root ??= issuer('root', openEcKey(2n));
  return root;
}

export function authorities(): Uint8Array {
  return pemOf(authority().der);
}

export function rsaKey(): SigningKey {
  rsa ??= openRsaKey();
  return rsa;
}

/** An issuer; of its own where no other is given. */
export function issuer(
  name: string,
  key: SigningKey,
  by?: Made,
  more: Partial<CertificatePlan> = {},
) {
  const extensions = [constraints(true), keyUsage('keyCertSign', 'cRLSign')];
  return made(name, key, by, { extensions, ...more });
}

/** A server's certificate for `HOST`, by the authority where nobody else is given. */
export function server(
  by = authority(),
  more: Partial<CertificatePlan> = {},
  key: SigningKey = openEcKey(3n),
) {
  return made('server', key, by, { extensions: serverExtensions(altNames(HOST)), ...more });
}

export function serverExtensions(...more: readonly Uint8Array[]): Uint8Array[] {
  return [constraints(false), keyUsage('digitalSignature'), purposes(FOR_SERVERS), ...more];
}

export function made(
  commonName: string,
  key: SigningKey,
  by: Made | undefined,
  more: Partial<CertificatePlan>,
): Made {
  const name = nameOf(commonName);
  const plan: CertificatePlan = {
    subject: name,
    issuer: by?.name ?? name,
    publicKey: key.publicKey,
    from: NOW - DAY_MS,
    to: NOW + DAY_MS,
    ...more,
  };
  return { der: signedCertificate(plan, by?.key ?? key), key, name: plan.subject };
}

/** The private key of an RSA certificate as PKCS #1; its private exponent is 1, for it signs nothing. */
export function rsaKeyDer({ key }: Made): Uint8Array {
  const from = key.publicKey.indexOf(0x02, 20);
  const modulus = key.publicKey.subarray(from, from + 4 + 257);
  return sequence(integer(0), modulus, integer(65_537), integer(1));
}
