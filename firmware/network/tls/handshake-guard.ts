/**
 * Watches the server's part of a TLS 1.2 handshake (RFC 5246 7.3) while it is not encrypted, for a
 * session that takes messages in any order and a key exchange without a signature.
 *
 * Let through: ServerHello, Certificate, ServerKeyExchange that is signed, CertificateRequest,
 * ServerHelloDone, NewSessionTicket, ChangeCipherSpec; each in its place, once, and whole in its
 * record. Alerts pass. What follows ChangeCipherSpec is encrypted and not looked at. What the
 * messages say is judged by server-proof.ts.
 */

import { Message, readUint24 } from './server-proof.ts';

const Content = Object.freeze({ changeCipherSpec: 20, alert: 21, handshake: 22 } as const);
const RECORD_HEAD = 5;
const MESSAGE_HEAD = 4;
/** Message types in their order; the ones before the next that is required may be left out. */
const ORDER: readonly number[] = Object.freeze([
  Message.serverHello,
  Message.certificate,
  Message.keyExchange,
  Message.request,
  Message.helloDone,
  Message.ticket,
]);
const IS_REQUIRED: readonly boolean[] = Object.freeze([true, true, false, false, true, false]);

/** Judges what a message says: `record[start..end)` is its body. */
export interface MessageJudge {
  accepts(type: number, record: Uint8Array, start: number, end: number): boolean;
}

export class HandshakeGuard {
  private readonly judge: MessageJudge;
  /** Where in the order the next message may be. */
  private place = 0;
  private isEncrypted = false;

  constructor(judge: MessageJudge) {
    this.judge = judge;
  }

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
      const end = at + MESSAGE_HEAD + readUint24(record, at + 1);
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
    return this.judge.accepts(type, record, at + MESSAGE_HEAD, end);
  }

  /** @returns whether everything up to there may be left out */
  private skipTo(place: number): boolean {
    for (let i = this.place; i < place; i++) if (IS_REQUIRED[i]) return false;
    return true;
  }
}
