/**
 * Chains of certificates as they can be met, and as they should not be: good, expired, foreign, for
 * another use, out of order, with names of all kinds, weak, and broken. Drawn from a seed; the keys
 * are new in each process.
 */

import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { SeededRandom } from '../../host-sim/virtual/random.ts';
import {
  altNames,
  authorityKey,
  type CertificatePlan,
  constraints,
  extension,
  FOR_CLIENTS,
  FOR_SERVERS,
  keyUsage,
  nameOf,
  purposes,
  signedCertificate,
  subjectKey,
} from '../../host-sim/virtual/signatures/certificate-maker.ts';
import {
  ascii,
  element,
  NULL,
  oid,
  sequence,
  set,
  text,
} from '../../host-sim/virtual/signatures/der-writer.ts';
import type { SigningKey } from '../../host-sim/virtual/signatures/open-keys.ts';

export const NOW = Date.UTC(2026, 5, 1);
const DAY_MS = 86_400_000;

/** What a client is shown, and what it asked for. */
export interface RandomChain {
  readonly chain: readonly Uint8Array[];
  readonly authorities: readonly Uint8Array[];
  readonly name: string;
  /** What is out of the ordinary. */
  readonly features: ReadonlySet<string>;
}

type Digest = 'sha1' | 'sha256' | 'sha384' | 'sha512';

interface Key extends SigningKey {
  /** Why a board does not take it; empty for a good one. */
  readonly weakness: string;
}

const SIGNATURES: Readonly<Record<'rsa' | 'ec', Readonly<Record<Digest, string>>>> = {
  rsa: {
    sha1: '1.2.840.113549.1.1.5',
    sha256: '1.2.840.113549.1.1.11',
    sha384: '1.2.840.113549.1.1.12',
    sha512: '1.2.840.113549.1.1.13',
  },
  ec: {
    sha1: '1.2.840.10045.4.1',
    sha256: '1.2.840.10045.4.3.2',
    sha384: '1.2.840.10045.4.3.3',
    sha512: '1.2.840.10045.4.3.4',
  },
};

function keyOf(privateKey: KeyObject, publicKey: KeyObject, digest: Digest, weakness = ''): Key {
  const kind = privateKey.asymmetricKeyType === 'rsa' ? 'rsa' : 'ec';
  const parameters = kind === 'rsa' ? [NULL] : [];
  return {
    publicKey: new Uint8Array(publicKey.export({ type: 'spki', format: 'der' })),
    algorithm: sequence(oid(SIGNATURES[kind][digest]), ...parameters),
    tlsScheme: [4, kind === 'rsa' ? 1 : 3],
    sign: (bytes) => new Uint8Array(sign(digest, bytes, privateKey)),
    weakness,
  };
}

/** Keys that all chains of a process share: making one takes long. */
export class KeyRing {
  readonly good: Key[] = [];
  readonly weak: Key[] = [];

  constructor() {
    const add = ({ privateKey, publicKey }: { privateKey: KeyObject; publicKey: KeyObject }) =>
      this.good.push(keyOf(privateKey, publicKey, 'sha256'));
    const p256 = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
    add(p256);
    add(generateKeyPairSync('ec', { namedCurve: 'P-256' }));
    add(rsa);
    add(generateKeyPairSync('rsa', { modulusLength: 2048 }));
    const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' });
    this.good.push(keyOf(p384.privateKey, p384.publicKey, 'sha384'));
    this.good.push(keyOf(p384.privateKey, p384.publicKey, 'sha512'));
    this.good.push(keyOf(p256.privateKey, p256.publicKey, 'sha512'));
    this.good.push(keyOf(rsa.privateKey, rsa.publicKey, 'sha512'));
    const three = generateKeyPairSync('rsa', { modulusLength: 2048, publicExponent: 3 });
    this.weak.push(keyOf(three.privateKey, three.publicKey, 'sha256', 'small exponent'));
    const short = generateKeyPairSync('rsa', { modulusLength: 1024 });
    this.weak.push(keyOf(short.privateKey, short.publicKey, 'sha256', 'short key'));
    const p521 = generateKeyPairSync('ec', { namedCurve: 'P-521' });
    this.weak.push(keyOf(p521.privateKey, p521.publicKey, 'sha512', 'other curve'));
    this.weak.push(keyOf(rsa.privateKey, rsa.publicKey, 'sha1', 'SHA-1'));
    this.weak.push(keyOf(p256.privateKey, p256.publicKey, 'sha1', 'SHA-1'));
  }
}

/** One certificate with what signs in its name. */
interface Link {
  readonly der: Uint8Array;
  readonly key: Key;
  readonly name: Uint8Array;
  readonly identifier: Uint8Array;
}

