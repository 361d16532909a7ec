/** A device's topics, as text for people and as bytes for the wire. */

import { encodeTopic } from './mqtt/topics.ts';

export class DeviceTopics {
  readonly status: Uint8Array;
  readonly telemetry: Uint8Array;
  readonly history: Uint8Array;
  readonly diagnostics: Uint8Array;
  readonly response: Uint8Array;
  /** Commands are below it: with its slash, and without the command's name. */
  readonly command: string;
  private readonly topics: readonly Uint8Array[];
  private readonly texts: readonly string[];

  /** @throws ConfigError when the base is no topic name */
  constructor(base: string) {
    const names = ['status', 'telemetry', 'history', 'diagnostics', 'response'];
    this.texts = names.map((name) => `${base}/${name}`);
    this.topics = this.texts.map(encodeTopic);
    [this.status, this.telemetry, this.history, this.diagnostics, this.response] = this.topics;
    this.command = `${base}/command/`;
  }

  /** The text of one of the topics above. */
  text(topic: Uint8Array): string {
    return this.texts[this.topics.indexOf(topic)];
  }
}
