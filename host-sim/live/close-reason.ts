/**
 * Node's errors as the port's close reasons, with what Node said kept as the detail for people.
 * An error that is not known is a `local error`, or `tls failed` while TLS is being set up.
 */
import type { CloseReason } from '../../firmware/ports.ts';
import { Distrusted } from './guarded-socket.ts';

/** Told beside the reason: Node's own words; empty where the verdict is our own. */
export interface Failure {
  readonly reason: CloseReason;
  readonly detail: string;
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

/** @param settingUpTls the connection was meant to be TLS and its handshake was not done. */
export function failureOf(error: unknown, settingUpTls: boolean): Failure {
  if (error instanceof Distrusted) return { reason: error.reason, detail: '' };
  const { code = '', message, reason } = error as NodeJS.ErrnoException & { reason?: string };
  // OpenSSL's message is its error queue; the reason is the readable part of it.
  const detail = reason ?? message ?? String(error);
  const known = BY_CODE[code];
  if (code.startsWith('ERR_SSL_') || code.startsWith('ERR_TLS_') || code === 'EPROTO') {
    return { reason: known ?? 'tls failed', detail };
  }
  if (settingUpTls && (known === undefined || known === 'reset')) {
    return { reason: 'tls failed', detail: 'the other end broke off the TLS handshake' };
  }
  return { reason: known ?? 'local error', detail };
}
