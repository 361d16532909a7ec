/** The platform's TLS session, with the two things that it does not do: proof, and order. */

import Session from 'ssl/session';
import { HandshakeGuard } from '../network/tls/handshake-guard.ts';
import { ServerProof } from '../network/tls/server-proof.ts';
import type { CloseReason, Target } from '../ports.ts';
import { type Credentials, SessionCertificates } from './certificates.ts';
import { BoardSignatureMath } from './signature-math.ts';

const TLS_1_2 = 0x303;

/** A session that has each record looked at before it is taken. */
export class SecureSession {
  readonly session: Session;
  private readonly proof: ServerProof;

  /** @param now Unix milliseconds; undefined: nobody knows */
  constructor({ host }: Target, credentials: Credentials, now: () => number | undefined) {
    const options = { serverName: host, protocolVersion: TLS_1_2, cache: false };
    const session = new Session(options);
    const subject = {
      name: host,
      authorities: credentials.ca,
      now,
      clientRandom: () => new Uint8Array(session.clientRandom),
    };
    this.session = session;
    this.proof = new ServerProof(subject, new BoardSignatureMath());
    session.certificateManager = new SessionCertificates(credentials, this.proof);
    const guard = new HandshakeGuard(this.proof);
    const { readPacket } = session;
    // The session's class is frozen in flash: what is its own can still be defined.
    Object.defineProperty(session, 'readPacket', {
      value: (below: Parameters<typeof readPacket>[0]) => {
        const record = readPacket.call(session, below);
        if (record !== undefined && !guard.accepts(new Uint8Array(record))) throw new Error('no');
        return record;
      },
    });
    session.initiateHandshake();
  }

  /** Why the server's certificates were refused. */
  get refusal(): CloseReason | undefined {
    const { verdict } = this.proof;
    return verdict === 'trusted' ? undefined : verdict;
  }
}
