/**
 * Judges by its certificates whether a server is the one that its name says (RFC 5280 6, RFC 6125).
 *
 * Every link of the path counts: it is in date, may be used for servers, its issuer may sign and
 * bears the name that it gives, and the last one is signed by an authority that we were given, or is
 * that authority's. A certificate of an authority that was sent along proves nothing by itself, for
 * it is public. What cannot be judged is refused: unknown critical extensions and name constraints.
 * Not looked at: revocation. Names come before signatures, and signatures are few: a stranger's
 * chain costs little.
 */

import { sameBytes } from '../../base/bytes.ts';
import { PeerError } from '../../base/errors.ts';
import { PemReader } from '../../base/pem-blocks.ts';
import type { CloseReason, SignatureMath } from '../../ports.ts';
import { Certificate, certificateOf, KeyUsage } from './certificate.ts';
import { judgeName } from './names.ts';
import { readPublicKey } from './public-key.ts';
import { isSignature, schemeOf } from './signature.ts';

/** `clock not set`: all is well as far as it goes. */
export type Verdict = 'trusted' | Extract<CloseReason, 'clock not set' | `certificate ${string}`>;

/** What a server has shown. */
export interface Shown {
  /** Its certificates in DER: its own first, issuers in any order. */
  readonly chain: readonly Uint8Array[];
  /** The name, or the address, that was asked for. */
  readonly name: string;
  /** Unix milliseconds; undefined: nobody knows. */
  readonly now: number | undefined;
}

/** Certificates that are looked at; a server that sends more is refused. */
export const CHAIN_MAX = 8;
/** Issuers between the server's certificate and the authority, at most. */
const ISSUERS_MAX = 4;
/** Signatures that are checked for one server, at most; issuers that are tried, with that. */
const CHECKS_MAX = 8;
/** What a key of a server must be allowed to do, one of them. */
const SERVER_USES = KeyUsage.digitalSignature | KeyUsage.keyEncipherment | KeyUsage.keyAgreement;

export class Trust {
  private readonly authorities: Uint8Array;
  private readonly math: SignatureMath;
  private checks = 0;
  /** What was wrong with the path that came nearest. */
  private problem: Verdict = 'certificate not trusted';

  /** @param authorities certificates as PEM, any number; each counts as it is, root or not */
  constructor(authorities: Uint8Array, math: SignatureMath) {
    this.authorities = authorities;
    this.math = math;
  }

  judge({ chain, name, now }: Shown): Verdict {
    this.checks = 0;
    this.problem = 'certificate not trusted';
    if (chain.length === 0) return 'certificate not trusted';
    if (chain.length > CHAIN_MAX) return 'certificate malformed';
    try {
      const certificates = chain.map((der) => new Certificate(der));
      const verdict = judgeServer(certificates[0], name, now);
      if (verdict !== 'trusted') return verdict;
      if (!this.isGiven(certificates[0]) && !this.leads(certificates[0], certificates, now, 0, 0)) {
        return this.problem;
      }
      return now === undefined ? 'clock not set' : 'trusted';
    } catch (error) {
      if (error instanceof PeerError) return 'certificate malformed';
      throw error;
    }
  }

  /** Whether a server's own certificate is among those that we were given. */
  private isGiven({ der }: Certificate): boolean {
    const reader = new PemReader(this.authorities);
    for (let given = reader.next(); given !== undefined; given = reader.next()) {
      if (sameBytes(given, der)) return true;
    }
    return false;
  }

  /**
   * Whether an authority stands at the end of a path from here.
   * @param issuers that lie between here and the server's; `longest` of them without self-issued
   */
  private leads(
    certificate: Certificate,
    sent: readonly Certificate[],
    now: number | undefined,
    issuers: number,
    longest: number,
  ): boolean {
    const reader = new PemReader(this.authorities);
    for (let der = reader.next(); der !== undefined; der = reader.next()) {
      const authority = certificateOf(der);
      // What was given and cannot be read is passed over.
      if (authority === undefined || !mayBeIssuer(certificate, authority)) continue;
      if (this.isIssuedBy(certificate, authority, now, longest, true)) return true;
    }
    if (issuers >= ISSUERS_MAX) return false;
    for (let i = 1; i < sent.length; i++) {
      const issuer = sent[i];
      if (issuer === certificate || !mayBeIssuer(certificate, issuer)) continue;
      if (!this.isIssuedBy(certificate, issuer, now, longest, false)) continue;
      const more = issuer.isSelfIssued ? longest : longest + 1;
      if (this.leads(issuer, sent, now, issuers + 1, more)) return true;
    }
    return false;
  }

  /** Whether an issuer of the right name may sign, and did. */
  private isIssuedBy(
    certificate: Certificate,
    issuer: Certificate,
    now: number | undefined,
    longest: number,
    isGiven: boolean,
  ): boolean {
    // A given authority of version 1 says nothing of itself: whoever gave it has said it.
    const isAuthority = issuer.isAuthority || (isGiven && !issuer.hasExtensions);
    const maySign = isAuthority && issuer.mayBeUsedFor(KeyUsage.certificateSigning);
    if (!maySign || longest > issuer.issuersMax) return false;
    if (!issuer.isForServers) return this.fail('certificate not for servers');
    if (!issuer.isUnderstood) return this.fail('certificate not understood');
    if (now !== undefined && !issuer.isCurrent(now)) return this.fail('certificate expired');
    const scheme = schemeOf(certificate.algorithm);
    const key = readPublicKey(issuer.publicKey);
    if (scheme === undefined || key === undefined) return this.fail('certificate algorithm');
    if (this.checks >= CHECKS_MAX) return false;
    this.checks += 1;
    // Signatures take long; without the time all of this is judged again when it comes.
    if (now === undefined) return true;
    return isSignature(this.math, key, scheme, certificate.signed, certificate.signature);
  }

  private fail(problem: Verdict): boolean {
    this.problem = problem;
    return false;
  }
}

/** What a server's certificate says of itself. */
function judgeServer(certificate: Certificate, name: string, now: number | undefined): Verdict {
  if (!certificate.isUnderstood) return 'certificate not understood';
  if (!certificate.isForServers || !certificate.mayBeUsedFor(SERVER_USES)) {
    return 'certificate not for servers';
  }
  const named = judgeName(certificate, name);
  if (named === 'only a common name') return 'certificate has no names';
  if (named === 'another') return 'certificate name mismatch';
  if (readPublicKey(certificate.publicKey) === undefined) return 'certificate algorithm';
  return now === undefined || certificate.isCurrent(now) ? 'trusted' : 'certificate expired';
}

/** Names first, and key identifiers where both have one. */
function mayBeIssuer({ issuer, authorityKey }: Certificate, { subject, subjectKey }: Certificate) {
  if (!sameBytes(issuer, subject)) return false;
  return (
    authorityKey === undefined || subjectKey === undefined || sameBytes(authorityKey, subjectKey)
  );
}
