/** A device's topics, as text for people and as bytes for the wire. */

import { decodeUtf8 } from '../base/utf8.ts';
import { encodeTopic } from '../mqtt/codec/topics.ts';

export class DeviceTopics {
  readonly status: Uint8Array;
  readonly telemetry: Uint8Array;
  readonly history: Uint8Array;
  readonly diagnostics: Uint8Array;
  readonly response: Uint8Array;
  /** Alarms are below it: with its slash, and without the alarm's name. */
  readonly alarm: string;
  readonly reported: Uint8Array;
  /** Commands are below it: with its slash, and without the command's name. */
  readonly command: string;
  /** What the settings are wanted to be; single ones are below it. */
  readonly desired: string;
  private readonly topics: readonly Uint8Array[];
  private readonly texts: readonly string[];

  /** @throws ConfigError when the base is no topic name */
  constructor(base: string) {
    const names = ['status', 'telemetry', 'history', 'diagnostics', 'response', 'reported'];
    this.texts = names.map((name) => `${base}/${name}`);
    this.topics = together(this.texts.map(encodeTopic));
    this.alarm = `${base}/alarm/`;
    [this.status, this.telemetry, this.history, this.diagnostics, this.response, this.reported] =
      this.topics;
    this.command = `${base}/command/`;
    this.desired = `${base}/desired`;
  }

  /** A topic's text: at hand for those above, made for others, as where a request is answered. */
  text(topic: Uint8Array): string {
    return this.texts[this.topics.indexOf(topic)] ?? decodeUtf8(topic, 0, topic.length);
  }
}

/** The same bytes as views of one buffer: on XS a buffer of its own costs each as much again. */
function together(parts: readonly Uint8Array[]): Uint8Array[] {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let end = 0;
  return parts.map((part) => {
    bytes.set(part, end);
    end += part.length;
    return bytes.subarray(end - part.length, end);
  });
}
