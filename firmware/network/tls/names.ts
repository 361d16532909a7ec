/**
 * Whether a certificate bears the name that was asked for (RFC 6125, RFC 9525): compared in place,
 * in subjectAltName only. A common name counts for nothing, but is told apart: many guides make
 * certificates that have nothing else.
 */

import { DerCursor, Tag } from '../../base/der.ts';
import { addressOf } from '../../base/ip-address.ts';
import type { Certificate } from './certificate.ts';

export type NameVerdict = 'good' | 'another' | 'only a common name';

const DNS_NAME = 0x82;
const IP_ADDRESS = 0x87;
/** 2.5.4.3. */
const COMMON_NAME = '550403';
const STAR = 0x2a;
const DOT = 0x2e;

/**
 * @param name a host name, or an IPv4 or IPv6 address, which only an iPAddress entry can match
 * @throws PeerError when the names are malformed
 */
export function judgeName({ names, subject }: Certificate, name: string): NameVerdict {
  const address = addressOf(name);
  let hasAny = false;
  let isFound = false;
  if (names !== undefined) {
    const list = new DerCursor(names);
    while (list.next()) {
      const isDns = list.tag === DNS_NAME;
      if (!isDns && list.tag !== IP_ADDRESS) continue;
      hasAny = true;
      const isMatch = isDns
        ? address === undefined && isDnsMatch(list, name)
        : address !== undefined && isSame(list, address);
      isFound = isFound || isMatch;
    }
  }
  if (isFound) return 'good';
  return !hasAny && hasCommonName(subject) ? 'only a common name' : 'another';
}

function isSame({ bytes, start, end }: DerCursor, address: Uint8Array): boolean {
  if (end - start !== address.length) return false;
  for (let i = 0; i < address.length; i++) if (bytes[start + i] !== address[i]) return false;
  return true;
}

/** A star stands for one label, the first one, above two others at least (RFC 6125 6.4.3). */
function isDnsMatch({ bytes, start, end }: DerCursor, name: string): boolean {
  // What ends in a number is an address that somebody wrote in another way.
  if (/(?:^|\.)[0-9]+\.?$/.test(name)) return false;
  if (bytes[start] !== STAR || bytes[start + 1] !== DOT) return isText(bytes, start, end, name, 0);
  const dot = name.indexOf('.');
  if (dot <= 0 || name.indexOf('.', dot + 1) < 0) return false;
  return isText(bytes, start + 1, end, name, dot);
}

/** Whether `bytes[start..end)` is `name` from `from` on, whatever the case of ASCII letters. */
function isText(
  bytes: Uint8Array,
  start: number,
  end: number,
  name: string,
  from: number,
): boolean {
  if (end - start !== name.length - from) return false;
  for (let i = 0; i < end - start; i++) {
    if (lower(bytes[start + i]) !== lower(name.charCodeAt(from + i))) return false;
  }
  return true;
}

function lower(letter: number): number {
  return letter >= 0x41 && letter <= 0x5a ? letter | 0x20 : letter;
}

/** A Name is a sequence of sets of attributes. */
function hasCommonName(subject: Uint8Array): boolean {
  const name = new DerCursor(subject);
  name.take(Tag.sequence);
  name.enter();
  while (name.next()) {
    if (name.tag !== Tag.set) continue;
    const set = name.inside();
    while (set.next()) {
      const attribute = set.inside();
      if (attribute.takeIf(Tag.oid) && attribute.isHex(COMMON_NAME)) return true;
    }
  }
  return false;
}
