/** A message source over a list: what a test wants to be sent, and how each message ended. */

import {
  emptyMessage,
  type MessageSource,
  type OutgoingMessage,
} from '../../firmware/mqtt/message-source.ts';
import { utf8 } from './mqtt-bytes.ts';

/** A message to send; what is left out is as in `emptyMessage`. */
export interface ListedMessage extends Partial<Omit<OutgoingMessage, 'token' | 'topic'>> {
  readonly topic: string | Uint8Array;
  readonly payload?: string | Uint8Array;
}

export class ListSource implements MessageSource {
  readonly message: OutgoingMessage = emptyMessage();
  /** `token:reason` in the order in which messages were settled; tokens count from 1. */
  readonly ended: string[] = [];
  /** The tokens in the order in which they were put into the transmit buffer. */
  readonly sent: string[] = [];
  private readonly list: { fields: ListedMessage; topic: Uint8Array; payload: Uint8Array }[] = [];
  private given = 0;
  private current = 0;

  constructor(...messages: readonly ListedMessage[]) {
    for (const message of messages) this.add(message);
  }

  add(fields: ListedMessage): void {
    const { topic, payload = '' } = fields;
    this.list.push({
      fields,
      topic: typeof topic === 'string' ? utf8(topic) : topic,
      payload: typeof payload === 'string' ? utf8(payload) : payload,
    });
  }

  next(): boolean {
    if (this.given === this.list.length) return false;
    this.load(this.given++);
    return true;
  }

  putBack(): void {
    this.given--;
  }

  reload(token: number): boolean {
    this.load(token - 1);
    return true;
  }

  writePayload(into: Uint8Array, at: number): number {
    const { payload } = this.list[this.current];
    for (let i = 0; i < payload.length; i++) into[at + i] = payload[i];
    return at + payload.length;
  }

  published(again: boolean): void {
    this.sent.push(`${this.current + 1}${again ? ' again' : ''}`);
  }

  settled(token: number, reason: number): void {
    this.ended.push(`${token}:${reason.toString(16)}`);
  }

  rewind(): void {
    this.given = this.ended.length;
  }

  private load(index: number): void {
    const { fields, topic } = this.list[index];
    this.current = index;
    Object.assign(this.message, emptyMessage(), fields, { token: index + 1, topic });
  }
}
