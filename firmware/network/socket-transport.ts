/**
 * A transport over one socket of the platform, plain or TLS.
 *
 * The platform tells how many bytes can be read and written, throws when more are asked for, and
 * calls `onError` without a reason for every end: `transportEnd` gives one, and the network under it
 * another where it is gone. Once the peer has closed its side, nothing can be sent any more.
 *
 * A socket is closed once, whoever comes first: its owner, or its end.
 */

import type { CloseReason, Transport, TransportHandler } from '../ports.ts';
import { type ConnectionStage, transportEnd } from './transport-end.ts';

/** What a transport needs of a socket. */
export interface Socket {
  /** Fills the buffer; so much is there. */
  read(into: Uint8Array): unknown;
  write(bytes: Uint8Array): number | undefined;
  close(): void;
}

/** What a socket calls; plain TCP has no use for the last two. */
export interface SocketEvents {
  /** So many bytes can be read. */
  onReadable(bytes: number): void;
  /** So many bytes can be written; the first call means connected. */
  onWritable(bytes: number): void;
  /** It could not be connected or has ended; what was received has been read. */
  onError(): void;
  /** TCP is connected, and TLS begins. */
  connected(): void;
  /** It has ended, and knows why. */
  failed(reason: CloseReason): void;
}

/** What a transport asks of the platform beside its socket. */
export interface SocketHost {
  /** Does this from the event loop. */
  later(work: () => void): void;
  /** A socket was closed; the platform releases it when it likes. */
  closing(): void;
  /** Whether the network that the socket is on is still there. */
  hasNetwork(): boolean;
}

/** Ends that mean nothing of their own when the network is gone. */
const ENDS_OF_NETWORKS: readonly CloseReason[] = Object.freeze([
  'closed by peer',
  'reset',
  'refused',
  'tls failed',
]);

export class SocketTransport implements Transport {
  private stage: ConnectionStage = 'connecting';
  private readonly host: SocketHost;
  private readonly overhead: number;
  private handler: TransportHandler | undefined;
  private socket: Socket | undefined;
  private readableBytes = 0;
  private writableBytes = 0;
  private wantsRoom = false;

  /** @param overhead what one write takes beside its bytes */
  constructor(handler: TransportHandler | undefined, host: SocketHost, overhead = 0) {
    this.handler = handler;
    this.host = host;
    this.overhead = overhead;
  }

  /** Opens the socket; one that cannot be opened ends from the event loop, like any other. */
  open(make: (events: SocketEvents) => Socket): void {
    try {
      this.socket = make({
        onReadable: (bytes) => this.arrived(bytes),
        onWritable: (bytes) => this.drained(bytes),
        onError: () => this.end(transportEnd(this.stage)),
        connected: () => {
          this.stage = 'securing';
        },
        failed: (reason) => this.end(reason),
      });
    } catch {
      this.host.later(() => this.end('local error'));
    }
  }

  /** Names who is told, for a connection that was taken before its owner was known. */
  owned(handler: TransportHandler): void {
    this.handler = handler;
    this.stage = 'open';
  }

  read(into: Uint8Array, start: number, end: number): number {
    const length = Math.min(end - start, this.readableBytes);
    if (length <= 0 || this.socket === undefined) return 0;
    this.readableBytes -= length;
    this.socket.read(into.subarray(start, start + length));
    return length;
  }

  write(from: Uint8Array, start: number, end: number): number {
    const length = Math.min(end - start, this.writableBytes - this.overhead);
    this.wantsRoom = length < end - start;
    // There is no room before it is open.
    if (length <= 0 || this.socket === undefined) return 0;
    try {
      this.writableBytes = this.socket.write(from.subarray(start, start + length)) ?? 0;
    } catch {
      // The peer has closed its side: the end is told once what it had sent is read.
      this.writableBytes = 0;
      this.wantsRoom = true;
      return 0;
    }
    return length;
  }

  close(): void {
    const { socket } = this;
    this.handler = undefined;
    this.socket = undefined;
    if (socket === undefined) return;
    this.host.closing();
    socket.close();
  }

  /** Ends the connection and says why; once. */
  private end(reason: CloseReason): void {
    const { handler, host } = this;
    const isNetworks = ENDS_OF_NETWORKS.includes(reason) && !host.hasNetwork();
    this.close();
    handler?.closed(isNetworks ? 'network lost' : reason);
  }

  private arrived(bytes: number): void {
    this.readableBytes = bytes;
    this.handler?.readable();
  }

  private drained(bytes: number): void {
    this.writableBytes = bytes;
    if (this.stage !== 'open') {
      this.stage = 'open';
      this.handler?.opened();
    } else if (this.wantsRoom && bytes > this.overhead) {
      this.wantsRoom = false;
      this.handler?.writable();
    }
  }
}
