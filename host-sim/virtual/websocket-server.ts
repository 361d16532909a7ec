/**
 * The server's side of WebSocket (RFC 6455) in virtual time, between a connection and what is served
 * on it. Written from the standard, and not from the firmware's client: it takes the client at its
 * word, and tells every offence.
 *
 * It does what servers may do and clients have to bear: kilobytes of headers, messages in pieces,
 * pings between them, close frames.
 */

import type { CloseReason, TransportHandler } from '../../firmware/ports.ts';
import { acceptOf } from '../live/websocket-accept.ts';
import { ByteRing } from './byte-ring.ts';
import type { EventQueue } from './event-queue.ts';
import type { Acceptor, ServerEnd } from './network.ts';
import type { SeededRandom } from './random.ts';

/** What a client may have sent before its request ends. */
const REQUEST_BYTES_MAX = 4096;
const HEADER_BYTES_MAX = 6000;
/** Held back where what is served reads slowly, or the client does. */
const HELD_BYTES_MAX = 8192;
const PIECES_MAX = 4;
/** A client that does not take the last bytes is given up. */
const LINGER_MS = 10_000;
const OPCODE = Object.freeze({ more: 0, binary: 2, close: 8, ping: 9, pong: 10 } as const);
const OPCODES: ReadonlySet<number> = new Set(Object.values(OPCODE));
const NOTHING = Buffer.alloc(0);
/** What is read or written at once; nothing stays in it. */
const CHUNK = new Uint8Array(2048);

export interface WebSocketService {
  readonly queue: EventQueue;
  readonly random: SeededRandom;
  /** As the request may name it, with its port. */
  readonly authorities: readonly string[];
  readonly path: string;
  /** The client did something against the standard. */
  offence(text: string): void;
}

/** @returns what takes a connection, and gives it to `accept` once the handshake is done */
export function webSocketDoor(
  service: WebSocketService,
): (end: ServerEnd, accept: Acceptor) => void {
  let connections = 0;
  return (end, accept) => {
    connections += 1;
    end.handler = new WebSocketEnd(end, service, service.random.fork(`${connections}`), accept);
  };
}

class WebSocketEnd implements ServerEnd, TransportHandler {
  /** What is served on it sets this. */
  handler: TransportHandler = { opened() {}, readable() {}, writable() {}, closed() {} };
  readonly #end: ServerEnd;
  readonly #service: WebSocketService;
  readonly #random: SeededRandom;
  readonly #accept: Acceptor;
  #request = '';
  #isUp = false;
  #isOver = false;
  #isClosing = false;
  #hasLeft = false;
  /** Frames that are not whole yet, in memory of our own. */
  #raw = NOTHING;
  readonly #payload = new ByteRing();
  readonly #out = new ByteRing();
  #announces = true;
  #wantsRoom = false;
  #isInMessage = false;
  #lastMask = -1;
  /** What pings carried that are not answered yet. */
  #pings: string[] = [];

  constructor(end: ServerEnd, service: WebSocketService, random: SeededRandom, accept: Acceptor) {
    this.#end = end;
    this.#service = service;
    this.#accept = accept;
    this.#random = random;
  }

  get sockets(): ServerEnd['sockets'] {
    return this.#end.sockets;
  }

  set sockets(sockets: ServerEnd['sockets']) {
    this.#end.sockets = sockets;
  }

  get inboundIsFaulty(): boolean {
    return this.#end.inboundIsFaulty || this.#payload.length > 0 || this.#raw.length > 0;
  }

  opened(): void {}

