/** Sets the wall time over SNTP: the port under `time/time-sync.ts`. */

import Time from 'time';
import type { Alarm, DatagramSocket, Datagrams, Random } from '../ports.ts';
import { PACKET_BYTES } from '../time/sntp.ts';
import { TimeSync } from '../time/time-sync.ts';
import { BoardAlarm } from './alarm.ts';
import type { BoardClock } from './clock.ts';
import { resolveName } from './resolve.ts';

const PORT = 123;

export class BoardTime {
  private readonly clock: BoardClock;
  private readonly datagrams: Datagrams;
  private readonly sync: TimeSync;
  private readonly alarm: Alarm;
  private readonly packet = new Uint8Array(PACKET_BYTES);
  private socket: DatagramSocket | undefined;
  private server = '';

  constructor(clock: BoardClock, random: Random, datagrams: Datagrams) {
    this.clock = clock;
    this.datagrams = datagrams;
    this.sync = new TimeSync(random, clock.wall());
    this.alarm = new BoardAlarm(clock, () => this.ask());
    clock.judgedBy((now) => this.sync.quality(now));
  }

  /** Asks this server from now on, again and again until it answers. Once. */
  start(server: string): void {
    this.server = server;
    this.sync.start(this.clock.now());
    this.rearm();
  }

  private ask(): void {
    const { sync, packet, clock } = this;
    sync.request(packet, clock.now());
    this.rearm();
    resolveName(this.server, (address) => {
      if (address !== '') this.send(address);
    });
  }

  /** A socket for each question: a port that nobody else can know. */
  private send(address: string): void {
    this.socket?.close();
    this.socket = undefined;
    try {
      this.socket = this.datagrams.bind(0, (bytes, length, from) => {
        if (from === address) this.received(bytes, length);
      });
    } catch {
      // No socket is free: the next question may find one.
    }
    this.socket?.send(this.packet, PACKET_BYTES, address, PORT);
  }

  private received(bytes: Uint8Array, length: number): void {
    const wall = this.sync.received(bytes, length, this.clock.now());
    if (wall < 0) return;
    Time.set(wall / 1000);
    this.socket?.close();
    this.socket = undefined;
    this.rearm();
  }

  private rearm(): void {
    this.alarm.set(this.sync.deadline());
  }
}
