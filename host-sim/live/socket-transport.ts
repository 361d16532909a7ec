/**
 * A transport over one socket of Node, plain or TLS.
 *
 * Invariants: each write takes all or nothing, in one call to the socket; it takes nothing while
 * 64 KiB wait, and `writable` follows when they are gone. A peer that only half-closes has closed:
 * MQTT has no use for the other half. After `close` what was written is sent, and the socket goes
 * away within two seconds even if the peer does not.
 */
import type { Socket } from 'node:net';
import type { SocketGate } from '../../firmware/board/socket-gate.ts';
import type { CloseReason, Transport, TransportHandler } from '../../firmware/ports.ts';
import { type Failure, failureOf } from './close-reason.ts';
import { Inbound } from './inbound.ts';
import { Release } from './release.ts';

const HIGH_WATER_BYTES = 64 * 1024;
const LINGER_MS = 2000;

/** Is told each failure with its detail; a peer that closes in order is no failure. */
export type OnFailure = (failure: Failure) => void;

export class SocketTransport implements Transport {
  readonly #socket: Socket;
  readonly #handler: TransportHandler;
  readonly #inbound: Inbound;
  readonly #onFailure: OnFailure;
  readonly #tls: boolean;
  readonly #fullBytes: number;
  readonly #release: Release;
  #open = false;
  #ended = false;
  #closing = false;
  #awaitsRoom = false;

  /**
   * @param tls whether `socket` is a TLS socket: it is open after the handshake only.
   * @param gate where its release is waited for
   */
  constructor(
    socket: Socket,
    tls: boolean,
    handler: TransportHandler,
    onFailure: OnFailure,
    gate?: SocketGate,
  ) {
    this.#socket = socket;
    this.#release = new Release(gate, socket);
    this.#tls = tls;
    // An accepted socket is open already, and tells no `connect`.
    this.#open = !tls && !socket.connecting;
    this.#handler = handler;
    this.#onFailure = onFailure;
    this.#inbound = new Inbound(handler, socket);
    // Only above the socket's own mark does it tell `drain`.
    this.#fullBytes = Math.max(HIGH_WATER_BYTES, socket.writableHighWaterMark);
    socket.setNoDelay(true);
    socket.once(tls ? 'secureConnect' : 'connect', () => this.#opened());
    socket.on('data', (chunk: Buffer) => this.#inbound.arrive(chunk));
    socket.on('drain', () => this.#drained());
    socket.once('end', () => this.#finished());
    socket.once('close', () => this.#finished());
    socket.on('error', (error) => this.#failed(failureOf(error, tls && !this.#open)));
  }

  read(into: Uint8Array, start: number, end: number): number {
    return this.#inbound.read(into, start, end);
  }

  write(from: Uint8Array, start: number, end: number): number {
    if (!this.#open || this.#ended || this.#closing || end <= start) return 0;
    if (this.#socket.writableLength >= this.#fullBytes) {
      this.#awaitsRoom = true;
      return 0;
    }
    const copy = Buffer.allocUnsafe(end - start);
    copy.set(start === 0 && end === from.length ? from : from.subarray(start, end));
    this.#socket.write(copy);
    return end - start;
  }

  close(): void {
    if (this.#closing) return;
    this.#closing = true;
    this.#release.begin();
    this.#inbound.silence();
    if (!this.#open || this.#ended) {
      this.#socket.destroy();
      return;
    }
    // Unread bytes would keep the peer's FIN from being seen.
    this.#socket.resume();
    this.#socket.end();
    const timer = setTimeout(() => this.#socket.destroy(), LINGER_MS);
    this.#socket.once('close', () => clearTimeout(timer));
  }

  #opened(): void {
    if (this.#closing || this.#ended) return;
    this.#open = true;
    this.#handler.opened();
  }

  #drained(): void {
    if (!this.#awaitsRoom || this.#closing || this.#ended) return;
    this.#awaitsRoom = false;
    this.#handler.writable();
  }

  #finished(): void {
    if (this.#tls && !this.#open) this.#failed(failureOf({ code: 'ECONNRESET' }, true));
    else this.#end('closed by peer');
  }

  #failed(failure: Failure): void {
    if (this.#ended || this.#closing) return;
    this.#onFailure(failure);
    this.#end(failure.reason);
  }

  #end(reason: CloseReason): void {
    if (this.#ended || this.#closing) return;
    this.#ended = true;
    this.#release.begin();
    this.#socket.destroy();
    this.#inbound.end(reason);
  }
}
