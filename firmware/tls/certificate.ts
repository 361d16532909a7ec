/**
 * What a chain check needs of an X.509 certificate (RFC 5280), read from its DER: names, times, and
 * whether it may sign others. Signatures are the platform's. Malformed DER throws.
 */

import { PeerError } from '../base/errors.ts';

export interface Certificate {
  readonly der: Uint8Array;
  /** DNS names in lower case, and IPv4 addresses with dots, of subjectAltName. */
  readonly names: readonly string[];
  /** Unix milliseconds. */
  readonly from: number;
  readonly to: number;
  /** basicConstraints say that it is an authority's. */
  readonly isAuthority: boolean;
}

const SEQUENCE = 0x30;
const BOOLEAN = 0x01;
const EXTENSIONS = 0xa3;
const UTC_TIME = 0x17;
const DNS_NAME = 0x82;
const IP_ADDRESS = 0x87;
/** The last byte of 2.5.29.n, whose DER is 06 03 55 1D n. */
const ALT_NAME = 17;
const CONSTRAINTS = 19;

/** One element of DER: `bytes[start..end)` is its content. */
interface Element {
  readonly tag: number;
  readonly start: number;
  readonly end: number;
}

/** @throws PeerError when it is no certificate */
export function readCertificate(der: Uint8Array): Certificate {
  const tbs = within(der, only(elements(der, 0, der.length)[0], SEQUENCE))[0];
  const fields = within(der, only(tbs, SEQUENCE));
  // Version [0] is there in every certificate with extensions; validity is the fifth field then.
  const times = within(der, only(fields[fields[0]?.tag === 0xa0 ? 4 : 3], SEQUENCE));
  const list = fields.find(({ tag }) => tag === EXTENSIONS);
  const extensions = list === undefined ? [] : within(der, within(der, list)[0]);
  let names: string[] = [];
  let isAuthority = false;
  for (const extension of extensions) {
    const parts = within(der, extension);
    const value = parts[parts.length - 1];
    const kind = extensionOf(der, parts[0]);
    if (kind !== ALT_NAME && kind !== CONSTRAINTS) continue;
    const inner = within(der, elements(der, value.start, value.end)[0]);
    if (kind === ALT_NAME) names = inner.flatMap((name) => nameOf(der, name));
    else isAuthority = inner[0]?.tag === BOOLEAN && der[inner[0].start] !== 0;
  }
  return { der, names, from: timeOf(der, times[0]), to: timeOf(der, times[1]), isAuthority };
}

function within(der: Uint8Array, element: Element | undefined): Element[] {
  return element === undefined ? [] : elements(der, element.start, element.end);
}

function only(element: Element | undefined, tag: number): Element {
  if (element?.tag !== tag) throw malformed();
  return element;
}

function malformed(): PeerError {
  return new PeerError(0, 'malformed certificate');
}

/** The elements that lie side by side in `der[start..end)`. */
function elements(der: Uint8Array, start: number, end: number): Element[] {
  const found: Element[] = [];
  for (let at = start; at < end; ) {
    const tag = der[at];
    let length = der[at + 1];
    at += 2;
    if (length >= 0x80) {
      const size = length & 0x7f;
      if (size === 0 || size > 3) throw malformed();
      length = 0;
      for (let i = 0; i < size; i++) length = length * 256 + der[at++];
    }
    // Also when the length itself ran past the end, and is no number.
    if (!(at + length <= end)) throw malformed();
    found.push({ tag, start: at, end: at + length });
    at += length;
  }
  return found;
}

/** Which of 2.5.29.* an extension is, or -1. */
function extensionOf(der: Uint8Array, oid: Element | undefined): number {
  if (oid === undefined) throw malformed();
  const { start, end } = oid;
  return end - start === 3 && der[start] === 0x55 && der[start + 1] === 0x1d ? der[start + 2] : -1;
}

function nameOf(der: Uint8Array, { tag, start, end }: Element): string[] {
  const bytes = der.subarray(start, end);
  if (tag === DNS_NAME) return [String.fromCharCode(...bytes).toLowerCase()];
  return tag === IP_ADDRESS && bytes.length === 4 ? [bytes.join('.')] : [];
}

/** UTCTime or GeneralizedTime, in UTC as RFC 5280 4.1.2.5 demands. */
function timeOf(der: Uint8Array, element: Element | undefined): number {
  if (element === undefined) throw malformed();
  const digits = String.fromCharCode(...der.subarray(element.start, element.end));
  const short = element.tag === UTC_TIME;
  const text = short ? `${digits.slice(0, 2) < '50' ? '20' : '19'}${digits}` : digits;
  if (!/^\d{14}Z$/.test(text)) throw malformed();
  const part = (at: number): number => Number(text.slice(at, at + 2));
  const days = daysTo(Number(text.slice(0, 4)), part(4), part(6));
  return ((days * 24 + part(8)) * 60 + part(10)) * 60_000 + part(12) * 1000;
}

/** Days from 1970-01-01 to a day of the Gregorian calendar. */
function daysTo(year: number, month: number, day: number): number {
  // Years that begin in March have their leap day at the end.
  const y = month > 2 ? year : year - 1;
  const m = (month + 9) % 12;
  const leaps = Math.floor(y / 4) - Math.floor(y / 100) + Math.floor(y / 400);
  return y * 365 + leaps + Math.floor((m * 153 + 2) / 5) + day - 719_469;
}
