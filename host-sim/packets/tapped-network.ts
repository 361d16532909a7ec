/**
 * The network port with a listener between: each MQTT packet of each connection, both ways, as it
 * passes. It changes nothing. Packets are decoded by the package `mqtt-packet`, which shares no line
 * with the firmware's codec: what is shown is what another program understands.
 */

import type { Packet } from 'mqtt-packet';
import type {
  Cancel,
  CloseReason,
  Network,
  Target,
  Transport,
  TransportHandler,
} from '../../firmware/ports.ts';
import { Decoder, type Frame, Framer, type Version } from '../virtual/broker/codec.ts';

/** Larger packets than any board sends or takes: the stream is not followed behind one. */
const PACKET_BYTES_MAX = 65_536;
const CONNECT = 1;

/** Where a packet went: `out` from the board to the broker. */
export type Direction = 'out' | 'in';

/** A packet, or in words why there is none to be shown; its bytes are nobody's after the call. */
export type PacketListener = (direction: Direction, packet: Packet | string, frame: Frame) => void;

export class TappedNetwork implements Network {
  readonly #inner: Network;
  readonly #listener: PacketListener;

  constructor(inner: Network, listener: PacketListener) {
    this.#inner = inner;
    this.#listener = listener;
  }

  resolve(host: string, done: (address: string) => void): Cancel {
    return this.#inner.resolve(host, done);
  }

  connect(target: Target, handler: TransportHandler): Transport {
    const transport = new TappedTransport(handler, this.#listener);
    transport.inner = this.#inner.connect(target, transport);
    return transport;
  }
}

/** One connection on its way through. */
class TappedTransport implements Transport, TransportHandler {
  inner!: Transport;
  readonly #handler: TransportHandler;
  readonly #stream: PacketStream;

  constructor(handler: TransportHandler, listener: PacketListener) {
    this.#handler = handler;
    this.#stream = new PacketStream(listener);
  }

  opened(): void {
    this.#handler.opened();
  }

  readable(): void {
    this.#handler.readable();
  }

  writable(): void {
    this.#handler.writable();
  }

  closed(reason: CloseReason): void {
    this.#handler.closed(reason);
  }

  read(into: Uint8Array, start: number, end: number): number {
    const count = this.inner.read(into, start, end);
    if (count > 0) this.#stream.take('in', into.subarray(start, start + count));
    return count;
  }

  write(from: Uint8Array, start: number, end: number): number {
    const count = this.inner.write(from, start, end);
    if (count > 0) this.#stream.take('out', from.subarray(start, start + count));
    return count;
  }

  close(): void {
    this.inner.close();
  }
}

/** The bytes of one connection, both ways, cut into packets. */
export class PacketStream {
  readonly #listener: PacketListener;
  readonly #framers = { in: new Framer(), out: new Framer() };
  /** Nothing can be followed there any more. */
  readonly #isLost = { in: false, out: false };
  /** By what the CONNECT says; 3.1.1 before there was one. */
  #decoder = new Decoder(4);

  constructor(listener: PacketListener) {
    this.#listener = listener;
  }

  /** Bytes have passed. */
  take(direction: Direction, bytes: Uint8Array): void {
    if (this.#isLost[direction]) return;
    const framer = this.#framers[direction];
    framer.push(bytes, bytes.length);
    for (;;) {
      const frame = framer.next(PACKET_BYTES_MAX);
      if (frame === undefined) return;
      if (typeof frame === 'string') {
        this.#isLost[direction] = true;
        const why = frame === 'size' ? 'a packet over 64 KB' : 'no MQTT';
        this.#listener(direction, `${why}: what follows is not shown`, Buffer.alloc(0));
        return;
      }
      if (frame[0] >> 4 === CONNECT) this.#decoder = new Decoder(versionOf(frame));
      this.#listener(direction, this.#decoder.decode(frame), frame);
    }
  }
}

/** The protocol level behind the protocol's name; anything but 5 is read as 3.1.1. */
function versionOf(frame: Frame): Version {
  let at = 1;
  while (frame[at] >= 0x80) at += 1;
  const nameBytes = ((frame[at + 1] ?? 0) << 8) | (frame[at + 2] ?? 0);
  return frame[at + 3 + nameBytes] === 5 ? 5 : 4;
}
