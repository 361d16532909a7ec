/** Outgoing messages without a session around them, for tests that are its broker. */

import type { MessageSource } from '../../firmware/mqtt/message-source.ts';
import { Limits } from '../../firmware/mqtt/session/limits.ts';
import { defaultOptions } from '../../firmware/mqtt/session/options.ts';
import { Outbound } from '../../firmware/mqtt/session/outbound.ts';
import { ReceiveBuffer } from '../../firmware/mqtt/session/receive-buffer.ts';
import { Requests } from '../../firmware/mqtt/session/requests.ts';
import { TransmitBuffer } from '../../firmware/mqtt/session/transmit-buffer.ts';
import { hex, packetsIn, toHex, utf8 } from './mqtt-bytes.ts';
import { type ListedMessage, ListSource } from './mqtt-list-source.ts';

export const TOPIC = utf8('t');
/** In 3.1.1: 32 0a 0001 74 0001, and the text. */
export const USUAL: ListedMessage = { topic: TOPIC, payload: 'usual', qos: 1, packetId: 1 };

interface Setting {
  readonly sources?: readonly MessageSource[];
  readonly v5?: boolean;
  readonly windowMax?: number;
  readonly transmitBytes?: number;
  readonly limits?: Partial<Limits>;
}

export class OutboundBench {
  readonly source = new ListSource();
  readonly limits = Object.assign(new Limits(), { topicAliasMaximum: 4 });
  readonly out: TransmitBuffer;
  readonly requests: Requests;
  readonly outbound: Outbound;
  private readonly v5: boolean;

  constructor(setting: Setting = {}) {
    const { sources, v5 = false, windowMax = 8, transmitBytes = 400, limits } = setting;
    Object.assign(this.limits, limits);
    this.v5 = v5;
    this.out = new TransmitBuffer(transmitBytes);
    this.requests = new Requests(this.out, this.limits);
    const options = { ...defaultOptions, clientId: 'm', windowMax, aliasesOut: 4 };
    const all = sources ?? [this.source];
    this.outbound = new Outbound(all, this.out, this.limits, this.requests, options);
    this.outbound.resume(v5, false);
  }

  /** A new connection. */
  resume(isPresent: boolean, limits: Partial<Limits> = {}): this {
    Object.assign(this.limits, limits);
    this.out.clear();
    this.outbound.resume(this.v5, isPresent);
    return this;
  }

  /** What has been queued is written. @returns each packet as hex */
  written(): string[] {
    const { out } = this;
    const packets = packetsIn(out.bytes.slice(0, out.end)).map(toHex);
    out.clear();
    return packets;
  }

  /** Sends these, and what waits besides. @returns each packet as hex */
  send(...messages: readonly ListedMessage[]): string[] {
    for (const message of messages) this.source.add(message);
    this.outbound.fill(0);
    return this.written();
  }

  /** A PUBACK comes, by the long way. */
  puback(...packetIds: readonly number[]): void {
    for (const packetId of packetIds) this.outbound.puback(packetId, 0);
  }
}

/** A PUBACK lies in a receive buffer, with this before and behind it. */
export function receivedPuback(packetId: string, before = '', behind = ''): ReceiveBuffer {
  const received = new ReceiveBuffer(64, 64);
  const bytes = hex(`${before} 4002 ${packetId} ${behind}`);
  received.bytes.set(bytes);
  received.start = hex(before).length;
  received.end = bytes.length;
  return received;
}