const NAMES = ['broker.example', 'a.home.example', '192.168.1.20', 'fd00::1', '10.0.0.1'];
const ADDRESSES: Readonly<Record<string, Uint8Array>> = {
  '192.168.1.20': Uint8Array.of(192, 168, 1, 20),
  '10.0.0.1': Uint8Array.of(10, 0, 0, 1),
  'fd00::1': Uint8Array.of(0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1),
};

/** Draws one chain. */
export class ChainDraw {
  private readonly random: SeededRandom;
  private readonly keys: KeyRing;
  private readonly features = new Set<string>();

  constructor(seed: number, keys: KeyRing) {
    this.random = new SeededRandom(seed);
    this.keys = keys;
  }

  draw(): RandomChain {
    const { random, features } = this;
    const name = random.pick(NAMES);
    const root = this.issuer('root', undefined);
    const links = [root];
    for (let depth = random.pick([0, 0, 1, 1, 2, 3]); depth > 0; depth--) {
      links.push(this.issuer(`issuer ${links.length}`, links[links.length - 1]));
    }
    let signer = links[links.length - 1];
    if (this.odd(0.06, 'another signer')) {
      signer = { ...signer, key: this.otherKey(signer.key) };
    }
    const isOwn = this.odd(0.05, 'self-signed');
    const leaf = this.server(name, isOwn ? undefined : signer);
    let chain = [
      leaf.der,
      ...links
        .slice(1)
        .reverse()
        .map(({ der }) => der),
    ];
    if (random.chance(0.3)) chain.push(root.der);
    if (this.odd(0.1, 'another order')) chain = [chain[0], ...chain.slice(1).reverse()];
    if (chain.length > 1 && this.odd(0.05, 'an issuer is missing')) chain.splice(1, 1);
    if (this.odd(0.05, 'a stranger is among them')) {
      chain.push(this.issuer('stranger', undefined).der);
    }
    if (this.odd(0.12, 'broken')) chain[0] = this.break(chain[0]);
    const authorities = this.authorities(links, isOwn ? leaf : undefined);
    return { chain, authorities, name, features };
  }

  private odd(chance: number, feature: string): boolean {
    if (!this.random.chance(chance)) return false;
    this.features.add(feature);
    return true;
  }

  private authorities(links: readonly Link[], own: Link | undefined): Uint8Array[] {
    const given = [links[0].der];
    if (own !== undefined && this.random.chance(0.7)) return [own.der];
    if (links.length > 1 && this.odd(0.06, 'an issuer is given')) return [links[1].der];
    if (this.odd(0.05, 'another authority')) return [this.issuer('root', undefined).der];
    if (this.odd(0.1, 'several authorities')) given.unshift(this.issuer('root', undefined).der);
    return given;
  }

  private key(): Key {
    const { good, weak } = this.keys;
    const key = this.random.chance(0.05) ? this.random.pick(weak) : this.random.pick(good);
    if (key.weakness !== '') this.features.add(key.weakness);
    return key;
  }

  private otherKey(not: Key): Key {
    return this.random.pick(this.keys.good.filter(({ publicKey }) => publicKey !== not.publicKey));
  }

  private times(): { from: number; to: number } {
    if (this.odd(0.02, 'expired')) return { from: NOW - 9 * DAY_MS, to: NOW - DAY_MS };
    if (this.odd(0.02, 'not yet valid')) return { from: NOW + DAY_MS, to: NOW + 9 * DAY_MS };
    const isLong = this.random.chance(0.2);
    return { from: NOW - DAY_MS, to: isLong ? Date.UTC(2080, 0, 1) : NOW + DAY_MS };
  }

  private link(common: string, by: Link | undefined, extensions: Uint8Array[] | undefined): Link {
    const key = this.key();
    const name = nameOf(common);
    const identifier = ascii(`${common} ${this.random.next32()}`);
    const issuer = by !== undefined && this.odd(0.02, 'name in another encoding');
    const plan: CertificatePlan = {
      subject: name,
      issuer: issuer ? printable(common === 'server' ? 'root' : common) : (by?.name ?? name),
      publicKey: key.publicKey,
      extensions: extensions && this.identified(extensions, identifier, by),
      ...this.times(),
    };
    return { der: signedCertificate(plan, by?.key ?? key), key, name, identifier };
  }

  private identified(extensions: Uint8Array[], own: Uint8Array, by: Link | undefined) {
    if (this.random.chance(0.5)) return extensions;
    const more = [...extensions, subjectKey(own)];
    return by === undefined ? more : [...more, authorityKey(by.identifier)];
  }

