/**
 * The firmware's client over the simulator's live ports, with an ear on every byte and promises
 * where a test waits. The parts are those of a device; only the messages are the test's own.
 *
 * It records; the tests judge. Every wait has an end, with what was seen in its error.
 */

import type { TestContext } from 'node:test';
import { Connection, type ConnectionHandler } from '../../firmware/link/connection.ts';
import type { SupervisorOptions } from '../../firmware/link/supervisor-options.ts';
import type { Subscription } from '../../firmware/mqtt/codec/encode.ts';
import type { SessionEvent } from '../../firmware/mqtt/session/event.ts';
import { defaultOptions, type SessionOptions } from '../../firmware/mqtt/session/options.ts';
import { Session } from '../../firmware/mqtt/session/session.ts';
import type { Scheme } from '../../firmware/ports.ts';
import { LiveAlarm } from '../../host-sim/live/alarm.ts';
import { LiveClock } from '../../host-sim/live/clock.ts';
import { liveNetworks, type TlsIdentity } from '../../host-sim/live/network.ts';
import { hostRadio } from '../../host-sim/live/radio.ts';
import { LiveRandom } from '../../host-sim/live/random.ts';
import { LoneSupervisor } from '../support/lone.ts';
import { type Outgoing, QueueSource, Tap } from './live-parts.ts';

/** Where and as whom to connect. */
export interface LiveClientOptions extends Partial<SessionOptions> {
  readonly clientId: string;
  readonly port: number;
  readonly host?: string;
  readonly scheme?: Scheme;
  readonly path?: string;
  readonly version?: 'auto' | 4 | 5;
  readonly identity?: TlsIdentity;
  readonly supervisor?: Partial<SupervisorOptions>;
}

/** A message as it came. */
export interface Incoming {
  readonly topic: string;
  readonly payload: Buffer;
  readonly text: string;
  readonly qos: number;
  readonly retain: boolean;
  readonly dup: boolean;
}

const WAIT_MS = 8000;
/** Retries soon: the broker of a test comes back soon. */
const BACKOFF = { floorMs: 50, baseMs: 100, capMs: 200 } as const;

/** A client that ends with the test. */
export function liveClient(t: TestContext, options: LiveClientOptions): LiveClient {
  const client = new LiveClient(options);
  t.after(() => client.stop());
  return client;
}

export class LiveClient implements ConnectionHandler {
  readonly messages: Incoming[] = [];
  /** `version sessionPresent` of each connect. */
  readonly connects: string[] = [];
  /** Why each connection or attempt ended, in words. */
  readonly ends: string[] = [];
  readonly tap: Tap;
  readonly session: Session;
  readonly supervisor: LoneSupervisor;
  readonly source: QueueSource;
  readonly #clock = new LiveClock();
  readonly #alarm: LiveAlarm;
  readonly #connection: Connection;
  readonly #waiting = new Set<() => void>();
  readonly #granted = new Map<number, number[]>();

