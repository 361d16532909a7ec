/**
 * What a chain check needs of an X.509 certificate (RFC 5280), read from its DER in place: views of
 * the bytes, and the few figures that decide. It makes no strings and no lists, whatever the sizes.
 *
 * It judges form only. Who signed it is for trust.ts; names are for names.ts.
 */

import { sameBytes } from '../../base/bytes.ts';
import { DerCursor, malformed, Tag } from '../../base/der.ts';
import { PeerError } from '../../base/errors.ts';

/** A certificate that is longer is refused unread. */
export const CERTIFICATE_BYTES_MAX = 8192;
/** Extensions at most; public authorities use about ten. */
const EXTENSIONS_MAX = 32;
const VERSION_3 = 2;

/** Bits of `Certificate.keyUsage` (RFC 5280 4.2.1.3), by their numbers there. */
export const KeyUsage = Object.freeze({
  digitalSignature: 1 << 0,
  keyEncipherment: 1 << 2,
  keyAgreement: 1 << 4,
  certificateSigning: 1 << 5,
} as const);

/** The last number of 2.5.29.n. */
const Extension = Object.freeze({
  subjectKey: 14,
  keyUsage: 15,
  names: 17,
  constraints: 19,
  nameConstraints: 30,
  policies: 32,
  authorityKey: 35,
  purposes: 37,
} as const);

/** id-kp-serverAuth. */
const FOR_SERVERS = '2b06010505070301';

/** Views are into the certificate's own bytes. */
export class Certificate {
  readonly der: Uint8Array;
  /** What the signature is over. */
  signed: Uint8Array;
  /** AlgorithmIdentifier, and the signature itself. */
  algorithm: Uint8Array;
  signature: Uint8Array;
  issuer: Uint8Array;
  subject: Uint8Array;
  /** SubjectPublicKeyInfo. */
  publicKey: Uint8Array;
  /** Unix milliseconds. */
  from: number;
  to: number;
  /** Version 3: what is said below was said by the certificate. */
  hasExtensions = false;
  /** basicConstraints: whether it is an authority's, and how many issuers may lie below it. */
  isAuthority = false;
  hasConstraints = false;
  issuersMax = Number.POSITIVE_INFINITY;
  /** As `KeyUsage`; undefined: any. */
  keyUsage: number | undefined;
  /** Whether it may be used for a TLS server, or by an authority of those. */
  isForServers = true;
  /** The GeneralNames of subjectAltName. */
  names: Uint8Array | undefined;
  /** Key identifiers, which tell apart authorities of one name. */
  subjectKey: Uint8Array | undefined;
  authorityKey: Uint8Array | undefined;
  /** False: it has a critical extension, or name constraints, that nobody here can judge. */
  isUnderstood = true;
  private seen = 0;

  /** @throws PeerError when it is no certificate, or too large a one */
  constructor(der: Uint8Array) {
    if (der.length > CERTIFICATE_BYTES_MAX) throw malformed();
    this.der = der;
    const outer = new DerCursor(der);
    outer.take(Tag.sequence);
    outer.finish();
    outer.enter();
    outer.take(Tag.sequence);
    this.signed = outer.whole();
    const fields = outer.inside();
    outer.take(Tag.sequence);
    this.algorithm = outer.whole();
    outer.take(Tag.bitString);
    this.signature = bitString(outer);
    outer.finish();
    const isVersion3 = readVersion(fields);
    fields.take(Tag.integer);
    fields.take(Tag.sequence);
    // Said twice, once under the signature (RFC 5280 4.1.1.2).
    if (!sameBytes(this.algorithm, fields.whole())) throw malformed();
    fields.take(Tag.sequence);
    this.issuer = fields.whole();
    fields.take(Tag.sequence);
    const times = fields.inside();
    this.from = nextTime(times);
    this.to = nextTime(times);
    times.finish();
    fields.take(Tag.sequence);
    this.subject = fields.whole();
    fields.take(Tag.sequence);
    this.publicKey = fields.whole();
    fields.takeIf(0x81);
    fields.takeIf(0x82);
    if (fields.takeIf(0xa3)) this.readExtensions(fields.inside(), isVersion3);
    fields.finish();
  }

  get isSelfIssued(): boolean {
    return sameBytes(this.issuer, this.subject);
  }

  isCurrent(now: number): boolean {
    return now >= this.from && now <= this.to;
  }

  /** Whether its key may be used for one of these. @param usage bits of `KeyUsage` */
  mayBeUsedFor(usage: number): boolean {
    return this.keyUsage === undefined || (this.keyUsage & usage) !== 0;
  }

  private readExtensions(outer: DerCursor, isVersion3: boolean): void {
    if (!isVersion3) throw malformed();
    this.hasExtensions = true;
    outer.take(Tag.sequence);
    outer.finish();
    const list = outer.inside();
    for (let i = 0; list.next(); i++) {
      if (i >= EXTENSIONS_MAX || list.tag !== Tag.sequence) throw malformed();
      const parts = list.inside();
      parts.take(Tag.oid);
      const kind = standardKind(parts);
      const isCritical = parts.takeIf(Tag.boolean) && readBoolean(parts);
      parts.take(Tag.octetString);
      parts.finish();
      this.readExtension(kind, isCritical, parts.inside());
    }
  }

