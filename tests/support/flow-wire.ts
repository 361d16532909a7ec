/**
 * A tap on a device's network: every packet that its transports took or gave, decoded by a codec
 * that is not the firmware's, in words that tests can compare.
 */

import { type Packet, type Parser, parser } from 'mqtt-packet';
import type { Cancel, Network, Target, Transport, TransportHandler } from '../../firmware/ports.ts';

/** One packet on the wire. */
export interface WirePacket {
  /** World time of the write or read that completed it. */
  readonly at: number;
  /** Counts from 1. */
  readonly connection: number;
  readonly way: 'up' | 'down';
  readonly packet: Packet;
}

/** `publish 5 t=payload qos1 dup`, `pubrec 5`, `pubrec 5 0x92`, `pingreq`, ... */
export function wordsOf(packet: Packet): string {
  const { cmd, messageId } = packet;
  const id = messageId === undefined ? '' : ` ${messageId}`;
  if (packet.cmd === 'publish') {
    const { topic, payload, qos, dup, properties } = packet;
    const alias = properties?.topicAlias === undefined ? '' : `@${properties.topicAlias}`;
    return `publish${id} ${topic}${alias}=${payload} qos${qos}${dup ? ' dup' : ''}`;
  }
  const reason = 'reasonCode' in packet ? (packet.reasonCode ?? 0) : 0;
  return `${cmd}${id}${reason === 0 ? '' : ` 0x${reason.toString(16)}`}`;
}

class TappedTransport implements Transport {
  private readonly inner: Transport;
  private readonly up: Parser;
  private readonly down: Parser;

  constructor(inner: Transport, up: Parser, down: Parser) {
    this.inner = inner;
    this.up = up;
    this.down = down;
  }

  read(into: Uint8Array, start: number, end: number): number {
    const count = this.inner.read(into, start, end);
    if (count > 0) this.down.parse(Buffer.from(into.slice(start, start + count)));
    return count;
  }

  write(from: Uint8Array, start: number, end: number): number {
    const count = this.inner.write(from, start, end);
    if (count > 0) this.up.parse(Buffer.from(from.slice(start, start + count)));
    return count;
  }

  close(): void {
    this.inner.close();
  }
}

export class Wire implements Network {
  readonly packets: WirePacket[] = [];
  /** False keeps no packets, for long runs; `onPacket` hears of them all the same. */
  keeps = true;
  onPacket: ((packet: WirePacket) => void) | undefined;
  connections = 0;
  private readonly network: Network;
  private readonly now: () => number;
  private readonly version: () => number;

  /** @param version the protocol level that the next connection will speak */
  constructor(network: Network, now: () => number, version: () => number) {
    this.network = network;
    this.now = now;
    this.version = version;
  }

  resolve(host: string, done: (address: string) => void): Cancel {
    return this.network.resolve(host, done);
  }

  connect(target: Target, handler: TransportHandler): Transport {
    this.connections += 1;
    const inner = this.network.connect(target, handler);
    return new TappedTransport(inner, this.tap('up'), this.tap('down'));
  }

  /** The words of the packets that went up on a connection; the last one by default. */
  up(connection = this.connections): string[] {
    return this.words('up', connection);
  }

  /** The words of the packets that came down on a connection. */
  down(connection = this.connections): string[] {
    return this.words('down', connection);
  }

  /** The packets of one kind and way, on all connections. */
  all(way: 'up' | 'down', cmd: string): WirePacket[] {
    return this.packets.filter((one) => one.way === way && one.packet.cmd === cmd);
  }

  private words(way: 'up' | 'down', connection: number): string[] {
    const hits = this.packets.filter((one) => one.way === way && one.connection === connection);
    return hits.map(({ packet }) => wordsOf(packet));
  }

  private tap(way: 'up' | 'down'): Parser {
    const { connections: connection } = this;
    const decoder = parser({ protocolVersion: this.version() });
    decoder.on('packet', (packet) => {
      const seen = { at: this.now(), connection, way, packet };
      if (this.keeps) this.packets.push(seen);
      this.onPacket?.(seen);
    });
    decoder.on('error', () => {});
    return decoder;
  }
}