  constructor(options: LiveClientOptions) {
    const { clientId, port, host = '127.0.0.1', scheme = 'mqtt', path = '/mqtt' } = options;
    const { version = 'auto', identity, supervisor, ...session } = options;
    this.tap = new Tap(liveNetworks(identity)[scheme]);
    this.source = new QueueSource(() => this.#check());
    const given = { ...defaultOptions, cleanStart: true, sessionExpiryS: 0, ...session, clientId };
    this.session = new Session(given, [this.source]);
    this.supervisor = new LoneSupervisor({
      host,
      port,
      versions: version,
      random: new LiveRandom(),
      backoff: BACKOFF,
      wifiBackoff: BACKOFF,
      ...supervisor,
    });
    this.#connection = new Connection({
      clock: this.#clock,
      network: this.tap,
      wifi: hostRadio(new Uint8Array(6)).station({ ssid: new Uint8Array(1), password: '' }),
      supervisor: this.supervisor,
      session: this.session,
      path,
      handler: this,
    });
    this.#alarm = new LiveAlarm(this.#clock, () => this.#connection.wake());
  }

  /** Starts, unless it has, and waits for this many connects in all. */
  async online(connects = 1): Promise<this> {
    if (this.supervisor.state === 'stopped') this.#connection.start();
    await this.until(() => this.connects.length >= connects, `connect ${connects}`);
    return this;
  }

  /** Starts, unless it has, and waits for this many ends in all. @returns the last one's words */
  async ended(ends = 1): Promise<string> {
    if (this.supervisor.state === 'stopped') this.#connection.start();
    await this.until(() => this.ends.length >= ends, `end ${ends}`);
    return this.ends[ends - 1];
  }

  /** Hands messages over for sending. @returns their tokens */
  send(...messages: Outgoing[]): number[] {
    const tokens = messages.map((message) => this.source.add(message));
    this.#connection.pump();
    return tokens;
  }

  /** Publishes, and waits until all are settled. @returns their reasons */
  async publish(...messages: Outgoing[]): Promise<number[]> {
    return this.settled(this.send(...messages));
  }

  async settled(tokens: readonly number[]): Promise<number[]> {
    const all = () => tokens.every((token) => this.source.reasonOf(token) >= 0);
    await this.until(all, `the end of ${tokens.length} messages`);
    return tokens.map((token) => this.source.reasonOf(token));
  }

  /** Subscribes. @returns the codes of SUBACK */
  async subscribe(...subscriptions: Subscription[]): Promise<number[]> {
    const id = this.session.subscribe(subscriptions, this.#clock.now());
    this.#connection.pump();
    await this.until(() => this.#granted.has(id), 'SUBACK');
    return this.#granted.get(id)!;
  }

  /** The first message, come or to come, that satisfies the predicate. */
  async message(predicate: (message: Incoming) => boolean): Promise<Incoming> {
    await this.until(() => this.messages.some(predicate), 'the message waited for');
    return this.messages.find(predicate)!;
  }

  /** Says goodbye. */
  async stop(): Promise<void> {
    this.#connection.stop();
    await this.until(() => this.supervisor.state === 'stopped', 'the goodbye');
    this.#alarm.clear();
  }

  until(condition: () => boolean, what: string, timeoutMs = WAIT_MS): Promise<void> {
    return new Promise((resolve, reject) => {
      const finish = (error?: Error) => {
        clearTimeout(guard);
        this.#waiting.delete(look);
        if (error === undefined) resolve();
        else reject(error);
      };
      const look = () => {
        if (condition()) finish();
      };
      const seen = () => `${this.connects} | ${this.ends} | ${this.messages.length} messages`;
      const late = () => finish(new Error(`${what} not in ${timeoutMs} ms: ${seen()}`));
      const guard = setTimeout(late, timeoutMs);
      this.#waiting.add(look);
      look();
    });
  }

  sessionEvent(event: SessionEvent): void {
    const { packet, type } = event;
    if (type === 'connected') {
      this.connects.push(`${this.session.version} ${event.sessionPresent}`);
    } else if (type === 'message') {
      const payload = Buffer.from(packet.bytes.subarray(packet.payloadStart, packet.payloadEnd));
      const { qos, retain, duplicate: dup } = packet;
      this.messages.push({
        topic: event.topic(),
        payload,
        text: String(payload),
        qos,
        retain,
        dup,
      });
    } else if (type === 'subscribed') {
      const codes = packet.bytes.subarray(packet.payloadStart, packet.payloadEnd);
      this.#granted.set(packet.packetId, [...codes]);
    }
  }

  linkEnded(detail: string): void {
    const { words } = this.supervisor.figures.lastError;
    this.ends.push(detail === '' ? words : `${words}: ${detail}`);
  }

  idle(): void {
    const at = Math.min(this.supervisor.deadline(), this.session.deadline(this.#clock.now()));
    if (at < Number.POSITIVE_INFINITY) this.#alarm.set(at);
    else this.#alarm.clear();
    this.#check();
  }

  #check(): void {
    for (const look of [...this.#waiting]) look();
  }
}
