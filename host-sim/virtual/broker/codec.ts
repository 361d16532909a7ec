/**
 * MQTT packets for the virtual broker, by the npm package `mqtt-packet`: a codec that shares no
 * line with the firmware's, so that a wrong byte of the client is caught.
 *
 * Framing is done here, one whole packet at a time, because the package reads past the end of a
 * short packet when another follows it in the buffer. It decides nothing about the protocol.
 *
 * The package is made for streams. What that costs a simulation is avoided from outside: one parser
 * serves all connections of a version, reads whole packets where they lie, and writes into one buffer.
 */

import { type IPubackPacket, type Packet, type Parser, parser, writeToStream } from 'mqtt-packet';
import { wordOf } from './words.ts';

/** The protocol levels: 4 is MQTT 3.1.1. */
export type Version = 4 | 5;

/** One packet's bytes, fixed header included. Nobody writes to them any more. */
export type Frame = Buffer;

/** The largest packet that the framing can hold: 1 + 4 + 268,435,455 bytes. */
const LENGTH_BYTES_MAX = 4;

/** Cuts a stream of bytes into whole packets. */
export class Framer {
  #bytes = Buffer.allocUnsafe(256);
  #length = 0;

  /** How many bytes lie here that are no packet yet. */
  get length(): number {
    return this.#length;
  }

  /** Appends received bytes. */
  push(bytes: Uint8Array, count: number): void {
    if (this.#length + count > this.#bytes.length) {
      const grown = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.#length + count));
      this.#bytes.copy(grown, 0, 0, this.#length);
      this.#bytes = grown;
    }
    for (let i = 0; i < count; i += 1) this.#bytes[this.#length + i] = bytes[i];
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
    const frame = Buffer.allocUnsafe(total);
    for (let i = 0; i < total; i += 1) frame[i] = this.#bytes[i];
    if (total < this.#length) this.#bytes.copyWithin(0, total, this.#length);
    this.#length -= total;
    return frame;
  }
}

/**
 * One frame in place of the package's list of buffers, which makes a new buffer for each byte that
 * is read from it. It has the methods of that list which the parser uses.
 */
class FrameList {
  #frame: Frame = Buffer.alloc(0);
  #start = 0;

  get length(): number {
    return this.#frame.length - this.#start;
  }

  append(frame: Frame): void {
    this.#frame = frame;
    this.#start = 0;
  }

  consume(count: number): void {
    this.#start += count;
  }

  readUInt8(at: number): number {
    return this.#frame.readUInt8(this.#start + at);
  }

  readUInt16BE(at: number): number {
    return this.#frame.readUInt16BE(this.#start + at);
  }

  readUInt32BE(at: number): number {
    return this.#frame.readUInt32BE(this.#start + at);
  }

  slice(from: number, to: number): Buffer {
    return this.#frame.subarray(this.#start + from, this.#start + to);
  }

  toString(encoding: BufferEncoding, from: number, to: number): string {
    const start = this.#start + from;
    const end = this.#start + to;
    const word = encoding === 'utf8' ? wordOf(this.#frame, start, end) : undefined;
    return word ?? this.#frame.toString(encoding, start, end);
  }
}

/** Decodes whole packets, of any number of connections. */
export class Decoder {
  readonly #version: Version;
  #parser: Parser;
  #packet: Packet | undefined;
  #error = '';
  /** What a packet without a body was decoded as, by its first byte. */
  readonly #bare: (Packet | string | undefined)[] = [];

  constructor(version: Version) {
    this.#version = version;
    this.#parser = this.#newParser();
  }

  /** @returns the packet, not to be changed, or in words why there is none. */
  decode(frame: Frame): Packet | string {
    if (frame.length !== 2) return this.#parse(frame);
    this.#bare[frame[0]] ??= this.#parse(frame);
    return this.#bare[frame[0]] as Packet | string;
  }

  #parse(frame: Frame): Packet | string {
    this.#packet = undefined;
    this.#error = '';
    const left = this.#parser.parse(frame);
    const packet = this.#packet;
    if (this.#error === '' && packet !== undefined && left === 0) return packet;
    // A parser that was left within a packet would take the next frame for its rest.
    this.#parser = this.#newParser();
    return this.#error === '' ? (packet ?? 'no packet in these bytes') : this.#error;
  }

  #newParser(): Parser {
    const made = parser({ protocolVersion: this.#version });
    (made as unknown as { _list: FrameList })._list = new FrameList();
    made.on('packet', (packet) => {
      this.#packet = packet;
    });
    made.on('error', (error) => {
      this.#error = String(error.message);
    });
    return made;
  }
}

const OUT_BYTES = 4096;

/** What the package writes a packet to: it hands over parts, and may hand over texts. */
class Collector {
  #bytes = Buffer.allocUnsafe(OUT_BYTES);
  #length = 0;

  /** Starts a new packet. */
  clear(): void {
    this.#length = 0;
  }

  /** What was written since `clear`, valid until the next packet. */
  get written(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  write(part: Buffer | string): boolean {
    const count = typeof part === 'string' ? Buffer.byteLength(part) : part.length;
    if (this.#length + count > this.#bytes.length) {
      const grown = Buffer.allocUnsafe((this.#length + count) * 2);
      this.#bytes.copy(grown, 0, 0, this.#length);
      this.#bytes = grown;
    }
    if (typeof part === 'string') this.#bytes.write(part, this.#length);
    else for (let i = 0; i < count; i += 1) this.#bytes[this.#length + i] = part[i];
    this.#length += count;
    return true;
  }

  destroy(error: Error): void {
    throw error;
  }
}

/** Encodes packets, one at a time. */
export class Encoder {
  readonly #collector = new Collector();
  readonly #stream = this.#collector as unknown as NodeJS.WritableStream;
  /** Each PUBACK without properties as it was encoded first, by reason and version. */
  readonly #pubacks = new Map<number, Uint8Array>();

  /**
   * @returns the bytes of one packet, valid until the next call
   * @throws Error when the packet is not one that MQTT allows; the package is silent about some,
   * such as an empty list of user properties, and gives a part of the packet only.
   */
  encode(packet: Packet, version: Version): Uint8Array {
    const isPlain = packet.cmd === 'puback' && packet.properties === undefined;
    return isPlain ? this.#puback(packet, version) : this.#encode(packet, version);
  }

  /** Every second packet of a broker: only its identifier differs. */
  #puback(packet: IPubackPacket, version: Version): Uint8Array {
    const { messageId = 0, reasonCode = 0 } = packet;
    const key = reasonCode * 8 + version;
    let bytes = this.#pubacks.get(key);
    if (bytes === undefined) {
      bytes = Uint8Array.from(this.#encode(packet, version));
      this.#pubacks.set(key, bytes);
    }
    bytes[2] = messageId >> 8;
    bytes[3] = messageId & 0xff;
    return bytes;
  }

  #encode(packet: Packet, version: Version): Uint8Array {
    this.#collector.clear();
    writeToStream(packet, this.#stream, version === 5 ? OPTIONS_5 : OPTIONS_4);
    const bytes = this.#collector.written;
    let at = 1;
    let remaining = 0;
    do remaining += (bytes[at] & 0x7f) * 128 ** (at - 1);
    while (bytes[at++] >= 0x80);
    if (at + remaining !== bytes.length) throw new Error(`${packet.cmd} cannot be encoded`);
    return bytes;
  }
}

const OPTIONS_4 = Object.freeze({ protocolVersion: 4 });
const OPTIONS_5 = Object.freeze({ protocolVersion: 5 });
