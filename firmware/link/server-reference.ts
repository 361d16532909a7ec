/**
 * Reads the Server Reference of MQTT 5.0 (3.2.2.3.16, 3.14.2.3.5; format by example in 4.11).
 *
 * It comes from the network, so everything that is not plainly `name[:port]`, `a.b.c.d[:port]` or
 * `[v6][:port]` is refused: schemes, paths, user names, bare IPv6, port 0. Of a list separated by
 * spaces only the first is read. It resolves nothing and decides nothing.
 */

/** Where another server is said to be. */
export interface ServerReference {
  /** A name or an address; IPv6 without its brackets. */
  readonly host: string;
  /** 1 to 65535. */
  readonly port: number;
}

/** A name in DNS has at most 253 characters; with brackets or a port it is still under this. */
const REFERENCE_CHARACTERS_MAX = 261;
const NAME = /^(?!-)[A-Za-z0-9_.-]{1,253}$/;
const IPV6 = /^[0-9A-Fa-f:.]{2,45}$/;

/** The first reference of the list, or undefined when it is none. No port means `portDefault`. */
export function parseServerReference(
  text: string,
  portDefault: number,
): ServerReference | undefined {
  let start = 0;
  while (start < text.length && text[start] === ' ') start += 1;
  const space = text.indexOf(' ', start);
  const end = space < 0 ? text.length : space;
  if (end - start > REFERENCE_CHARACTERS_MAX) return undefined;
  const first = text.slice(start, end);
  return first.startsWith('[') ? bracketed(first, portDefault) : plain(first, portDefault);
}

function bracketed(text: string, portDefault: number): ServerReference | undefined {
  const close = text.indexOf(']');
  if (close < 0) return undefined;
  const host = text.slice(1, close);
  if (!IPV6.test(host) || host.indexOf(':') < 0) return undefined;
  if (close === text.length - 1) return { host, port: portDefault };
  if (text[close + 1] !== ':') return undefined;
  return withPort(host, text.slice(close + 2));
}

function plain(text: string, portDefault: number): ServerReference | undefined {
  const colon = text.indexOf(':');
  const host = colon < 0 ? text : text.slice(0, colon);
  if (!NAME.test(host) || host.startsWith('.')) return undefined;
  return colon < 0 ? { host, port: portDefault } : withPort(host, text.slice(colon + 1));
}

function withPort(host: string, digits: string): ServerReference | undefined {
  if (!/^[0-9]{1,5}$/.test(digits)) return undefined;
  const port = Number(digits);
  return port >= 1 && port <= 65_535 ? { host, port } : undefined;
}
