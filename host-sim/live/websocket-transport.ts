/**
 * A transport over one WebSocket of the package `ws`, with the subprotocol `mqtt`.
 *
 * MQTT packets are not aligned with WebSocket frames [MQTT-6.0.0-2]: each write is one binary
 * frame, and what frames carry is read as one stream. A text frame ends the connection
 * [MQTT-6.0.0-1], as does a message above 4 MiB. Compression is never offered.
 */
import type { Socket } from 'node:net';
import type { RawData, WebSocket } from 'ws';
import type { CloseReason, Transport, TransportHandler } from '../../firmware/ports.ts';
import { type Failure, failureOf } from './close-reason.ts';
import { Inbound } from './inbound.ts';
import type { OnFailure } from './socket-transport.ts';

const HIGH_WATER_BYTES = 64 * 1024;
/** The largest message that is read; the rest of what the device may get is its own business. */
export const MESSAGE_BYTES_MAX = 4 * 1024 * 1024;
const SEND_OPTIONS = Object.freeze({ binary: true, compress: false });

export class WebSocketTransport implements Transport {
  readonly #socket: WebSocket;
  readonly #handler: TransportHandler;
  readonly #inbound: Inbound;
  readonly #onFailure: OnFailure;
  readonly #settingUpTls: () => boolean;
  #fullBytes = HIGH_WATER_BYTES;
  #ended = false;
  #closing = false;
  #awaitsRoom = false;

  /** @param settingUpTls says whether a TLS handshake is still under way below the WebSocket. */
  constructor(
    socket: WebSocket,
    settingUpTls: () => boolean,
    handler: TransportHandler,
    onFailure: OnFailure,
  ) {
    this.#socket = socket;
    this.#settingUpTls = settingUpTls;
    this.#handler = handler;
    this.#onFailure = onFailure;
    this.#inbound = new Inbound(handler, socket);
    socket.once('upgrade', (response) => this.#upgraded(response.socket));
    socket.once('open', () => {
      if (!this.#closing && !this.#ended) handler.opened();
    });
    socket.on('message', (data, binary) => this.#arrived(data, binary));
    socket.on('error', (error) => this.#refused(error));
    socket.once('close', () => this.#end('closed by peer'));
  }

  read(into: Uint8Array, start: number, end: number): number {
    return this.#inbound.read(into, start, end);
  }

  write(from: Uint8Array, start: number, end: number): number {
    const { readyState, OPEN, bufferedAmount } = this.#socket;
    if (this.#ended || this.#closing || readyState !== OPEN || end <= start) return 0;
    if (bufferedAmount >= this.#fullBytes) {
      this.#awaitsRoom = true;
      return 0;
    }
    this.#socket.send(Buffer.from(from.subarray(start, end)), SEND_OPTIONS);
    return end - start;
  }

  close(): void {
    if (this.#closing) return;
    this.#closing = true;
    this.#inbound.silence();
    if (this.#ended || this.#socket.readyState !== this.#socket.OPEN) {
      this.#socket.terminate();
      return;
    }
    this.#socket.close(1000);
    // Unread bytes would keep the peer's close frame from being seen.
    this.#socket.resume();
  }

  #upgraded(stream: Socket): void {
    stream.setNoDelay(true);
    this.#fullBytes = Math.max(HIGH_WATER_BYTES, stream.writableHighWaterMark);
    stream.on('drain', () => {
      if (!this.#awaitsRoom || this.#closing || this.#ended) return;
      this.#awaitsRoom = false;
      this.#handler.writable();
    });
    stream.on('error', (error) => this.#refused(error));
  }

  #arrived(data: RawData, binary: boolean): void {
    if (binary) this.#inbound.arrive(data as Buffer);
    else this.#failed({ reason: 'websocket refused', detail: 'the server sent a text frame' });
  }

  /** An error of `ws` itself has no code of the system: the server did not accept the upgrade. */
  #refused(error: NodeJS.ErrnoException): void {
    const settingUpTls = this.#settingUpTls();
    if (error.code === undefined && !settingUpTls) {
      this.#failed({ reason: 'websocket refused', detail: error.message });
      return;
    }
    this.#failed(failureOf(error, settingUpTls));
  }

  #failed(failure: Failure): void {
    if (this.#ended || this.#closing) return;
    this.#onFailure(failure);
    this.#end(failure.reason);
  }

  #end(reason: CloseReason): void {
    if (this.#ended || this.#closing) return;
    this.#ended = true;
    this.#socket.terminate();
    this.#inbound.end(reason);
  }
}
