/**
 * Which certificates TLS trusts, and shows. The platform's own check stands behind it; what is added:
 *
 * - A server that sends its certificate alone, signed by the authority that we were given, is checked
 *   like one that sends the chain: the platform compares names only where a chain was sent.
 * - A refusal has a reason.
 */

import PKCS8 from 'pkcs8';
import Certificates from 'ssl/cert';
import X509 from 'x509';
import { pemBlocks } from '../board/pem-blocks.ts';
import { asPkcs8 } from '../board/private-key.ts';
import type { CloseReason } from '../ports.ts';

/** PEM; each may be empty. */
export interface Credentials {
  readonly ca: Uint8Array;
  readonly certificate: Uint8Array;
  readonly key: Uint8Array;
}

export class CertificateCheck {
  /** Why the server's certificate was refused. */
  refusal: CloseReason | undefined;
  private readonly platform: Certificates;
  private readonly authorities: readonly Uint8Array[];
  private readonly own: readonly Uint8Array[];
  private readonly ownKey: Uint8Array | undefined;

  constructor({ ca, certificate, key }: Credentials) {
    this.authorities = pemBlocks(ca);
    this.own = pemBlocks(certificate);
    this.ownKey = pemBlocks(key)[0];
    this.platform = new Certificates({});
    for (const authority of this.authorities) this.trust(authority);
  }

  /** Called by the session with the chain, the server's own certificate first. */
  verify(chain: readonly Uint8Array[], options: { tls_server_name: string }): boolean {
    if (this.isTrusted(chain, options)) return true;
    this.refusal ??= 'certificate not trusted';
    const name = X509.decodeSAN(chain[0])?.find(({ tag }) => tag === 2)?.value;
    if (chain.some(isOutOfDate)) this.refusal = 'certificate expired';
    else if (name !== undefined && this.isTrusted(chain, { tls_server_name: name })) {
      this.refusal = 'certificate name mismatch';
    }
    return false;
  }

  register(certificate: ArrayBuffer): void {
    this.platform.register(certificate);
  }

  /** The public key of a server's certificate, or our own private key. */
  getKey(certificate: ArrayBuffer): unknown {
    const isOurs = this.ownKey !== undefined && certificate === this.own[0]?.buffer;
    return isOurs ? PKCS8.parse(asPkcs8(this.ownKey!)) : this.platform.getKey(certificate);
  }

  /** What we show when we are asked who we are. */
  findPreferredCert(): ArrayBuffer[] {
    return this.own.map(({ buffer }) => buffer as ArrayBuffer);
  }

  getDH(): unknown {
    return this.platform.getDH();
  }

  private trust(authority: Uint8Array): void {
    try {
      this.platform.register(authority.buffer as ArrayBuffer);
    } catch {
      this.refusal = 'certificate expired';
    }
  }

  private isTrusted(chain: readonly Uint8Array[], options: { tls_server_name: string }): boolean {
    if (chain.length > 1) return this.platform.verify(chain, options) === true;
    return this.authorities.some(
      (authority) => this.platform.verify([chain[0], authority], options) === true,
    );
  }
}

function isOutOfDate(certificate: Uint8Array): boolean {
  const { from, to } = X509.decodeTBS(X509.decode(certificate).tbs).validity;
  const now = Date.now();
  return now < from || now > to;
}
