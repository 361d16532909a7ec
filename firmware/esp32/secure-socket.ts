/**
 * TLS 1.2 over one TCP socket, on the platform's session. Whatever the session throws ends this
 * connection and nothing else: an exception in a callback would restart the board.
 */

import TCP from 'embedded:io/socket/tcp';
import type Session from 'ssl/session';
import Timer, { type TimerId } from 'timer';
import type { Socket, SocketEvents } from '../network/socket-transport.ts';
import type { Target } from '../ports.ts';
import type { Credentials } from './certificates.ts';
import { SecureSession } from './secure-session.ts';

/** What a record takes beside its bytes, with any cipher that the session has. */
export const RECORD_OVERHEAD = 96;
const RECORD_BYTES_MAX = 16_384;

export class SecureSocket implements Socket {
  private readonly events: SocketEvents;
  private readonly session: Session;
  private readonly secure: SecureSession;
  private readonly below: TCP & { readable: number; writable: number };
  private isReady = false;
  private isConnected = false;
  private plain: Uint8Array | undefined;
  private more: TimerId | undefined;

  /** @param now Unix milliseconds; undefined: nobody knows */
  constructor(
    at: Target,
    credentials: Credentials,
    now: () => number | undefined,
    events: SocketEvents,
  ) {
    this.events = events;
    this.secure = new SecureSession(at, credentials, now);
    this.session = this.secure.session;
    const { address, port } = at;
    const tcp = new TCP({
      address,
      port,
      nodelay: true,
      onReadable: (bytes) => {
        this.below.readable = bytes;
        this.guard(() => this.pump());
      },
      onWritable: (bytes) => {
        this.below.writable = bytes;
        this.guard(() => this.drained());
      },
      onError: () => events.onError(),
    });
    this.below = Object.assign(tcp, { readable: 0, writable: 0 });
  }

  read(into: Uint8Array): void {
    const { plain } = this;
    if (plain === undefined) return;
    into.set(plain.subarray(0, into.length));
    this.plain = into.length < plain.length ? plain.subarray(into.length) : undefined;
    if (this.plain !== undefined || this.below.readable === 0 || this.more !== undefined) return;
    this.more = Timer.set(() => {
      this.more = undefined;
      this.guard(() => this.pump());
    });
  }

  write(bytes: Uint8Array): number {
    let left = this.below.writable;
    this.guard(() => {
      left = this.session.write(this.below, bytes.subarray(0, RECORD_BYTES_MAX));
    });
    return left;
  }

  close(): void {
    Timer.clear(this.more);
    this.more = undefined;
    this.below.close();
  }

  private drained(): void {
    if (!this.isConnected) {
      this.isConnected = true;
      this.events.connected();
    }
    if (this.isReady) this.events.onWritable(this.below.writable);
    else this.pump();
  }

  /** Takes what has arrived: the handshake's messages, then one record at a time. */
  private pump(): void {
    const { session, below, events } = this;
    while (!this.isReady) {
      this.isReady = session.handshake(below);
      // A session that was told to close takes that for the end of its handshake.
      if (session.alert !== undefined) throw new Error('closed');
      if (this.isReady) events.onWritable(below.writable);
      else if (below.readable === 0 && session.handshakeProcess === -1) return;
    }
    if (this.plain !== undefined || below.readable === 0) return;
    const data = session.read(below);
    if (data === null) events.onError();
    else if (data !== undefined && data.length > 0) {
      this.plain = data;
      events.onReadable(data.length);
    }
  }

  private guard(work: () => void): void {
    try {
      work();
    } catch {
      this.events.failed(this.secure.refusal ?? (this.isReady ? 'reset' : 'tls failed'));
    }
  }
}
