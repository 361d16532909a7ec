/**
 * Retained messages that are to be forgotten, as a source of MQTT messages: each topic gets an empty
 * one (5.0 and 3.1.1 section 3.3.1.3), in the order given. It is over once the broker has answered
 * for all of them, whatever it said.
 */

import { emptyMessage, type MessageSource } from '../../mqtt/message-source.ts';

export class Withdrawal implements MessageSource {
  readonly message = emptyMessage();
  private readonly topics: readonly Uint8Array[];
  private readonly done: () => void;
  private following = 0;
  private open: number;

  /** @param topics one or more @param done called once, from inside the session */
  constructor(topics: readonly Uint8Array[], done: () => void) {
    this.topics = topics;
    this.done = done;
    this.open = topics.length;
    this.message.qos = 1;
    this.message.retain = true;
  }

  next(): boolean {
    const { topics, following } = this;
    if (following === topics.length) return false;
    this.following += 1;
    return this.reload(following);
  }

  putBack(): void {
    this.following -= 1;
  }

  reload(token: number): boolean {
    this.message.token = token;
    this.message.topic = this.topics[token];
    return true;
  }

  writePayload(_into: Uint8Array, at: number): number {
    return at;
  }

  published(): void {}

  settled(): void {
    this.open -= 1;
    if (this.open === 0) this.done();
  }

  rewind(): void {
    this.following = 0;
    this.open = this.topics.length;
  }
}
