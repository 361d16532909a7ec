/**
 * A socket of Node, plain or TLS, that behaves as the board's platform does (`embedded:io/socket/tcp`
 * of Moddable's SDK 8.2, and TLS over it in `esp32/secure-socket.ts`):
 *
 * - the first `onWritable` means that it is connected, and further ones that bytes have gone out;
 * - a write copies all of its bytes, and throws when there is less room, or once the peer has closed;
 * - an end has no reason, and is told once everything that arrived is read. A peer that half-closes
 *   has closed: MQTT has no use for the other half;
 * - TLS knows why it fails: the verdict on the certificates, or that it could not go on.
 *
 * Node knows more of most ends. That is told beside, for people.
 *
 * After `close` what was written is sent, and the socket goes away within two seconds even if the
 * peer does not.
 */
import type { Socket as NodeSocket } from 'node:net';
import type { SocketGate } from '../../firmware/network/socket-gate.ts';
import type { Socket, SocketEvents } from '../../firmware/network/socket-transport.ts';
import type { ConnectionStage } from '../../firmware/network/transport-end.ts';
import { type Failure, failureOf } from './close-reason.ts';
import { Inbound } from './inbound.ts';
import { Release } from './release.ts';

const ROOM_BYTES = 64 * 1024;
const LINGER_MS = 2000;

/** What is around a socket; all of it may be left out. */
export interface SocketSurroundings {
  /** The TCP socket below, where this one is TLS. */
  readonly below?: NodeSocket;
  /** Who waits for its release. */
  readonly gate?: SocketGate;
  /** Is told why a connection could not be made, or why its TLS broke. */
  failed?(failure: Failure): void;
}

export class LiveSocket implements Socket {
  readonly #node: NodeSocket;
  readonly #events: SocketEvents;
  readonly #inbound: Inbound;
  readonly #release: Release;
  readonly #failed: (failure: Failure) => void;
  readonly #sent = (): void => this.#tellRoom();
  #stage: ConnectionStage = 'connecting';
  #hasEnded = false;
  #isClosed = false;

  /** @param node just made, or just accepted */
  constructor(node: NodeSocket, events: SocketEvents, around: SocketSurroundings = {}) {
    const { below, gate, failed = () => {} } = around;
    this.#node = node;
    this.#events = events;
    this.#failed = failed;
    this.#inbound = new Inbound(node);
    this.#release = new Release(gate, node);
    node.setNoDelay(true);
    if (below !== undefined) {
      below.once('connect', () => this.#securing());
      node.once('secureConnect', () => this.#opened());
    } else if (node.connecting) node.once('connect', () => this.#opened());
    else setImmediate(() => this.#opened());
    node.on('data', (chunk: Buffer) => this.#arrived(chunk));
    node.once('end', () => this.#ended());
    node.once('close', () => this.#ended());
    node.on('error', (error) => this.#broken(error));
  }

  read(into: Uint8Array): void {
    this.#inbound.read(into);
    if (this.#hasEnded && this.#inbound.bytes === 0) setImmediate(() => this.#tellEnd());
  }

  /** @returns so many bytes can still be written */
  write(bytes: Uint8Array): number {
    if (this.#stage !== 'open' || this.#hasEnded || this.#isClosed) throw new Error('not ready');
    if (bytes.length > this.#room) throw new Error('would block');
    const copy = Buffer.allocUnsafe(bytes.length);
    copy.set(bytes);
    this.#node.write(copy, this.#sent);
    return this.#room;
  }

  close(): void {
    const node = this.#node;
    const isOpen = this.#stage === 'open' && !this.#hasEnded;
    this.#isClosed = true;
    this.#release.closed();
    if (!isOpen) {
      node.destroy();
      return;
    }
    // Unread bytes would keep the peer's FIN from being seen.
    node.resume();
    node.end();
    const timer = setTimeout(() => node.destroy(), LINGER_MS);
    node.once('close', () => clearTimeout(timer));
  }

  get #room(): number {
    return Math.max(0, ROOM_BYTES - this.#node.writableLength);
  }

  #securing(): void {
    if (this.#isClosed) return;
    this.#stage = 'securing';
    this.#events.connected();
  }

  #opened(): void {
    if (this.#isClosed || this.#hasEnded) return;
    this.#stage = 'open';
    this.#tellRoom();
  }

  #tellRoom(): void {
    if (!this.#isClosed && !this.#hasEnded) this.#events.onWritable(this.#room);
  }

  #arrived(chunk: Buffer): void {
    if (this.#isClosed) return;
    this.#inbound.push(chunk);
    this.#events.onReadable(this.#inbound.bytes);
  }

  /** Nothing more comes. */
  #ended(error: unknown = { code: 'ECONNRESET' }): void {
    if (this.#isClosed || this.#hasEnded) return;
    this.#hasEnded = true;
    if (this.#stage !== 'open') this.#failed(failureOf(error, this.#stage));
    if (this.#inbound.bytes === 0) this.#tellEnd();
  }

  #tellEnd(): void {
    if (!this.#isClosed) this.#events.onError();
  }

  /** Node tells an error. The board's platform has no words for those of TCP. */
  #broken(error: unknown): void {
    if (this.#isClosed || this.#hasEnded) return;
    const failure = failureOf(error, this.#stage);
    if (failure.isTcp) {
      this.#ended(error);
      return;
    }
    this.#hasEnded = true;
    this.#failed(failure);
    this.#events.failed(failure.reason);
  }
}
