/** MQTT.js 5 as a peer: its window is the number of publish callbacks that are outstanding. */

import { connectAsync, type MqttClient } from 'mqtt';
import type { ThroughputClient, ThroughputSettings } from './throughput.ts';

/** Connects; see `OpenClient`. */
export async function openMqttJsClient(settings: ThroughputSettings): Promise<ThroughputClient> {
  const { host, port, version } = settings;
  const options = { protocolVersion: version, clean: true, reconnectPeriod: 0 } as const;
  const client = await connectAsync(`mqtt://${host}:${port}`, options, false);
  // The other two switch Nagle's algorithm off, too.
  (client.stream as unknown as { setNoDelay(on: boolean): void }).setNoDelay(true);
  return new MqttJsClient(client, settings);
}

class MqttJsClient implements ThroughputClient {
  readonly #client: MqttClient;
  readonly #settings: ThroughputSettings;
  readonly #payload: Buffer;

  constructor(client: MqttClient, settings: ThroughputSettings) {
    this.#client = client;
    this.#settings = settings;
    this.#payload = Buffer.alloc(settings.payloadBytes, 'x');
  }

  run(durationMs: number): Promise<number> {
    const client = this.#client;
    const { topic, window } = this.#settings;
    const payload = this.#payload;
    const qos = { qos: 1 } as const;
    const end = performance.now() + durationMs;
    let sent = 0;
    let acknowledged = 0;
    return new Promise((resolve, reject) => {
      const fail = () => reject(new Error('the connection of MQTT.js was lost'));
      client.once('close', fail);
      const publish = () => {
        sent += 1;
        client.publish(topic, payload, qos, settle);
      };
      const settle = (error?: Error | null) => {
        if (error) return reject(error);
        acknowledged += 1;
        if (performance.now() < end) return publish();
        if (acknowledged < sent) return undefined;
        client.off('close', fail);
        return resolve(acknowledged);
      };
      for (let index = 0; index < window; index += 1) publish();
    });
  }

  async close(): Promise<void> {
    await this.#client.endAsync(true);
  }
}
