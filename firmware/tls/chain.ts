/**
 * Whether a server is the one that its name says, by its certificates (RFC 5280 6, RFC 6125).
 *
 * Every link counts: each certificate is in date, each issuer may sign, the first bears the name,
 * and the last is signed by an authority that we were given. A certificate of that authority in the
 * chain proves nothing by itself, for it is public. Not looked at: revocation, path lengths, key
 * usage and name constraints. Sans-IO; signatures are the owner's to check.
 */

import type { Certificate } from './certificate.ts';

export type ChainVerdict =
  | 'trusted'
  | 'certificate not trusted'
  | 'certificate name mismatch'
  | 'certificate expired';

/** Certificates between the server's and the authority, at most. */
const ISSUERS_MAX = 4;

/**
 * @param chain as the server sent it, its own certificate first
 * @param authorities that are trusted
 * @param name that was asked for: a host name, or an IPv4 address with dots
 * @param now Unix milliseconds
 * @param isSigned whether a certificate's signature is this issuer's
 */
export function judgeChain(
  chain: readonly Certificate[],
  authorities: readonly Certificate[],
  name: string,
  now: number,
  isSigned: (certificate: Certificate, issuer: Certificate) => boolean,
): ChainVerdict {
  const isCurrent = ({ from, to }: Certificate): boolean => now >= from && now <= to;
  for (let i = 0; i < chain.length && i <= ISSUERS_MAX; i++) {
    const certificate = chain[i];
    if (!isCurrent(certificate)) return 'certificate expired';
    if (i === 0 && !hasName(certificate, name)) return 'certificate name mismatch';
    const signers = authorities.filter((authority) => isSigned(certificate, authority));
    if (signers.some(isCurrent)) return 'trusted';
    if (signers.length > 0) return 'certificate expired';
    const issuer = chain[i + 1];
    if (issuer === undefined || !issuer.isAuthority || !isSigned(certificate, issuer)) break;
  }
  return 'certificate not trusted';
}

/** A star stands for one label, the first one (RFC 6125 6.4.3). */
function hasName({ names }: Certificate, name: string): boolean {
  const wanted = name.toLowerCase();
  const parent = wanted.slice(wanted.indexOf('.'));
  return names.some((known) => {
    if (known === wanted) return true;
    return known.startsWith('*.') && known.slice(1) === parent && parent.indexOf('.', 1) > 0;
  });
}