  private issuer(common: string, by: Link | undefined): Link {
    if (by === undefined && this.odd(0.05, 'root of version 1')) {
      return this.link(common, by, undefined);
    }
    const extensions: Uint8Array[] = [];
    if (!this.odd(0.03, 'issuer without constraints')) {
      const isAuthority = !this.odd(0.03, 'issuer is no authority');
      const pathLength = this.odd(0.15, 'path length') ? this.random.between(0, 2) : undefined;
      extensions.push(constraints(isAuthority, isAuthority ? pathLength : undefined));
    }
    if (this.random.chance(0.7)) {
      const maySign = !this.odd(0.04, 'issuer may not sign');
      extensions.push(keyUsage(maySign ? 'keyCertSign' : 'digitalSignature', 'cRLSign'));
    }
    if (this.odd(0.05, 'issuer for servers')) extensions.push(purposes(FOR_SERVERS));
    if (this.odd(0.03, 'issuer for clients')) extensions.push(purposes(FOR_CLIENTS));
    if (this.odd(0.02, 'name constraints')) extensions.push(nameConstraints('example'));
    if (this.odd(0.02, 'unknown critical extension')) extensions.push(unknown(true));
    return this.link(common, by, extensions);
  }

  private server(name: string, by: Link | undefined): Link {
    if (this.odd(0.02, 'server of version 1')) return this.link(name, by, undefined);
    const extensions = this.random.chance(0.7) ? [constraints(false)] : [];
    const names = this.names(name);
    if (names.length > 0) extensions.push(altNames(...names));
    if (this.random.chance(0.5)) {
      const use = this.random.pick(['digitalSignature', 'keyEncipherment', 'keyAgreement']);
      const isOdd = this.odd(0.06, 'use of the key');
      extensions.push(keyUsage(isOdd ? this.random.pick(['cRLSign', 'keyCertSign']) : use));
    }
    if (this.random.chance(0.6)) {
      if (this.odd(0.07, 'for clients')) extensions.push(purposes(FOR_CLIENTS));
      else if (this.odd(0.03, 'for anything')) extensions.push(purposes('2.5.29.37.0'));
      else if (this.random.chance(0.5)) extensions.push(purposes(FOR_SERVERS));
      else extensions.push(purposes(FOR_CLIENTS, FOR_SERVERS));
    }
    if (this.random.chance(0.1)) extensions.push(unknown(false));
    if (this.odd(0.02, 'unknown critical extension')) extensions.push(unknown(true));
    if (this.odd(0.01, 'extension twice')) extensions.push(extensions[0] ?? unknown(false));
    return this.link(name, by, extensions);
  }

  private names(name: string): (string | Uint8Array)[] {
    const { random } = this;
    const address = ADDRESSES[name];
    if (this.odd(0.06, 'common name alone')) return [];
    if (this.odd(0.06, 'another name')) return ['other.example', Uint8Array.of(1, 2, 3, 4)];
    const many = Array.from({ length: random.pick([0, 1, 5, 60]) }, (_, i) => `x${i}.example`);
    if (address !== undefined) {
      return this.odd(0.15, 'address as a name') ? [...many, name] : [...many, address];
    }
    if (name.startsWith('a.') && this.odd(0.5, 'wildcard')) {
      const [wild] = [random.pick(['*.home.example', 'a*.home.example', '*.example', '*'])];
      if (wild.startsWith('a*')) this.features.add('star within a label');
      return [...many, wild];
    }
    return [...many, random.chance(0.3) ? name.toUpperCase() : name];
  }

  private break(der: Uint8Array): Uint8Array {
    const { random } = this;
    const changed = der.slice();
    switch (random.below(5)) {
      case 0:
        return der.subarray(0, random.below(der.length));
      case 1:
        return new Uint8Array([...der, ...new Uint8Array(random.between(1, 9))]);
      case 2:
        // The length of the outermost element, or of what lies in it.
        changed[random.pick([1, 2, 3, 5, 6, 7])] ^= 1 << random.below(8);
        return changed;
      default:
        for (let i = random.between(1, 3); i > 0; i--) {
          changed[random.below(der.length)] ^= 1 << random.below(8);
        }
        return changed;
    }
  }
}

function unknown(isCritical: boolean): Uint8Array {
  return extension('1.3.6.1.4.1.55555.1', sequence(), isCritical);
}

/** Permitted: this domain. */
function nameConstraints(domain: string): Uint8Array {
  const permitted = element(0xa0, sequence(text(domain, 0x82)));
  return extension('2.5.29.30', sequence(permitted), true);
}

/** As `nameOf`, in PrintableString. */
function printable(common: string): Uint8Array {
  return sequence(set(sequence(oid('2.5.4.3'), text(common, 0x13))));
}
