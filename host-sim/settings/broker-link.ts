/** The connection to the broker: MQTT.js, in 3.1.1, which every broker speaks. */

import { randomBytes } from 'node:crypto';
import { connectAsync, type MqttClient } from 'mqtt';
import { showBroker } from '../cli/broker-url.ts';
import type { TlsIdentity } from '../live/network.ts';
import type { SettingsOptions } from './options.ts';

const CONNECT_MS_MAX = 15_000;
/** Goodbye, where the broker does not answer any more. */
const END_MS_MAX = 2000;

export type Heard = (topic: string, payload: Uint8Array, isRetained: boolean) => void;

/** Why there is no connection; the message is one line for people. */
export class NoBroker extends Error {}

/** @throws NoBroker */
export async function linkTo(
  { broker, user, password }: SettingsOptions,
  { ca, cert, key }: TlsIdentity,
  heard: Heard,
): Promise<BrokerLink> {
  const url = showBroker(broker);
  const login = {
    ...(user !== '' && { username: user }),
    ...(password !== undefined && { password }),
  };
  try {
    const client = await connectAsync(
      url,
      {
        ...login,
        ca,
        cert,
        key,
        protocolVersion: 4,
        clientId: `mote-settings-${randomBytes(4).toString('hex')}`,
        connectTimeout: CONNECT_MS_MAX,
      },
      false,
    );
    return new BrokerLink(client, heard);
  } catch (error) {
    throw new NoBroker(`${url}: ${wordsOf(error)}`);
  }
}

export class BrokerLink {
  readonly #client: MqttClient;

  constructor(client: MqttClient, heard: Heard) {
    this.#client = client;
    client.on('message', (topic, payload, { retain }) => heard(topic, payload, retain));
    // It connects again by itself, and subscribes to the same.
    client.on('error', () => {});
  }

  /** @throws NoBroker where the broker forbids all of it */
  async subscribe(filters: readonly string[]): Promise<void> {
    const granted = await this.#client.subscribeAsync([...filters], { qos: 1 }).catch(() => []);
    if (granted.every(({ qos }) => qos > 2)) {
      throw new NoBroker(`the broker does not allow subscribing to ${filters.join(', ')}`);
    }
  }

  /** Resolves once the broker has it. */
  async retain(topic: string, payload: string): Promise<void> {
    await this.#client.publishAsync(topic, payload, { qos: 1, retain: true });
  }

  async close(): Promise<void> {
    const late = setTimeout(() => this.#client.end(true), END_MS_MAX);
    await this.#client.endAsync().catch(() => {});
    clearTimeout(late);
  }
}

const CODES: Readonly<Record<string, string>> = Object.freeze({
  ECONNREFUSED: 'nothing listens there',
  ENOTFOUND: 'the name is not known',
  ETIMEDOUT: 'no answer',
});

function wordsOf(error: unknown): string {
  const { code, message } = error as { code?: unknown; message?: string };
  const known = typeof code === 'string' ? CODES[code] : undefined;
  if (known !== undefined) return known;
  const first = String(message ?? error).split('\n', 1)[0];
  return first === '' ? String(code ?? 'the connection failed') : first;
}
