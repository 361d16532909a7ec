/**
 * WebSocket over any other network: TCP makes it ws, TLS makes it wss.
 *
 * Bytes pass through without a buffer of their own on the way in; on the way out they are masked
 * into one, a frame per write. A frame that the transport below takes in part only is finished
 * before another begins.
 */

import { decodeUtf8, writeUtf8 } from '../base/text.ts';
import type {
  Cancel,
  CloseReason,
  Network,
  Random,
  Target,
  Transport,
  TransportHandler,
} from '../ports.ts';
import { FrameReader, OVERHEAD_BYTES, writeClose, writeData, writePong } from './frames.ts';
import { HEAD_BYTES_MAX, handshakeKey, handshakeRequest, isAccepted } from './handshake.ts';

/** One write below carries a packet of the firmware's transmit buffer. */
const FRAME_BYTES_MAX = 2048;
/** Room for a pong and the close beside a frame. */
const OUT_BYTES = FRAME_BYTES_MAX + 3 * OVERHEAD_BYTES + 128;
const MASKS = 0x1_0000_0000;

export class WebSocketNetwork implements Network {
  private readonly below: Network;
  private readonly random: Random;
  private readonly defaultPort: number;

  /** @param defaultPort the port that Host leaves out: 80, or 443 over TLS */
  constructor(below: Network, random: Random, defaultPort: number) {
    this.below = below;
    this.random = random;
    this.defaultPort = defaultPort;
  }

  resolve(host: string, done: (address: string) => void): Cancel {
    return this.below.resolve(host, done);
  }

  connect(target: Target, handler: TransportHandler): Transport {
    const { host, port, path } = target;
    const name = host.includes(':') ? `[${host}]` : host;
    const authority = port === this.defaultPort ? name : `${name}:${port}`;
    const transport = new WebSocketTransport(authority, path, this.random, handler);
    transport.begin(this.below.connect(target, transport));
    return transport;
  }
}

class WebSocketTransport implements Transport, TransportHandler {
  private readonly handler: TransportHandler;
  private readonly random: Random;
  private readonly authority: string;
  private readonly path: string;
  private readonly key: string;
  private readonly reader = new FrameReader();
  private readonly byte = new Uint8Array(1);
  private readonly out = new Uint8Array(OUT_BYTES);
  private outStart = 0;
  private outEnd = 0;
  /** The answer to the handshake as far as it is there; undefined once it is judged. */
  private head: Uint8Array | undefined = new Uint8Array(HEAD_BYTES_MAX);
  private headLength = 0;
  private below: Transport | undefined;
  private isControl = false;
  private isOver = false;
  private wantsRoom = false;
  /** What a frame or the answer has brought about, until the owner is told. */
  private fate: CloseReason | undefined;

  constructor(authority: string, path: string, random: Random, handler: TransportHandler) {
    this.authority = authority;
    this.path = path;
    this.random = random;
    this.handler = handler;
    this.key = handshakeKey(Uint8Array.from({ length: 16 }, () => random.below(256)));
  }

  begin(below: Transport): void {
    this.below = below;
  }

  opened(): void {
    const request = handshakeRequest(this.authority, this.path, this.key);
    const length = writeUtf8(this.out, 0, request);
    if (length > OUT_BYTES) {
      this.fate = 'websocket refused';
      this.tellFate();
      return;
    }
    this.outEnd = length;
    this.flush();
  }

  readable(): void {
    if (this.isOver) return;
    if (this.head === undefined) this.handler.readable();
    else this.readHead();
    this.tellFate();
  }

  writable(): void {
    if (this.isOver) return;
    this.flush();
    if (!this.wantsRoom || this.outEnd > 0) return;
    this.wantsRoom = false;
    this.handler.writable();
  }

