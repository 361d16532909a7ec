/**
 * Node's errors as the port's close reasons, with what Node said kept as the detail for people.
 * An error that is not known is a `local error`, or `tls failed` while TLS is being set up.
 */
import type { ConnectionStage } from '../../firmware/network/transport-end.ts';
import type { CloseReason } from '../../firmware/ports.ts';
import { Distrusted } from './guarded-socket.ts';

export interface Failure {
  readonly reason: CloseReason;
  /** Node's own words; empty where the verdict is our own. */
  readonly detail: string;
  /**
   * It is an end of TCP's. The board's platform tells these without a reason, and so does the port;
   * the reason here is for people.
   */
  readonly isTcp?: boolean;
}

const BY_CODE: Readonly<Record<string, CloseReason>> = Object.freeze({
  ECONNREFUSED: 'refused',
  ECONNRESET: 'reset',
  ECONNABORTED: 'reset',
  EPIPE: 'reset',
  ERR_STREAM_WRITE_AFTER_END: 'reset',
  ETIMEDOUT: 'timed out',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  EHOSTDOWN: 'unreachable',
  ENETDOWN: 'unreachable',
  EADDRNOTAVAIL: 'unreachable',
  EINVAL: 'unreachable',
});

const BROKEN_OFF = 'the other end broke off the TLS handshake';

/** @param stage how far the connection had come */
export function failureOf(error: unknown, stage: ConnectionStage): Failure {
  if (error instanceof Distrusted) return { reason: error.reason, detail: '' };
  const { code = '', message, reason } = error as NodeJS.ErrnoException & { reason?: string };
  // OpenSSL's message is its error queue; the reason is the readable part of it.
  const detail = reason ?? message ?? String(error);
  const known = BY_CODE[code];
  if (code.startsWith('ERR_SSL_') || code.startsWith('ERR_TLS_') || code === 'EPROTO') {
    // A session that breaks later is a reset, as on the board.
    return { reason: stage === 'open' ? 'reset' : 'tls failed', detail };
  }
  if (stage === 'securing' && (known === undefined || known === 'reset')) {
    return { reason: 'tls failed', detail: BROKEN_OFF, isTcp: true };
  }
  return { reason: known ?? 'local error', detail, isTcp: known !== undefined || stage === 'open' };
}
