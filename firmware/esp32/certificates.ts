/**
 * Which certificates TLS trusts, and shows: asked by the platform's session.
 *
 * The platform's own check of a chain is not used. It takes any certificate that bears the name when
 * the authority's public certificate is sent behind it, and never looks at a name when a server
 * sends its certificate alone (Moddable SDK 8.2.3). `tls/chain.ts` decides; the platform checks
 * signatures.
 */

import PKCS8 from 'pkcs8';
import Platform from 'ssl/cert';
import X509 from 'x509';
import { pemBlocks } from '../board/pem-blocks.ts';
import { asPkcs8 } from '../board/private-key.ts';
import type { CloseReason } from '../ports.ts';
import { type Certificate, readCertificate } from '../tls/certificate.ts';
import { judgeChain } from '../tls/chain.ts';

/** PEM; each may be empty. */
export interface Credentials {
  readonly ca: Uint8Array;
  readonly certificate: Uint8Array;
  readonly key: Uint8Array;
}

export class CertificateCheck {
  /** Why the server's certificate was refused. */
  refusal: CloseReason | undefined;
  private readonly platform = new Platform({ verify: false });
  private readonly authorities: readonly Certificate[];
  private readonly own: readonly Uint8Array[];
  private readonly ownKey: Uint8Array | undefined;

  /** @throws PeerError when an authority's certificate is none */
  constructor({ ca, certificate, key }: Credentials) {
    this.authorities = pemBlocks(ca).map(readCertificate);
    this.own = pemBlocks(certificate);
    this.ownKey = pemBlocks(key)[0];
  }

  /** @param chain the server's own certificate first, in DER */
  verify(chain: readonly Uint8Array[], options: { readonly tls_server_name: string }): boolean {
    const isSigned = ({ der }: Certificate, issuer: Certificate): boolean => {
      try {
        return this.platform._verify(X509.decodeSPKI(issuer.der), X509.decode(der)) === true;
      } catch {
        // Another kind of key, or an algorithm that the platform does not have.
        return false;
      }
    };
    const name = options.tls_server_name;
    const certificates = chain.map(readCertificate);
    const verdict = judgeChain(certificates, this.authorities, name, Date.now(), isSigned);
    if (verdict !== 'trusted') this.refusal = verdict;
    return verdict === 'trusted';
  }

  /** The session keeps the server's certificate here, for its key. */
  register(certificate: ArrayBuffer): void {
    this.platform.register(certificate);
  }

  /** The public key of the server's certificate, or our own private key. */
  getKey(certificate: ArrayBuffer): unknown {
    const isOurs = this.ownKey !== undefined && certificate === this.own[0]?.buffer;
    return isOurs ? PKCS8.parse(asPkcs8(this.ownKey!)) : this.platform.getKey(certificate);
  }

  /** What we show when we are asked who we are. */
  findPreferredCert(): ArrayBuffer[] {
    return this.own.map(({ buffer }) => buffer as ArrayBuffer);
  }
}