  closed(reason: CloseReason): void {
    if (this.isOver) return;
    this.isOver = true;
    // A server that closes in place of an answer has refused.
    const isRefused = this.head !== undefined && reason === 'closed by peer';
    this.handler.closed(this.fate ?? (isRefused ? 'websocket refused' : reason));
  }

  read(into: Uint8Array, start: number, end: number): number {
    const { reader, below } = this;
    while (!this.isOver && this.fate === undefined && below !== undefined) {
      if (reader.remaining > 0 && !this.isControl) {
        const taken = below.read(into, start, Math.min(end, start + reader.remaining));
        reader.remaining -= taken;
        return taken;
      }
      if (below.read(this.byte, 0, 1) === 0) return 0;
      this.frameByte(this.byte[0]);
    }
    return 0;
  }

  write(from: Uint8Array, start: number, end: number): number {
    if (this.isOver || this.fate !== undefined || this.head !== undefined) return 0;
    this.flush();
    if (this.outEnd > 0) {
      this.wantsRoom = true;
      return 0;
    }
    const to = Math.min(end, start + FRAME_BYTES_MAX);
    this.outEnd = writeData(this.out, 0, this.random.below(MASKS), from, start, to);
    this.flush();
    return to - start;
  }

  close(): void {
    if (this.isOver) return;
    this.isOver = true;
    if (this.head === undefined) this.sayClose();
    this.below?.close();
  }

  private readHead(): void {
    const { below, head } = this;
    while (head !== undefined && this.fate === undefined && below !== undefined) {
      if (below.read(head, this.headLength, this.headLength + 1) === 0) return;
      this.headLength++;
      const text = this.byteIsEnd(head) ? decodeUtf8(head, 0, this.headLength) : undefined;
      if (text !== undefined && isAccepted(text, this.key)) {
        this.head = undefined;
        this.handler.opened();
        // Frames may have come with the answer.
        if (!this.isOver) this.handler.readable();
        return;
      }
      if (text !== undefined || this.headLength === HEAD_BYTES_MAX) {
        this.fate = 'websocket refused';
      }
    }
  }

  /** Whether the head ends here, with an empty line. */
  private byteIsEnd(head: Uint8Array): boolean {
    const at = this.headLength;
    return at >= 4 && head[at - 1] === 10 && head[at - 2] === 13 && head[at - 3] === 10;
  }

  private frameByte(byte: number): void {
    const { reader } = this;
    if (this.isControl) {
      if (reader.keep(byte)) this.control();
      return;
    }
    const kind = reader.take(byte);
    if (kind === 'refused') this.fate = 'websocket refused';
    if (kind !== 'control') return;
    this.isControl = true;
    if (reader.remaining === 0) this.control();
  }

  /** A control frame is whole. */
  private control(): void {
    const { reader } = this;
    const { control, controlLength } = reader;
    this.isControl = false;
    if (reader.isClose) this.fate = 'closed by peer';
    else if (reader.isPing && this.outEnd + controlLength + OVERHEAD_BYTES <= OUT_BYTES) {
      const mask = this.random.below(MASKS);
      this.outEnd = writePong(this.out, this.outEnd, mask, control, controlLength);
      this.flush();
    }
  }

  private flush(): void {
    if (this.outEnd === 0 || this.below === undefined) return;
    this.outStart += this.below.write(this.out, this.outStart, this.outEnd);
    if (this.outStart < this.outEnd) return;
    this.outStart = 0;
    this.outEnd = 0;
  }

  private sayClose(): void {
    if (this.outEnd + OVERHEAD_BYTES > OUT_BYTES) return;
    this.outEnd = writeClose(this.out, this.outEnd, this.random.below(MASKS));
    this.flush();
  }

  /** Ends what a frame or an answer has ended: never from inside a call of the owner. */
  private tellFate(): void {
    if (this.fate === undefined || this.isOver) return;
    this.isOver = true;
    if (this.head === undefined) this.sayClose();
    this.below?.close();
    this.handler.closed(this.fate);
  }
}
