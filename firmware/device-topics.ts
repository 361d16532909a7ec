/** A device's topics, as text for people and as bytes for the wire. */

import { encodeTopic } from './mqtt/topics.ts';

export class DeviceTopics {
  readonly status: Uint8Array;
  readonly telemetry: Uint8Array;
  readonly history: Uint8Array;
  readonly diagnostics: Uint8Array;
  private readonly topics: readonly Uint8Array[];
  private readonly texts: readonly string[];

  /** @throws ConfigError when the base is no topic name */
  constructor(base: string) {
    const names = ['status', 'telemetry', 'history', 'diagnostics'];
    this.texts = names.map((name) => `${base}/${name}`);
    this.topics = this.texts.map(encodeTopic);
    [this.status, this.telemetry, this.history, this.diagnostics] = this.topics;
  }

  /** The text of one of the topics above. */
  text(topic: Uint8Array): string {
    return this.texts[this.topics.indexOf(topic)];
  }
}
