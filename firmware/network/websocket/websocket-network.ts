/**
 * WebSocket over any other network: TCP makes it ws, TLS makes it wss.
 *
 * Bytes pass through without a buffer of their own on the way in; on the way out they are masked
 * into one, a frame per write. A frame that the transport below takes in part only is finished
 * before another begins.
 */

import { writeUtf8 } from '../../base/utf8.ts';
import type {
  Cancel,
  CloseReason,
  Network,
  Random,
  Target,
  Transport,
  TransportHandler,
} from '../../ports.ts';
import { FrameReader, OVERHEAD_BYTES, writeClose, writeData, writePong } from './frames.ts';
import { HandshakeAnswer, handshakeKey, handshakeRequest } from './handshake.ts';

/** One write below carries a packet of the firmware's transmit buffer. */
const FRAME_BYTES_MAX = 2048;
/** Room for a pong and the close beside a frame. */
const OUT_BYTES = FRAME_BYTES_MAX + 3 * OVERHEAD_BYTES + 128;
const MASKS = 0x1_0000_0000;
/** Close codes (RFC 6455, 7.4.1). */
const DONE = 1000;
const BROKEN_RULES = 1002;

/** What a WebSocket needs beside the network below it. */
export interface WebSocketParts {
  readonly random: Random;
  /** The port that Host leaves out: 80, or 443 over TLS. */
  readonly defaultPort: number;
  /** Does this from the event loop. */
  later(work: () => void): void;
  /** A server refuses; `status` is the first line of its answer, for a log. */
  refused?(target: Target, status: string): void;
}

export class WebSocketNetwork implements Network {
  private readonly below: Network;
  private readonly parts: WebSocketParts;

  constructor(below: Network, parts: WebSocketParts) {
    this.below = below;
    this.parts = parts;
  }

  resolve(host: string, done: (address: string) => void): Cancel {
    return this.below.resolve(host, done);
  }

  connect(target: Target, handler: TransportHandler): Transport {
    const transport = new WebSocketTransport(target, this.parts, handler);
    transport.begin(this.below.connect(target, transport));
    return transport;
  }
}

class WebSocketTransport implements Transport, TransportHandler {
  private readonly handler: TransportHandler;
  private readonly target: Target;
  private readonly parts: WebSocketParts;
  private readonly key: string;
  private readonly reader = new FrameReader();
  private readonly byte = new Uint8Array(1);
  private readonly out = new Uint8Array(OUT_BYTES);
  private outStart = 0;
  private outEnd = 0;
  /** The answer to the handshake; undefined once it has accepted. */
  private answer: HandshakeAnswer | undefined;
  private below: Transport | undefined;
  private isUp = false;
  private isControl = false;
  private isOver = false;
  private wantsRoom = false;
  /** The end that a frame or the answer has caused, until the owner is told. */
  private fate: CloseReason | undefined;

  constructor(target: Target, parts: WebSocketParts, handler: TransportHandler) {
    this.target = target;
    this.parts = parts;
    this.handler = handler;
    this.key = handshakeKey(Uint8Array.from({ length: 16 }, () => parts.random.below(256)));
    this.answer = new HandshakeAnswer(this.key);
  }

  begin(below: Transport): void {
    this.below = below;
  }

  opened(): void {
    this.isUp = true;
    const { host, port, path } = this.target;
    const name = host.includes(':') ? `[${host}]` : host;
    const authority = port === this.parts.defaultPort ? name : `${name}:${port}`;
    const request = handshakeRequest(authority, path, this.key);
    const length = writeUtf8(this.out, 0, request);
    if (length > OUT_BYTES) {
      this.doom('websocket refused');
      return;
    }
    this.outEnd = length;
    this.flush();
  }

  readable(): void {
    if (this.isOver) return;
    if (this.answer === undefined) this.handler.readable();
    else this.readAnswer(this.answer);
  }

