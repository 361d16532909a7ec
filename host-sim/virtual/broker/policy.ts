/**
 * An access policy as AWS IoT and many 3.1.1 brokers have it: what is forbidden is answered with
 * the end of the connection.
 */
import type { Client } from './client.ts';

export interface Policy {
  /** Whether a client may not do this; `topic` is a topic name, or a filter. */
  forbids: (act: 'publish' | 'subscribe', topic: string) => boolean;
  /** How the connection ends: without a word, or in 5.0 with this reason code in a DISCONNECT. */
  end: 'close' | number;
}

export const ALLOW_ALL: Policy = Object.freeze({ forbids: () => false, end: 'close' } as const);

/** A policy that ends connections at topics with one of these endings. */
export function forbidding(endings: readonly string[], end: Policy['end'] = 'close'): Policy {
  return { forbids: (_act, topic) => endings.some((ending) => topic.endsWith(ending)), end };
}

/** Ends the connection where its policy says so. @returns whether it did */
export function enforce(client: Client, act: 'publish' | 'subscribe', topic: string): boolean {
  const { forbids, end } = client.core.settings.policy;
  if (!forbids(act, topic)) return false;
  if (end === 'close' || client.version === 4) client.finish('close', `broker: ${act} forbidden`);
  else client.disconnect(end, `broker: ${act} forbidden`);
  return true;
}
