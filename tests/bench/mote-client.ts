/**
 * Mote as a peer: the firmware's connection, supervisor and session over the simulator's ports, as
 * the simulator wires them. Only the source is the benchmark's own: it has one more message at any
 * time, and like the outbox it gives each an identifier that follows from its number.
 */

import { Deadlines, Timer } from '../../firmware/base/deadlines.ts';
import { Connection, type ConnectionHandler } from '../../firmware/link/connection.ts';
import { Supervisor } from '../../firmware/link/supervisor.ts';
import { emptyMessage, type MessageSource } from '../../firmware/mqtt/message-source.ts';
import type { SessionEvent } from '../../firmware/mqtt/session/event.ts';
import { defaultOptions, type SessionOptions } from '../../firmware/mqtt/session/options.ts';
import { Session } from '../../firmware/mqtt/session/session.ts';
import type { Clock } from '../../firmware/ports.ts';
import { LiveAlarm } from '../../host-sim/live/alarm.ts';
import { LiveClock } from '../../host-sim/live/clock.ts';
import { liveNetworks } from '../../host-sim/live/network.ts';
import { hostRadio } from '../../host-sim/live/radio.ts';
import { LiveRandom } from '../../host-sim/live/random.ts';
import type { ThroughputClient, ThroughputSettings } from './throughput.ts';

/** Several messages per write to the socket, as one refill of a window makes them. */
const bufferBytes = 16 * 1024;
const packetIdMax = 0x7fff;

/** Connects; see `OpenClient`. */
export async function openMoteClient(settings: ThroughputSettings): Promise<ThroughputClient> {
  const client = new MoteClient(settings);
  await client.connected;
  return client;
}

/** One more message, always, until a time; counts what was acknowledged. */
class EndlessSource implements MessageSource {
  readonly message = emptyMessage();
  openUntil = 0;
  sent = 0;
  acknowledged = 0;
  refused = 0;
  readonly #payload: Uint8Array;
  readonly #clock: Clock;

  constructor({ topic, payloadBytes }: ThroughputSettings, clock: Clock) {
    this.#clock = clock;
    this.#payload = new Uint8Array(payloadBytes).fill(0x78);
    this.message.topic = new TextEncoder().encode(topic);
    this.message.repeats = true;
    this.message.qos = 1;
  }

  next(): boolean {
    if (this.#clock.now() >= this.openUntil) return false;
    this.sent += 1;
    this.message.token = this.sent;
    this.message.packetId = 1 + (this.sent % packetIdMax);
    return true;
  }

  putBack(): void {
    this.sent -= 1;
  }

  reload(): boolean {
    return false;
  }

  rewind(): void {}

  published(): void {}

  writePayload(into: Uint8Array, at: number): number {
    const end = at + this.#payload.length;
    if (end <= into.length) into.set(this.#payload, at);
    return end;
  }

  settled(_token: number, reason: number): void {
    if (reason >= 0x80) this.refused += 1;
    else this.acknowledged += 1;
  }
}

/** One connection of the firmware, wired to the ports of the simulator. */
class MoteClient implements ThroughputClient, ConnectionHandler {
  readonly connected: Promise<void>;
  readonly #source: EndlessSource;
  readonly #clock = new LiveClock();
  readonly #alarm: LiveAlarm;
  readonly #deadlines = Deadlines.ofDevice();
  readonly #session: Session;
  readonly #connection: Connection;
  #online: () => void = () => {};
  #finished: () => void = () => {};
  #failed: (error: Error) => void = () => {};

  constructor(settings: ThroughputSettings) {
    this.#source = new EndlessSource(settings, this.#clock);
    this.#session = new Session(sessionOptions(settings), [this.#source]);
    this.#connection = new Connection({
      clock: this.#clock,
      network: liveNetworks().mqtt,
      wifi: hostRadio(new Uint8Array(6)).station({ ssid: new Uint8Array(1), password: '' }),
      supervisor: supervisor(settings, this.#deadlines),
      session: this.#session,
      path: '/',
      handler: this,
    });
    this.#alarm = new LiveAlarm(this.#clock, () => this.#connection.wake());
    this.connected = new Promise((resolve, reject) => {
      this.#online = resolve;
      this.#failed = reject;
    });
    this.#connection.start();
  }

  run(durationMs: number): Promise<number> {
    const before = this.#source.acknowledged;
    return new Promise((resolve, reject) => {
      this.#finished = () => resolve(this.#source.acknowledged - before);
      this.#failed = reject;
      this.#source.openUntil = this.#clock.now() + durationMs;
      this.#connection.pump();
    });
  }

  async close(): Promise<void> {
    this.#finished = this.#failed = () => {};
    this.#connection.stop();
  }

  sessionEvent(event: SessionEvent): void {
    if (event.type === 'connected') this.#online();
  }

  linkEnded(detail: string): void {
    this.#failed(new Error(`the connection of Mote was lost: ${detail}`));
  }

  idle(): void {
    const due = this.#session.deadline(this.#clock.now());
    this.#alarm.set(Math.min(this.#deadlines.at[Timer.link], due));
    const { sent, acknowledged, refused, openUntil } = this.#source;
    if (refused > 0) this.#failed(new Error(`${refused} messages were refused`));
    if (sent > 0 && acknowledged === sent && this.#clock.now() >= openUntil) this.#finished();
  }
}

function supervisor(settings: ThroughputSettings, deadlines: Deadlines): Supervisor {
  const { host, port, version } = settings;
  return new Supervisor({ host, port, versions: version, random: new LiveRandom() }, deadlines);
}

function sessionOptions({ version, window }: ThroughputSettings): SessionOptions {
  return {
    ...defaultOptions,
    clientId: `mote-${process.pid}-${version}`,
    cleanStart: true,
    sessionExpiryS: 0,
    receiveBytes: bufferBytes,
    transmitBytes: bufferBytes,
    windowMax: window,
  };
}
