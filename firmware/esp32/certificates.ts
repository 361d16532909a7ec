/**
 * Certificates as the platform's session asks for them: the server's key, and who we are. Whom to
 * trust is decided before the session sees a message (network/tls/server-proof.ts); its own check takes any
 * certificate behind which an authority's public one is sent (Moddable SDK 8.2.3), and is not used.
 */

import PKCS8 from 'pkcs8';
import Platform from 'ssl/cert';
import { pemBlocks } from '../base/pem-blocks.ts';
import { asPkcs8 } from '../network/tls/private-key.ts';
import type { ServerProof } from '../network/tls/server-proof.ts';

/** PEM; each may be empty. */
export interface Credentials {
  readonly ca: Uint8Array;
  readonly certificate: Uint8Array;
  readonly key: Uint8Array;
}

/** The most certificates that we show. */
const OWN_MAX = 4;

export class SessionCertificates {
  private readonly proof: ServerProof;
  private readonly platform = new Platform({ verify: false });
  private readonly own: readonly Uint8Array[];
  private readonly ownKey: Uint8Array | undefined;

  constructor({ certificate, key }: Credentials, proof: ServerProof) {
    this.proof = proof;
    this.own = pemBlocks(certificate, OWN_MAX);
    this.ownKey = pemBlocks(key, 1)[0];
  }

  verify(): boolean {
    return this.proof.verdict === 'trusted';
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
