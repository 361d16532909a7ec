/** Ports of this machine: free ones for a broker, and those that are open to the outside. */

import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { type Listener, loopback } from './mosquitto-config.ts';

/** The ports on which anything on this machine listens on an address other than 127.0.0.1. */
export function listeningOutsideLoopback(): Set<number> {
  const ports = new Set<number>();
  for (const file of ['/proc/net/tcp', '/proc/net/tcp6']) {
    for (const line of readTable(file)) {
      const [, local = '', , state] = line.trim().split(/\s+/);
      const [address, port = ''] = local.split(':');
      if (state === '0A' && address !== '0100007F') ports.add(Number.parseInt(port, 16));
    }
  }
  return ports;
}

/** Only Linux has these tables. */
function readTable(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').split('\n').slice(1);
  } catch {
    return [];
  }
}

/** A free loopback port for `tcp` and for each other listener asked for. */
export async function freePorts(asked: readonly Listener[]): Promise<Map<Listener, number>> {
  const listeners = new Set<Listener>(['tcp', ...asked]);
  const ports = new Map<Listener, number>();
  const servers = [...listeners].map((listener) => {
    const server = createServer();
    return new Promise<typeof server>((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, loopback, () => {
        ports.set(listener, (server.address() as { port: number }).port);
        resolve(server);
      });
    });
  });
  for (const server of await Promise.all(servers)) {
    await new Promise((resolve) => server.close(resolve));
  }
  return ports;
}
