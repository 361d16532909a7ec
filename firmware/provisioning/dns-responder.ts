/**
 * The set-up network's name server: every name has one address, the portal's (RFC 1035).
 *
 * An A question gets that address; any other type gets NOERROR without an answer, so that no phone
 * waits for an AAAA or HTTPS record. Only the question is copied, so EDNS0 and whatever else follows
 * it is tolerated and not repeated, and a reply is at most 16 bytes longer than its question. What
 * has no readable question is dropped: answering noise would make the board an echo. A name in a
 * question has no reason to be compressed; one that is counts as malformed.
 *
 * It holds no state but the address, and allocates nothing.
 */

import { readUint16, writeBytes, writeUint16, writeUint32 } from '../base/bytes.ts';

const HEADER_BYTES = 12;
/** The longest reply: header, name, type and class, one answer. */
export const DNS_REPLY_BYTES_MAX = HEADER_BYTES + 255 + 4 + 16;
const NAME_BYTES_MAX = 255;
const LABEL_BYTES_MAX = 63;

/** Response, authoritative, recursion available: some resolvers ask no server twice without it. */
const REPLY_FLAGS = 0x8480;
const RESPONSE = 0x8000;
const OPCODE = 0x7800;
const RECURSION_DESIRED = 0x0100;
const FORMAT_ERROR = 1;
const NOT_IMPLEMENTED = 4;

const ANY = 255;

/** Where the question that starts at `HEADER_BYTES` ends; 0 when it is malformed. */
function questionEnd(query: Uint8Array, length: number): number {
  let at = HEADER_BYTES;
  for (;;) {
    if (at >= length) return 0;
    const label = query[at];
    if (label > LABEL_BYTES_MAX) return 0;
    at += 1 + label;
    if (at - HEADER_BYTES > NAME_BYTES_MAX) return 0;
    if (label === 0) return at + 4 > length ? 0 : at + 4;
  }
}

/** Writes a header without answers. @returns its end */
function writeHeader(
  query: Uint8Array,
  into: Uint8Array,
  flags: number,
  questions: number,
): number {
  into[0] = query[0];
  into[1] = query[1];
  writeUint32(into, 2, flags * 0x10000 + questions);
  writeUint16(into, 6, 0);
  return writeUint32(into, 8, 0);
}

export class DnsResponder {
  /** Behind the question: its name, A, IN, 10 s to live (phones should ask anew soon), the address. */
  private readonly record: Uint8Array;

  /** @param address the portal's, 4 bytes */
  constructor(address: Uint8Array) {
    this.record = Uint8Array.of(0xc0, HEADER_BYTES, 0, 1, 0, 1, 0, 0, 0, 10, 0, 4, ...address);
  }

  /**
   * Answers one datagram, `query[0..length)`.
   * @param into for the reply: `DNS_REPLY_BYTES_MAX` long, or the query's own array if that is
   * @returns the length of the reply; 0 for none
   */
  answer(query: Uint8Array, length: number, into: Uint8Array): number {
    if (length < HEADER_BYTES) return 0;
    const flags = readUint16(query, 2);
    if ((flags & RESPONSE) !== 0) return 0;
    const questions = readUint16(query, 4);
    const echoed = REPLY_FLAGS | (flags & (OPCODE | RECURSION_DESIRED));
    if ((flags & OPCODE) !== 0) return writeHeader(query, into, echoed | NOT_IMPLEMENTED, 0);
    if (questions !== 1) return writeHeader(query, into, echoed | FORMAT_ERROR, 0);
    const end = questionEnd(query, length);
    if (end === 0) return 0;
    writeHeader(query, into, echoed, 1);
    for (let i = HEADER_BYTES; i < end; i += 1) into[i] = query[i];
    const type = readUint16(into, end - 4);
    if (readUint16(into, end - 2) !== 1 || (type !== 1 && type !== ANY)) return end;
    into[7] = 1;
    return writeBytes(into, end, this.record);
  }
}
