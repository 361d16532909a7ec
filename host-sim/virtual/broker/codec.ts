/**
 * MQTT packets for the virtual broker, by the npm package `mqtt-packet`: a codec that shares no
 * line with the firmware's, so that a wrong byte of the client is caught.
 *
 * Framing is done here, one whole packet at a time, because the package reads past the end of a
 * short packet when another follows it in the buffer. It decides nothing about the protocol.
 */

import { generate, type Packet, type Parser, parser } from 'mqtt-packet';

/** The protocol levels: 4 is MQTT 3.1.1. */
export type Version = 4 | 5;

/** One packet's bytes, fixed header included. */
export type Frame = Uint8Array;

/** The largest packet that the framing can hold: 1 + 4 + 268,435,455 bytes. */
const LENGTH_BYTES_MAX = 4;

/** Cuts a stream of bytes into whole packets. */
export class Framer {
  #bytes = new Uint8Array(256);
  #length = 0;

  /** How many bytes lie here that are no packet yet. */
  get length(): number {
    return this.#length;
  }

  /** Appends received bytes. */
  push(bytes: Uint8Array, count: number): void {
    if (this.#length + count > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + count));
      grown.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = grown;
    }
    this.#bytes.set(bytes.subarray(0, count), this.#length);
    this.#length += count;
  }

  /**
   * The next whole packet as a copy; undefined while it is incomplete.
   * 'length' when the remaining length is not a valid variable byte integer, 'size' when the
   * packet is larger than `bytesMax`: the stream cannot be followed any further then.
   */
  next(bytesMax: number): Frame | 'length' | 'size' | undefined {
    let remaining = 0;
    let at = 1;
    for (let shift = 0; ; shift += 7) {
      if (at >= this.#length) return undefined;
      const byte = this.#bytes[at];
      remaining |= (byte & 0x7f) << shift;
      at += 1;
      if (byte < 0x80) {
        // A last byte of zero could have been left out [MQTT-1.5.5-1].
        if (byte === 0 && at > 2) return 'length';
        break;
      }
      if (at > LENGTH_BYTES_MAX) return 'length';
    }
    const total = at + remaining;
    if (total > bytesMax) return 'size';
    if (this.#length < total) return undefined;
    const frame = this.#bytes.slice(0, total);
    if (total < this.#length) this.#bytes.copyWithin(0, total, this.#length);
    this.#length -= total;
    return frame;
  }
}

/** Decodes whole packets of one connection. */
export class Decoder {
  readonly #parser: Parser;
  #packet: Packet | undefined;
  #error = '';

  constructor(version: Version) {
    this.#parser = parser({ protocolVersion: version });
    this.#parser.on('packet', (packet) => {
      this.#packet = packet;
    });
    this.#parser.on('error', (error) => {
      this.#error = String(error.message);
    });
  }

  /** @returns the packet, or in words why there is none. */
  decode(frame: Frame): Packet | string {
    this.#packet = undefined;
    this.#error = '';
    this.#parser.parse(Buffer.from(frame.buffer, frame.byteOffset, frame.length));
    if (this.#error !== '') return this.#error;
    return this.#packet ?? 'no packet in these bytes';
  }
}

/**
 * Encodes one packet.
 * @throws Error when the packet is not one that MQTT allows; the package is silent about some, such
 * as an empty list of user properties, and gives a part of the packet only.
 */
export function encode(packet: Packet, version: Version): Uint8Array {
  const bytes = generate(packet, { protocolVersion: version });
  let at = 1;
  let remaining = 0;
  do remaining += (bytes[at] & 0x7f) * 128 ** (at - 1);
  while (bytes[at++] >= 0x80);
  if (at + remaining !== bytes.length) throw new Error(`${packet.cmd} cannot be encoded`);
  return bytes;
}