  writable(): void {
    if (this.isOver) return;
    this.flush();
    if (!this.wantsRoom || this.outEnd > 0) return;
    this.wantsRoom = false;
    this.handler.writable();
  }

  closed(reason: CloseReason): void {
    if (!this.isOver) this.end(this.fate ?? this.meaningOf(reason));
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
    if (this.isOver || this.fate !== undefined || this.answer !== undefined) return 0;
    let at = start;
    this.flush();
    while (at < end && this.outEnd === 0) {
      const to = Math.min(end, at + FRAME_BYTES_MAX);
      this.outEnd = writeData(this.out, 0, this.mask(), from, at, to);
      this.flush();
      at = to;
    }
    if (at < end) this.wantsRoom = true;
    return at - start;
  }

  close(): void {
    if (this.isOver) return;
    this.isOver = true;
    if (this.answer === undefined) this.sayClose(DONE);
    this.below?.close();
  }

  private readAnswer(answer: HandshakeAnswer): void {
    const { below, byte } = this;
    while (this.fate === undefined && below !== undefined) {
      if (below.read(byte, 0, 1) === 0) return;
      const verdict = answer.take(byte[0]);
      if (verdict === 'accepted') {
        this.answer = undefined;
        this.handler.opened();
        // Frames may have come with the answer.
        if (!this.isOver) this.handler.readable();
        return;
      }
      if (verdict === 'foreign') this.doom('not websocket');
      else if (verdict === 'refused') this.doom('websocket refused');
    }
  }

  /** What the end of the connection below means here: a server that closes in place of an answer. */
  private meaningOf(reason: CloseReason): CloseReason {
    const isClose = reason === 'closed by peer' || reason === 'reset';
    if (this.answer === undefined || !this.isUp || !isClose) return reason;
    return this.answer.status === '' ? 'not websocket' : 'websocket refused';
  }

  private frameByte(byte: number): void {
    const { reader } = this;
    if (this.isControl) {
      if (reader.keep(byte)) this.control();
      return;
    }
    const kind = reader.take(byte);
    if (kind === 'refused') this.doom('websocket broken');
    if (kind !== 'control') return;
    this.isControl = true;
    if (reader.remaining === 0) this.control();
  }

  /** A control frame is whole. */
  private control(): void {
    const { reader } = this;
    const { control, controlLength } = reader;
    this.isControl = false;
    if (reader.isClose) this.doom('closed by peer');
    else if (reader.isPing && this.outEnd + controlLength + OVERHEAD_BYTES <= OUT_BYTES) {
      this.outEnd = writePong(this.out, this.outEnd, this.mask(), control, controlLength);
      this.flush();
    }
  }

  private mask(): number {
    return this.parts.random.below(MASKS);
  }

  private flush(): void {
    if (this.outEnd === 0 || this.below === undefined) return;
    this.outStart += this.below.write(this.out, this.outStart, this.outEnd);
    if (this.outStart < this.outEnd) return;
    this.outStart = 0;
    this.outEnd = 0;
  }

  private sayClose(code: number): void {
    if (this.outEnd + OVERHEAD_BYTES > OUT_BYTES) return;
    this.outEnd = writeClose(this.out, this.outEnd, this.mask(), code);
    this.flush();
  }

  /**
   * It ends, and the owner is told from the event loop: what ends it may be read at any time, and
   * not only where the network below has said that there is something to read.
   */
  private doom(fate: CloseReason): void {
    this.fate = fate;
    this.parts.later(() => this.tellFate(fate));
  }

  private tellFate(fate: CloseReason): void {
    if (this.isOver) return;
    if (this.answer === undefined) this.sayClose(fate === 'websocket broken' ? BROKEN_RULES : DONE);
    this.below?.close();
    this.end(fate);
  }

  private end(reason: CloseReason): void {
    this.isOver = true;
    if (reason === 'websocket refused') {
      this.parts.refused?.(this.target, this.answer?.status ?? '');
    }
    this.handler.closed(reason);
  }
}
