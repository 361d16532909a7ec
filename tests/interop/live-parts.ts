/** What a live client is made of beside the firmware: its messages, and a tap on its wire. */

import {
  emptyMessage,
  type MessageSource,
  type OutgoingMessage,
} from '../../firmware/mqtt/message-source.ts';
import type { Network, Transport, TransportHandler } from '../../firmware/ports.ts';

/** A message to publish; QoS 1 unless given. */
export interface Outgoing extends Partial<Omit<OutgoingMessage, 'token' | 'topic'>> {
  readonly topic: string;
  readonly payload?: string | Uint8Array;
}

/** Messages in order; each is kept until it is settled. */
export class QueueSource implements MessageSource {
  readonly message: OutgoingMessage = emptyMessage();
  /** Tokens that were sent again on a resumed session. */
  readonly redelivered: number[] = [];
  /** Where a topic is to be one array for all its messages: it may get an alias then. */
  topicOf: (topic: string) => Uint8Array = (topic) => Buffer.from(topic);
  readonly #list: { fields: Outgoing; topic: Uint8Array; payload: Uint8Array; reason: number }[] =
    [];
  readonly #changed: () => void;
  #cursor = 0;
  #current = 0;

  constructor(changed: () => void) {
    this.#changed = changed;
  }

  add(fields: Outgoing): number {
    const payload = Buffer.from(fields.payload ?? '');
    this.#list.push({ fields, topic: this.topicOf(fields.topic), payload, reason: -1 });
    return this.#list.length;
  }

  /** The reason that the message was settled with; -1 while it is not. */
  reasonOf(token: number): number {
    return this.#list[token - 1].reason;
  }

  next(): boolean {
    while (this.#cursor < this.#list.length && this.#list[this.#cursor].reason >= 0) {
      this.#cursor += 1;
    }
    if (this.#cursor === this.#list.length) return false;
    this.#load(this.#cursor);
    this.#cursor += 1;
    return true;
  }

  putBack(): void {
    this.#cursor = this.#current;
  }

  reload(token: number): boolean {
    this.#load(token - 1);
    return true;
  }

  writePayload(into: Uint8Array, at: number): number {
    const { payload } = this.#list[this.#current];
    if (at < into.length) into.set(payload.subarray(0, into.length - at), at);
    return at + payload.length;
  }

  published(again: boolean): void {
    if (again) this.redelivered.push(this.#current + 1);
  }

  settled(token: number, reason: number): void {
    this.#list[token - 1].reason = reason;
    this.#changed();
  }

  rewind(): void {
    this.#cursor = 0;
  }

  #load(index: number): void {
    const { fields, topic } = this.#list[index];
    this.#current = index;
    Object.assign(this.message, emptyMessage(), { qos: 1 }, fields, { token: index + 1, topic });
  }
}

/** Passes everything on, keeps what was sent, and can cut the wire. */
export class Tap implements Network {
  /** Copies of what was written, in order. */
  readonly sent: Buffer[] = [];
  readonly #network: Network;
  #transport: Transport | undefined;
  #handler: TransportHandler | undefined;

  constructor(network: Network) {
    this.#network = network;
  }

  resolve(host: string, done: (address: string) => void) {
    return this.#network.resolve(host, done);
  }

  connect(...[target, handler]: Parameters<Network['connect']>): Transport {
    const below = this.#network.connect(target, handler);
    this.#transport = below;
    this.#handler = handler;
    return {
      read: (into, start, end) => below.read(into, start, end),
      write: (from, start, end) => {
        const count = below.write(from, start, end);
        this.sent.push(Buffer.from(from.subarray(start, start + count)));
        return count;
      },
      close: () => below.close(),
    };
  }

  /** Ends the connection below MQTT, without a DISCONNECT, as when the network goes away. */
  cut(): void {
    this.#transport?.close();
    this.#handler?.closed('timed out');
  }
}
