/**
 * What servers of the world show for themselves: real certificates with keys that everybody knows
 * (open-keys.ts), good and not. Made once per process, from constants: the same bytes at every run.
 */

import {
  altNames,
  type CertificatePlan,
  constraints,
  extension,
  FOR_CLIENTS,
  FOR_SERVERS,
  keyUsage,
  nameOf,
  pemOf,
  purposes,
  signedCertificate,
} from './signatures/certificate-maker.ts';
import { sequence } from './signatures/der-writer.ts';
import { type OpenEcKey, openEcKey, type SigningKey } from './signatures/open-keys.ts';

/** A server's certificates, and the key that it signs its key exchange with. */
export interface Identity {
  readonly chain: readonly Uint8Array[];
  readonly key: SigningKey;
}

/** Why a board refuses it; `good`: it does not. */
export type IdentityKind =
  | 'good'
  | 'expired'
  | 'foreign'
  | 'wrong name'
  | 'common name'
  | 'for clients'
  | 'over-long'
  | 'large'
  | 'hostile'
  | 'another key';

export interface Identities {
  /** What boards trust, as PEM. */
  readonly authorities: Uint8Array;
  readonly of: Readonly<Record<IdentityKind, Identity>>;
  /** All keys that sign here, on P-256. */
  readonly keys: readonly OpenEcKey[];
}

const FROM = Date.UTC(2020, 0, 1);
const TO = Date.UTC(2080, 0, 1);
const PAST = Date.UTC(2021, 0, 1);
const OVER_LONG = 40;

interface Signer {
  readonly name: Uint8Array;
  readonly key: SigningKey;
}

let made: Identities | undefined;

/** @param host that the certificates name */
export function identitiesFor(host: string): Identities {
  made ??= make(host);
  return made;
}

function make(host: string): Identities {
  const keys = [2n, 3n, 5n, 7n, 11n].map((secret) => openEcKey(secret));
  const [rootKey, middleKey, strangerKey, key, otherKey] = keys;
  const root: Signer = { name: nameOf('world root'), key: rootKey };
  const middle: Signer = { name: nameOf('world issuer'), key: middleKey };
  const stranger: Signer = { name: root.name, key: strangerKey };
  const issued = issuer(middle, root);
  const server = (by: Signer, extensions: readonly Uint8Array[], more?: Partial<CertificatePlan>) =>
    certificate(nameOf('broker'), key, by, [...extensions], more);
  const plain = [constraints(false), keyUsage('digitalSignature')];
  const usual = [...plain, purposes(FOR_SERVERS), altNames(host)];
  const good = server(middle, usual);
  const chainOf = (leaf: Uint8Array): Identity => ({ chain: [leaf, issued], key });
  const large = extension('1.2.3.4', new Uint8Array(7000).fill(0x30));
  const empties = new Uint8Array(3000).map((_, i) => (i % 2 === 0 ? 0x30 : 0));
  return {
    keys,
    authorities: pemOf(issuer(root, root)),
    of: {
      good: chainOf(good),
      expired: chainOf(server(middle, usual, { to: PAST })),
      foreign: chainOf(server(stranger, usual)),
      'wrong name': chainOf(server(middle, [...plain, altNames('other.test')])),
      'common name': chainOf(server(middle, plain)),
      'for clients': chainOf(server(middle, [...plain, purposes(FOR_CLIENTS), altNames(host)])),
      'over-long': { chain: [good, ...Array.from({ length: OVER_LONG }, () => issued)], key },
      large: chainOf(server(middle, [...usual, large])),
      hostile: chainOf(sequence(sequence(empties), sequence(), sequence())),
      'another key': { chain: [good, issued], key: otherKey },
    },
  };
}

function issuer(own: Signer, by: Signer): Uint8Array {
  return certificate(own.name, own.key, by, [constraints(true), keyUsage('keyCertSign')]);
}

function certificate(
  subject: Uint8Array,
  key: SigningKey,
  by: Signer,
  extensions: readonly Uint8Array[],
  more: Partial<CertificatePlan> = {},
): Uint8Array {
  const { publicKey } = key;
  const plan = { subject, issuer: by.name, publicKey, from: FROM, to: TO, extensions };
  return signedCertificate({ ...plan, ...more }, by.key);
}
