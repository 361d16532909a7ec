/**
 * A broker as it is written on the command line, `mqtts://user:password@host:8883`, taken apart.
 * A password never gets into a problem's text.
 */
import type { Scheme } from '../../firmware/ports.ts';
import { shown } from './arguments.ts';

/** Where the broker is, and the credentials that the address carried. */
export interface BrokerAddress {
  readonly scheme: Scheme;
  readonly host: string;
  readonly port: number;
  /** For ws and wss, with its leading slash; empty otherwise. */
  readonly path: string;
  readonly user?: string;
  readonly password?: string;
}

const PORTS: Readonly<Record<Scheme, number>> = Object.freeze({
  mqtt: 1883,
  mqtts: 8883,
  ws: 80,
  wss: 443,
});
/** Where most brokers expect WebSocket; Mosquitto takes any path. */
const PATH_DEFAULT = '/mqtt';

export const BROKER_FORM = 'mqtt://, mqtts://, ws:// or wss://host[:port][/path]';

/** @returns the parts, or what is wrong as the end of a sentence. */
export function parseBroker(text: string): BrokerAddress | string {
  const told = shown(text);
  const wrong = `${told} is not a broker; expected ${BROKER_FORM}`;
  const [, scheme, rest] = /^([a-z]+):\/\/(.+)$/i.exec(text) ?? [];
  if (scheme === undefined || !Object.hasOwn(PORTS, scheme.toLowerCase())) return wrong;
  // Only http is parsed to the letter by URL: names, ports and addresses in brackets are checked.
  const url = URL.canParse(`http://${rest}`) ? new URL(`http://${rest}`) : undefined;
  // An empty port is let through by URL; it is a forgotten one.
  if (url === undefined || /\s/.test(text) || /^[^/?#]*:(?:[/?#]|$)/.test(rest)) return wrong;
  const known = scheme.toLowerCase() as Scheme;
  const path = pathOf(known, rest, url);
  if (path === undefined) return `${told} has a path; only ws:// and wss:// take one`;
  const credentials = decode(url);
  if (credentials === undefined) return `${told} has a user or password with a bad % sequence`;
  const port = portOf(known, rest, url);
  if (port === 0) return `${told} has port 0; expected 1 to 65535`;
  return { scheme: known, host: url.hostname.replace(/^\[|\]$/g, ''), port, path, ...credentials };
}

/** URL leaves 80 out, which is http's own, so an empty port may have been written. */
function portOf(scheme: Scheme, rest: string, url: URL): number {
  if (url.port !== '') return Number(url.port);
  const authority = rest.split(/[/?#]/, 1)[0];
  return /:0*80$/.test(authority) ? 80 : PORTS[scheme];
}

function pathOf(scheme: Scheme, rest: string, url: URL): string | undefined {
  if (url.hash !== '') return undefined;
  const written = /[/?]/.test(rest);
  if (scheme === 'ws' || scheme === 'wss') {
    return written ? url.pathname + url.search : PATH_DEFAULT;
  }
  return url.pathname === '/' && url.search === '' ? '' : undefined;
}

function decode(url: URL): { user?: string; password?: string } | undefined {
  try {
    const user = decodeURIComponent(url.username);
    const password = decodeURIComponent(url.password);
    return {
      ...(user === '' ? {} : { user }),
      ...(password === '' ? {} : { password }),
    };
  } catch {
    return undefined;
  }
}

/** As people read it, without credentials. */
export function showBroker(broker: BrokerAddress): string {
  const host = broker.host.includes(':') ? `[${broker.host}]` : broker.host;
  return `${broker.scheme}://${host}:${broker.port}${broker.path}`;
}
