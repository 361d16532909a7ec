/**
 * The broker as people write it: a name, an address, or a whole `mqtts://name:port/path` pasted in.
 * It refuses unknown schemes, credentials in the address, and names beyond ASCII. Resolves nothing.
 */

import type { Encryption } from './fields.ts';

/** What an address said; undefined where it was silent. */
export interface WrittenBroker {
  readonly host: string;
  readonly port: number | undefined;
  readonly encryption: Encryption | undefined;
  readonly path: string | undefined;
}

const SCHEMES: Readonly<Record<string, Encryption>> = Object.freeze({
  mqtt: 'none',
  tcp: 'none',
  mqtts: 'tls',
  ssl: 'tls',
  ws: 'websocket',
  wss: 'tls-websocket',
});

/** @returns the parts, or undefined for what is no address of a broker */
export function readBroker(text: string): WrittenBroker | undefined {
  if (isHost(text)) return { host: text, port: undefined, encryption: undefined, path: undefined };
  const parts = /^(?:([a-z]+):\/\/)?(?:\[([^\]]+)\]|([^:/]+))(?::(\d{1,5}))?(\/.*)?$/i.exec(text);
  if (!parts) return undefined;
  const [, scheme, bracketed, name, digits, written] = parts;
  const encryption = scheme === undefined ? undefined : SCHEMES[scheme.toLowerCase()];
  // No scheme is a method of all objects either.
  if (scheme !== undefined && typeof encryption !== 'string') return undefined;
  if (bracketed === undefined ? !isHost(name) : !isIpv6(bracketed)) return undefined;
  const port = digits === undefined ? undefined : Number(digits);
  if (port === 0 || (port as number) > 65_535) return undefined;
  const path = written === '/' ? undefined : written;
  if (path !== undefined && !(encryption ?? '').endsWith('websocket')) return undefined;
  return { host: bracketed ?? name, port, encryption, path };
}

/** Whether it is a DNS name (RFC 1123, underscores let through), an IPv4 or an IPv6 address. */
export function isHost(text: string): boolean {
  if (isIpv6(text)) return true;
  const labels = text.split('.');
  if (/^\d*$/.test(labels[labels.length - 1])) return readIpv4(text) !== undefined;
  return (
    text.length <= 253 &&
    labels.every((label) => /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/i.test(label))
  );
}

/** Dotted IPv4 as a number of 32 bits; a leading zero, which some read as octal, is refused. */
export function readIpv4(text: string): number | undefined {
  const parts = text.split('.');
  let address = 0;
  for (const part of parts) {
    if (!/^(?:0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255) return undefined;
    address = address * 256 + Number(part);
  }
  return parts.length === 4 ? address : undefined;
}

/** Whether it is a netmask: ones, then zeros, from /1 to /30. */
export function isNetmask(text: string): boolean {
  const mask = readIpv4(text);
  if (mask === undefined || mask === 0) return false;
  const hosts = 0xffff_ffff - mask;
  return hosts >= 3 && (hosts & (hosts + 1)) === 0;
}

/** RFC 4291, section 2.2, without a zone. */
function isIpv6(text: string): boolean {
  const halves = text.split('::');
  let groups = 0;
  for (let i = 0; i < halves.length; i += 1) {
    if (halves[i] === '') continue;
    const parts = halves[i].split(':');
    // The last 32 bits may be dotted.
    const last = parts[parts.length - 1];
    if (i === halves.length - 1 && last.includes('.')) {
      if (readIpv4(last) === undefined) return false;
      parts.pop();
      groups += 2;
    }
    if (!parts.every((part) => /^[0-9a-f]{1,4}$/i.test(part))) return false;
    groups += parts.length;
  }
  return halves.length === 1 ? groups === 8 : halves.length === 2 && groups < 8;
}