  readable(): void {
    while (!this.#isOver && this.#payload.length < HELD_BYTES_MAX) {
      const count = this.#end.read(CHUNK, 0, CHUNK.length);
      if (count === 0) return;
      const bytes = CHUNK.subarray(0, count);
      if (this.#isUp)
        this.#raw = this.#raw.length === 0 ? Buffer.from(bytes) : Buffer.concat([this.#raw, bytes]);
      else this.#takeRequest(Buffer.from(bytes).toString('latin1'));
      if (this.#isUp) this.#takeFrames();
    }
  }

  writable(): void {
    if (this.#isOver && !this.#isClosing) return;
    this.#flush();
    if (this.#out.length > 0 || !this.#wantsRoom || this.#isOver) return;
    this.#wantsRoom = false;
    this.handler.writable();
  }

  closed(reason: CloseReason): void {
    if (this.#isOver) return;
    if (reason === 'closed by peer' && this.#payload.length > 0) {
      this.#hasLeft = true;
      return;
    }
    this.#isOver = true;
    if (this.#isUp) this.handler.closed(reason);
  }

  read(into: Uint8Array, start: number, end: number): number {
    if (this.#isOver) return 0;
    const count = Math.min(this.#payload.length, end - start);
    if (count === 0) this.#announces = true;
    else this.#payload.shift(into, start, count);
    if (count > 0 && this.#payload.length === 0) {
      this.#service.queue.after(0, () => {
        if (this.#hasLeft) this.closed('closed by peer');
        else this.readable();
      });
    }
    return count;
  }

  write(from: Uint8Array, start: number, end: number): number {
    if (this.#isOver || this.#hasLeft) return 0;
    if (this.#out.length > HELD_BYTES_MAX) {
      this.#wantsRoom = true;
      return 0;
    }
    this.#sendMessage(from, start, end);
    this.#flush();
    return end - start;
  }

  close(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#isClosing = true;
    if (!this.#hasLeft) this.#frame(OPCODE.close, true, Uint8Array.of(0x03, 0xe8));
    this.#flush();
    if (this.#isClosing) this.#service.queue.after(LINGER_MS, () => this.#end.abort());
  }

  abort(): void {
    this.#isOver = true;
    this.#end.abort();
  }

  vanish(): void {
    this.#isOver = true;
    this.#end.vanish();
  }

  #takeRequest(text: string): void {
    this.#request += text;
    const end = this.#request.indexOf('\r\n\r\n');
    if (end < 0) {
      if (this.#request.length > REQUEST_BYTES_MAX) this.#refuse('a request without an end');
      return;
    }
    const problem = this.#problemOf(this.#request.slice(0, end).split('\r\n'));
    if (problem !== '' || end + 4 < this.#request.length) {
      this.#refuse(problem || 'bytes behind the request, before it was answered');
      return;
    }
    const answer = Buffer.from(this.#answer(this.#header('sec-websocket-key')), 'latin1');
    this.#out.push(answer, 0, answer.length);
    this.#isUp = true;
    this.#flush();
    this.#accept(this);
  }

  #header(name: string): string {
    const found = new RegExp(`^${name}: *(.*)$`, 'im').exec(this.#request.replaceAll('\r', ''));
    return found?.[1] ?? '';
  }

  #problemOf([line]: readonly string[]): string {
    const { authorities, path } = this.#service;
    if (line !== `GET ${path} HTTP/1.1`) return `asks '${line}'`;
    const host = this.#header('host') ?? '';
    if (!authorities.includes(host)) return `asks the host '${host}'`;
    if (this.#header('upgrade').toLowerCase() !== 'websocket') return 'asks no upgrade';
    if (!/\bupgrade\b/i.test(this.#header('connection'))) return 'has no connection to upgrade';
    if (this.#header('sec-websocket-version') !== '13') return 'is of another version';
    if (this.#header('sec-websocket-protocol') !== 'mqtt') return 'is not for MQTT';
    const nonce = Buffer.from(this.#header('sec-websocket-key'), 'base64');
    return nonce.length === 16 ? '' : 'has a key that is not of 16 bytes';
  }

  #answer(key: string): string {
    const lines = ['HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade'];
    lines.push(`Sec-WebSocket-Accept: ${acceptOf(key)}`, 'Sec-WebSocket-Protocol: mqtt');
    if (this.#random.chance(0.3)) {
      const cookie = 'x'.repeat(this.#random.between(1, HEADER_BYTES_MAX));
      lines.splice(this.#random.between(1, lines.length), 0, `Set-Cookie: session=${cookie}`);
    }
    return `${lines.join('\r\n')}\r\n\r\n`;
  }

  /** Frames from the client, as far as they are whole. */
  #takeFrames(): void {
    while (!this.#isOver) {
      const raw = this.#raw;
      if (raw.length < 2) return;
      const short = raw[1] & 0x7f;
      const head = short === 127 ? 10 : short === 126 ? 4 : 2;
      if (raw.length < head + 4) return;
      const length = head === 2 ? short : head === 4 ? raw.readUInt16BE(2) : raw.readUInt32BE(6);
      const isShortest = head === 2 || (head === 4 ? length > 125 : length > 0xffff);
      if (!this.#headIsGood(raw[0], raw[1], isShortest) || raw.length < head + 4 + length) return;
      const key = raw.readUInt32BE(head);
      if (key === this.#lastMask) this.#service.offence('masks two frames alike');
      this.#lastMask = key;
      const start = head + 4;
      const end = start + length;
      for (let i = 0; i < length; i += 1) raw[start + i] ^= raw[head + (i & 3)];
      this.#raw = end === raw.length ? NOTHING : raw.subarray(end);
      this.#takeFrame(raw[0] & 0x0f, raw, start, end);
    }
  }

  #headIsGood(first: number, second: number, isShortest: boolean): boolean {
    const opcode = first & 0x0f;
    const isControl = opcode >= 8;
    if ((second & 0x80) === 0) return this.#refuse('a frame without a mask');
    if ((first & 0x70) !== 0) return this.#refuse('reserved bits');
    if (!isShortest) return this.#refuse('a length that is not the shortest');
    if (isControl && (first < 0x80 || (second & 0x7f) > 125))
      return this.#refuse('a control frame');
    if (!OPCODES.has(opcode)) return this.#refuse(`opcode ${opcode}`);
    if (isControl) return true;
    if ((opcode === OPCODE.more) !== this.#isInMessage) return this.#refuse('a piece out of place');
    this.#isInMessage = first < 0x80;
    return true;
  }

  #takeFrame(opcode: number, raw: Buffer, start: number, end: number): void {
    if (this.#hasLeft) {
      this.#refuse('a frame after its close');
    } else if (opcode === OPCODE.close) {
      this.#hasLeft = true;
      if (this.#payload.length === 0) {
        this.#service.queue.after(0, () => this.closed('closed by peer'));
      }
    } else if (opcode === OPCODE.pong) {
      const text = raw.toString('hex', start, end);
      if (!this.#pings.includes(text)) this.#refuse('a pong that nobody asked for');
      this.#pings = this.#pings.slice(this.#pings.indexOf(text) + 1);
    } else if (opcode !== OPCODE.ping && end > start) {
      this.#payload.push(raw, start, end);
      if (!this.#announces) return;
      this.#announces = false;
      this.handler.readable();
    }
  }

  /** One message, in one piece or several, with pings around and between them. */
  #sendMessage(from: Uint8Array, start: number, end: number): void {
    const pieces = this.#random.chance(0.2) ? this.#random.between(2, PIECES_MAX) : 1;
    let at = start;
    for (let piece = 1; piece <= pieces; piece += 1) {
      if (this.#random.chance(0.02)) this.#ping();
      const isLast = piece === pieces;
      const to = isLast ? end : this.#random.between(at, end);
      this.#frame(piece === 1 ? OPCODE.binary : OPCODE.more, isLast, from.subarray(at, to));
      at = to;
    }
  }

  #ping(): void {
    const payload = new Uint8Array(this.#random.pick([0, 4, 125]));
    this.#random.fill(payload);
    this.#pings.push(Buffer.from(payload).toString('hex'));
    this.#frame(OPCODE.ping, true, payload);
  }

  #frame(opcode: number, isFinal: boolean, payload: Uint8Array): void {
    const first = (isFinal ? 0x80 : 0) | opcode;
    const { length } = payload;
    const head =
      length < 126 ? Uint8Array.of(first, length) : Uint8Array.of(first, 126, length >> 8, length);
    this.#out.push(head, 0, head.length);
    this.#out.push(payload, 0, length);
  }

  #flush(): void {
    while (this.#out.length > 0) {
      const count = Math.min(this.#out.length, CHUNK.length);
      this.#out.peek(CHUNK, 0, count);
      const taken = this.#end.write(CHUNK, 0, count);
      this.#out.drop(taken);
      if (taken < count) return;
    }
    if (!this.#isClosing) return;
    this.#isClosing = false;
    this.#end.close();
  }

  /** @returns false */
  #refuse(text: string): false {
    this.#service.offence(text);
    this.#isOver = true;
    this.#end.abort();
    if (this.#isUp) this.handler.closed('reset');
    return false;
  }
}
