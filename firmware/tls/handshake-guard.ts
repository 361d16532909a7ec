/**
 * Watches the server's part of a TLS 1.2 handshake (RFC 5246 7.3) while it is not encrypted, for a
 * session that takes messages in any order and a key exchange without a signature.
 *
 * Let through: ServerHello, Certificate, ServerKeyExchange that is signed, CertificateRequest,
 * ServerHelloDone, NewSessionTicket, ChangeCipherSpec; each in its place, once, and whole in its
 * record. Alerts pass. What follows ChangeCipherSpec is encrypted and not looked at.
 */

const Content = Object.freeze({ changeCipherSpec: 20, alert: 21, handshake: 22 } as const);
const RECORD_HEAD = 5;
const MESSAGE_HEAD = 4;
const KEY_EXCHANGE = 12;
const HELLO_DONE = 14;
/** Message types in their order; the ones before the next that is required may be left out. */
const ORDER: readonly number[] = Object.freeze([2, 11, KEY_EXCHANGE, 13, HELLO_DONE, 4]);
const IS_REQUIRED: readonly boolean[] = Object.freeze([true, true, false, false, true, false]);
const NAMED_CURVE = 3;
/** SHA-256 to SHA-512, RSA and ECDSA (RFC 5246 7.4.1.4.1). */
const HASH_MIN = 4;
const HASH_MAX = 6;
const RSA = 1;
const ECDSA = 3;

export class HandshakeGuard {
  /** Where in the order the next message may be. */
  private place = 0;
  private isEncrypted = false;

  /** @param record one record with its header. @returns whether the session may have it */
  accepts(record: Uint8Array): boolean {
    if (this.isEncrypted || record[0] === Content.alert) return true;
    if (record[0] === Content.changeCipherSpec) {
      this.isEncrypted = this.skipTo(ORDER.length);
      return this.isEncrypted;
    }
    if (record[0] !== Content.handshake || record.length <= RECORD_HEAD) return false;
    let at = RECORD_HEAD;
    while (at < record.length) {
      const length = (record[at + 1] << 16) | (record[at + 2] << 8) | record[at + 3];
      const end = at + MESSAGE_HEAD + length;
      if (!(end <= record.length) || !this.acceptsMessage(record, at, end)) return false;
      at = end;
    }
    return true;
  }

  private acceptsMessage(record: Uint8Array, at: number, end: number): boolean {
    const type = record[at];
    const place = ORDER.indexOf(type, this.place);
    if (place < 0 || !this.skipTo(place)) return false;
    this.place = place + 1;
    return type !== KEY_EXCHANGE || isSigned(record, at + MESSAGE_HEAD, end);
  }

  /** @returns whether everything up to there may be left out */
  private skipTo(place: number): boolean {
    for (let i = this.place; i < place; i++) if (IS_REQUIRED[i]) return false;
    return true;
  }
}

/** A point on a named curve, and a signature with a hash that is still good (RFC 8422 5.4). */
function isSigned(bytes: Uint8Array, start: number, end: number): boolean {
  if (bytes[start] !== NAMED_CURVE) return false;
  const at = start + 4 + bytes[start + 3];
  const hash = bytes[at];
  const algorithm = bytes[at + 1];
  const length = (bytes[at + 2] << 8) | bytes[at + 3];
  const isGood = hash >= HASH_MIN && hash <= HASH_MAX && (algorithm === RSA || algorithm === ECDSA);
  return isGood && length > 0 && at + 4 + length === end;
}
