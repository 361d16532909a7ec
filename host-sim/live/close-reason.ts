/**
 * Node's errors as the port's close reasons, with what Node said kept as the detail for people.
 * An error that is not known is a `local error`, or `tls failed` while TLS is being set up.
 */
import type { CloseReason } from '../../firmware/ports.ts';

/** Told beside the reason: the host that was tried and Node's own words. */
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
  ERR_TLS_CERT_ALTNAME_INVALID: 'certificate name mismatch',
  HOSTNAME_MISMATCH: 'certificate name mismatch',
  IP_ADDRESS_MISMATCH: 'certificate name mismatch',
  CERT_HAS_EXPIRED: 'certificate expired',
  CERT_NOT_YET_VALID: 'certificate expired',
});

/** Codes of OpenSSL's verification, which carry no common prefix. */
const NOT_TRUSTED = Object.freeze([
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'CERT_SIGNATURE_FAILURE',
  'CERT_UNTRUSTED',
  'CERT_REJECTED',
  'CERT_REVOKED',
  'CERT_CHAIN_TOO_LONG',
  'PATH_LENGTH_EXCEEDED',
  'INVALID_CA',
  'INVALID_PURPOSE',
]);

/** @param settingUpTls the connection was meant to be TLS and its handshake was not done. */
export function failureOf(error: unknown, settingUpTls: boolean): Failure {
  const { code = '', message, reason } = error as NodeJS.ErrnoException & { reason?: string };
  // OpenSSL's message is its error queue; the reason is the readable part of it.
  const detail = reason ?? message ?? String(error);
  const known = BY_CODE[code];
  if (NOT_TRUSTED.includes(code)) return { reason: 'certificate not trusted', detail };
  if (code.startsWith('ERR_SSL_') || code.startsWith('ERR_TLS_') || code === 'EPROTO') {
    return { reason: known ?? 'tls failed', detail };
  }
  if (settingUpTls && (known === undefined || known === 'reset')) {
    return { reason: 'tls failed', detail: 'the other end broke off the TLS handshake' };
  }
  return { reason: known ?? 'local error', detail };
}
