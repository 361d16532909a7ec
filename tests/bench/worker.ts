/**
 * One peer in one cell, in a process of its own: connects, then runs a slice each time its parent
 * asks for one, and ends when the parent goes.
 */

import type { OpenClient, Peer, Slice, ThroughputSettings } from './throughput.ts';

/** What the parent sends: first the settings, then any number of slices. */
export type Order =
  | { readonly peer: Peer; readonly settings: ThroughputSettings }
  | { readonly durationMs: number };

/** What it gets back for each order. */
export type Answer = { readonly slice?: Slice; readonly error?: string };

/** Loaded on demand: a process holds the code of one peer only. */
const load: Readonly<Record<Peer, () => Promise<OpenClient>>> = Object.freeze({
  bound: async () => (await import('./pre-encoded-client.ts')).openPreEncodedClient,
  'mqtt.js': async () => (await import('./mqtt-js-client.ts')).openMqttJsClient,
  mote: async () => (await import('./mote-client.ts')).openMoteClient,
});

let client: Awaited<ReturnType<OpenClient>> | undefined;

async function obey(order: Order): Promise<Answer> {
  if ('peer' in order) {
    const open = await load[order.peer]();
    client = await open(order.settings);
    return {};
  }
  if (client === undefined) throw new Error('a slice was ordered before the settings');
  const before = process.cpuUsage();
  const start = performance.now();
  const acknowledged = await client.run(order.durationMs);
  const elapsedMs = performance.now() - start;
  const cpu = process.cpuUsage(before);
  return { slice: { acknowledged, elapsedMs, cpuMs: (cpu.user + cpu.system) / 1000 } };
}

process.on('disconnect', () => process.exit(0));
process.on('message', (order: Order) => {
  obey(order).then(
    (answer) => process.send?.(answer),
    (error: Error) => process.send?.({ error: error.message }),
  );
});
