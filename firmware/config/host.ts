/**
 * The broker as people write it: a name, an address, or a whole `mqtts://name:port/path` pasted in;
 * with `user:password@` before the name, which `takeApart` takes out. It refuses unknown schemes and
 * names beyond ASCII. Resolves nothing.
 *
 * XS 13.3 miscounts `{0,61}` inside of an optional group: lengths are measured beside the patterns.
 */

import { type Encryption, PATH_MAX } from './fields.ts';

/** The parts of an address; undefined for a part that it leaves out. */
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
  const parts = /^(?:([a-z]+):\/\/)?(?:\[(.+)\]|([^:/]+))(?::(\d+))?(\/[!-~]*)?$/i.exec(text);
  if (!parts) return undefined;
  const host = parts[2] ?? parts[3];
  const encryption = parts[1] && SCHEMES[parts[1].toLowerCase()];
  // No name that every object has, such as `toString`, is a scheme.
  if (parts[1] && typeof encryption !== 'string') return undefined;
  if (parts[2] ? !isIpv6(host) : !isHost(host)) return undefined;
  const port = parts[4] ? Number(parts[4]) : undefined;
  if (port !== undefined && (port < 1 || port > 65_535)) return undefined;
  const path = parts[5] === '/' ? undefined : parts[5];
  if (path && (!/websocket/.test(`${encryption}`) || path.length > PATH_MAX)) return undefined;
  return { host, port, encryption: encryption as Encryption | undefined, path };
}

/** A URL without its credentials, and those credentials. */
export interface ApartUrl {
  readonly address: string;
  readonly user: string;
  /** Undefined: none was written. */
  readonly password: string | undefined;
}

/**
 * Takes the credentials out of a URL (RFC 3986, 3.2.1), percent-decoded.
 * @returns undefined where there are none, or they are malformed
 */
export function takeApart(text: string): ApartUrl | undefined {
  const start = text.indexOf('://') + 3;
  if (start < 3) return undefined;
  const slash = text.indexOf('/', start);
  const at = text.slice(0, slash < 0 ? text.length : slash).lastIndexOf('@');
  if (at < start) return undefined;
  const colon = text.slice(0, at).indexOf(':', start);
  try {
    return {
      address: text.slice(0, start) + text.slice(at + 1),
      user: decodeURIComponent(text.slice(start, colon < 0 ? at : colon)),
      password: colon < 0 ? undefined : decodeURIComponent(text.slice(colon + 1, at)),
    };
  } catch {
    return undefined;
  }
}

/** Whether it is a DNS name (RFC 1123, underscores let through), an IPv4 or an IPv6 address. */
export function isHost(text: string): boolean {
  if (isIpv6(text)) return true;
  if (/(?:^|\.)\d*$/.test(text)) return readIpv4(text) !== undefined;
  if (!/^[a-z0-9_.-]+$/i.test(text) || /(?:^|\.)[-.]|-(?:\.|$)/.test(text)) return false;
  return text.length <= 253 && text.split('.').every((label) => label.length <= 63);
}

/** Dotted IPv4 as a number of 32 bits; a leading zero, which some read as octal, is refused. */
export function readIpv4(text: string): number | undefined {
  const parts = text.split('.');
  let address = 0;
  const isGood = parts.every((part) => {
    const byte = Number(part);
    address = address * 256 + byte;
    return byte >= 0 && byte <= 255 && String(byte) === part;
  });
  return isGood && parts.length === 4 ? address : undefined;
}

/** Whether it is a netmask: ones, then zeros, from /1 to /30. */
export function isNetmask(text: string): boolean {
  const mask = readIpv4(text);
  if (!mask) return false;
  const hosts = 0xffff_ffff - mask;
  return hosts >= 3 && (hosts & (hosts + 1)) === 0;
}

/** RFC 4291, section 2.2, without a zone. */
function isIpv6(text: string): boolean {
  const dotted = /[^:]*$/.exec(text)?.[0] ?? '';
  // The last 32 bits may be dotted; they stand for two groups.
  const plain = readIpv4(dotted) === undefined ? text : `${text.slice(0, -dotted.length)}0:0`;
  if (!/^[0-9a-f:]+$/i.test(plain) || /[0-9a-f]{5}|:::|^:[^:]|[^:]:$|::.*::/i.test(plain)) {
    return false;
  }
  const groups = plain.split(':').filter((group) => group !== '').length;
  return plain.includes('::') ? groups < 8 : groups === 8;
}
