/** The platform's TLS session, with the two things that it does not do: chains, and order. */

import Session from 'ssl/session';
import { HandshakeGuard } from '../tls/handshake-guard.ts';
import type { CertificateCheck } from './certificates.ts';

const TLS_1_2 = 0x303;

/** A session that asks us about certificates, and has each record looked at before it is taken. */
export function openSession(serverName: string, certificates: CertificateCheck): Session {
  const session = new Session({ serverName, protocolVersion: TLS_1_2, cache: false });
  session.certificateManager = certificates;
  const guard = new HandshakeGuard();
  const { readPacket } = session;
  // The session's class is frozen in flash: what is its own can still be defined.
  Object.defineProperty(session, 'readPacket', {
    value: (below: Parameters<typeof readPacket>[0]) => {
      const record = readPacket.call(session, below);
      if (record !== undefined && !guard.accepts(new Uint8Array(record))) throw new Error('order');
      return record;
    },
  });
  session.initiateHandshake();
  return session;
}
