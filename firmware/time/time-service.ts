/**
 * The time over SNTP: asks a server while there is a network, and sets the clock. It owns no alarm:
 * its owner calls `wake` at `deadline()`, anew after each `changed`.
 *
 * A question goes out of a socket of its own, on a port that nobody else can know, and counts from
 * the moment when it is sent. Answers from elsewhere than the server that was asked are dropped.
 */

import type { Cancel, DatagramSocket, Datagrams, SettableClock } from '../ports.ts';
import { PACKET_BYTES } from './sntp.ts';
import { TimeSync } from './time-sync.ts';

/** What the service works with. */
export interface TimeServiceParts {
  readonly clock: SettableClock;
  readonly random: { below(below: number): number };
  readonly datagrams: Datagrams;
  /** Looks a name up; the address is empty when there is none. */
  resolve(host: string, done: (address: string) => void): Cancel;
  /** The deadline may have changed. */
  changed(): void;
}

/** Who is asked. */
export interface TimeServer {
  readonly host: string;
  readonly port: number;
}

export class TimeService {
  private readonly parts: TimeServiceParts;
  private readonly sync: TimeSync;
  private readonly packet: Uint8Array = new Uint8Array(PACKET_BYTES);
  private server: TimeServer | undefined;
  private lookup: Cancel | undefined;
  private socket: DatagramSocket | undefined;

  /** From here on the clock is judged by what the server said. */
  constructor(parts: TimeServiceParts) {
    const { clock, random } = parts;
    this.parts = parts;
    this.sync = new TimeSync(random, clock.wall());
    clock.judgedBy((now) => this.sync.quality(now));
  }

  /** There is a network, in which this server is to be asked. */
  joined(server: TimeServer): void {
    this.drop();
    this.server = server;
    this.sync.start(this.parts.clock.now());
    this.parts.changed();
  }

  /** There is none any more: no socket stays open. Idempotent. */
  left(): void {
    this.drop();
    this.sync.stop();
    this.parts.changed();
  }

  /** When `wake` is next due, in `Clock.now()` milliseconds; Infinity for never. */
  deadline(): number {
    return this.sync.deadline();
  }

  /** Asks, if that is due. */
  wake(now: number): void {
    const { server, sync, parts } = this;
    if (now < sync.deadline() || server === undefined) return;
    this.drop();
    sync.ask(now);
    this.lookup = parts.resolve(server.host, (address) => {
      this.lookup = undefined;
      if (address === '' || !this.send(address, server.port)) sync.failed(parts.clock.now());
      parts.changed();
    });
    parts.changed();
  }

  /** @returns whether there was a socket for it */
  private send(address: string, port: number): boolean {
    const { parts, sync, packet } = this;
    try {
      const socket = parts.datagrams.bind(0, (bytes, length, from, fromPort) => {
        if (socket !== this.socket || from !== address || fromPort !== port) return;
        this.received(bytes, length);
      });
      this.socket = socket;
      sync.request(packet, parts.clock.now());
      socket.send(packet, PACKET_BYTES, address, port);
      return true;
    } catch {
      // No socket is free: a later question may find one.
      return false;
    }
  }

  private received(bytes: Uint8Array, length: number): void {
    const { clock, changed } = this.parts;
    const wall = this.sync.received(bytes, length, clock.now(), clock.wall());
    if (wall >= 0) {
      clock.set(wall);
      this.drop();
    }
    changed();
  }

  private drop(): void {
    this.lookup?.cancel();
    this.lookup = undefined;
    this.socket?.close();
    this.socket = undefined;
  }
}