  private readExtension(kind: number, isCritical: boolean, value: DerCursor): void {
    const isStandard = kind >= Extension.subjectKey && kind <= Extension.purposes;
    const bit = isStandard ? 1 << (kind - Extension.subjectKey) : 0;
    if ((this.seen & bit) !== 0) throw malformed();
    this.seen |= bit;
    switch (kind) {
      case Extension.names:
        value.take(Tag.sequence);
        value.finish();
        this.names = value.content();
        break;
      case Extension.constraints:
        this.readConstraints(value);
        break;
      case Extension.keyUsage:
        value.take(Tag.bitString);
        this.keyUsage = usageBits(value);
        break;
      case Extension.purposes:
        value.take(Tag.sequence);
        this.isForServers = hasPurpose(value.inside(), FOR_SERVERS);
        break;
      case Extension.subjectKey:
        value.take(Tag.octetString);
        this.subjectKey = value.content();
        break;
      case Extension.authorityKey:
        value.take(Tag.sequence);
        value.enter();
        if (value.takeIf(0x80)) this.authorityKey = value.content();
        break;
      case Extension.policies:
        // No policy is asked for: any will do.
        break;
      case Extension.nameConstraints:
        this.isUnderstood = false;
        break;
      default:
        if (isCritical) this.isUnderstood = false;
    }
  }

  private readConstraints(value: DerCursor): void {
    value.take(Tag.sequence);
    value.finish();
    value.enter();
    this.hasConstraints = true;
    this.isAuthority = value.takeIf(Tag.boolean) && readBoolean(value);
    if (value.takeIf(Tag.integer)) {
      // A path of 256 is longer than any that is followed.
      if (value.end - value.start !== 1 || value.bytes[value.start] >= 0x80) throw malformed();
      this.issuersMax = value.bytes[value.start];
    }
    value.finish();
  }
}

/** Whether it is a certificate that can be read. */
export function isCertificate(der: Uint8Array): boolean {
  return certificateOf(der) !== undefined;
}

/** @returns undefined for what is no certificate that can be read */
export function certificateOf(der: Uint8Array): Certificate | undefined {
  try {
    return new Certificate(der);
  } catch (error) {
    if (error instanceof PeerError) return undefined;
    throw error;
  }
}

/** Version [0], 1 where it is missing. @returns whether it is 3 */
function readVersion(fields: DerCursor): boolean {
  if (!fields.takeIf(0xa0)) return false;
  const version = fields.inside();
  version.take(Tag.integer);
  version.finish();
  if (version.end - version.start !== 1) throw malformed();
  return version.bytes[version.start] === VERSION_3;
}

/** The n of 2.5.29.n (RFC 5280 4.2.1); -1 for another identifier. */
function standardKind({ bytes, start, end }: DerCursor): number {
  const isStandard = end - start === 3 && bytes[start] === 0x55 && bytes[start + 1] === 0x1d;
  return isStandard ? bytes[start + 2] : -1;
}

function readBoolean({ bytes, start, end }: DerCursor): boolean {
  if (end - start !== 1) throw malformed();
  return bytes[start] !== 0;
}

/** The bytes of a BIT STRING without unused bits. */
function bitString({ bytes, start, end }: DerCursor): Uint8Array {
  if (end - start < 2 || bytes[start] !== 0) throw malformed();
  return bytes.subarray(start + 1, end);
}

/** Bit 0 of DER is the highest of the first byte; here it is the lowest. */
function usageBits({ bytes, start, end }: DerCursor): number {
  if (end - start < 1 || end - start > 3 || bytes[start] > 7) throw malformed();
  let bits = 0;
  for (let bit = 0; bit < 8 * (end - start - 1) - bytes[start]; bit++) {
    if ((bytes[start + 1 + (bit >> 3)] & (0x80 >> (bit & 7))) !== 0) bits |= 1 << bit;
  }
  return bits;
}

function hasPurpose(list: DerCursor, hex: string): boolean {
  let isFound = false;
  while (list.next()) {
    if (list.tag !== Tag.oid) throw malformed();
    isFound = isFound || list.isHex(hex);
  }
  return isFound;
}

/** UTCTime or GeneralizedTime, in UTC and whole seconds as RFC 5280 4.1.2.5 demands. */
function nextTime(times: DerCursor): number {
  if (!times.next()) throw malformed();
  const { bytes, tag, start, end } = times;
  const digits = tag === Tag.utcTime ? 12 : 14;
  const isTime = tag === Tag.utcTime || tag === Tag.generalizedTime;
  // 'Z'.
  if (!isTime || end - start !== digits + 1 || bytes[end - 1] !== 0x5a) throw malformed();
  const two = (at: number): number => {
    const tens = bytes[at] - 0x30;
    const ones = bytes[at + 1] - 0x30;
    if (!(tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9)) throw malformed();
    return tens * 10 + ones;
  };
  const at = end - 11;
  const short = two(at - 2);
  const year = digits === 14 ? two(start) * 100 + short : short + (short < 50 ? 2000 : 1900);
  const month = two(at);
  const day = two(at + 2);
  const hour = two(at + 4);
  const minute = two(at + 6);
  const second = two(at + 8);
  const isReal = month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month);
  if (!isReal || hour > 23 || minute > 59 || second > 59) throw malformed();
  return (((daysTo(year, month, day) * 24 + hour) * 60 + minute) * 60 + second) * 1000;
}

function daysIn(year: number, month: number): number {
  // A thirteenth month is the next January.
  return daysTo(year, month + 1, 1) - daysTo(year, month, 1);
}

/** Days from 1970-01-01 to a day of the Gregorian calendar. */
function daysTo(year: number, month: number, day: number): number {
  // Years that begin in March have their leap day at the end.
  const y = month > 2 ? year : year - 1;
  const m = (month + 9) % 12;
  const leaps = Math.floor(y / 4) - Math.floor(y / 100) + Math.floor(y / 400);
  return y * 365 + leaps + Math.floor((m * 153 + 2) / 5) + day - 719_469;
}
