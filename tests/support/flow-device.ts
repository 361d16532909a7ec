/**
 * A device without sensors: the real session, supervisor and connection on virtual ports, with a
 * log of what its owner was told.
 */

import assert from 'node:assert/strict';
import { Connection } from '../../firmware/link/connection.ts';
import type { SupervisorOptions } from '../../firmware/link/supervisor-options.ts';
import type { Subscription } from '../../firmware/mqtt/codec/encode.ts';
import type { SessionEvent } from '../../firmware/mqtt/session/event.ts';
import { defaultOptions, type SessionOptions } from '../../firmware/mqtt/session/options.ts';
import { Session } from '../../firmware/mqtt/session/session.ts';
import type { WiFi, WiFiHandler } from '../../firmware/ports.ts';
import { VirtualAlarm } from '../../host-sim/virtual/alarm.ts';
import { VirtualClock } from '../../host-sim/virtual/clock.ts';
import type { EventQueue, Scheduled } from '../../host-sim/virtual/event-queue.ts';
import type { LinkConditions } from '../../host-sim/virtual/link.ts';
import { type Internet, VirtualNetwork } from '../../host-sim/virtual/network.ts';
import type { SeededRandom } from '../../host-sim/virtual/random.ts';
import { FlowSource, type MessageExtras, type Qos } from './flow-source.ts';
import { Wire } from './flow-wire.ts';
import { LoneSupervisor } from './lone.ts';

const JOIN_MS = 100;

/** A radio that joins after a tenth of a second, while the network is there. */
export class FlowWiFi implements WiFi {
  private readonly queue: EventQueue;
  private handler: WiFiHandler | undefined;
  private joining: Scheduled | undefined;
  private isThere = true;
  private isJoined = false;

  constructor(queue: EventQueue) {
    this.queue = queue;
  }

  join(handler: WiFiHandler): void {
    this.leave();
    this.handler = handler;
    this.joining = this.queue.after(JOIN_MS, () => {
      this.isJoined = this.isThere;
      if (this.isThere) handler.joined();
      else handler.failed('not found');
    });
  }

  leave(): void {
    this.joining?.cancel();
    this.handler = undefined;
    this.isJoined = false;
  }

  link() {
    return this.isJoined ? { rssi: -60, channel: 1, bssid: '02:00:00:00:00:01' } : undefined;
  }

  /** The access point goes away, or comes back. */
  change(isThere: boolean): void {
    this.isThere = isThere;
    const { handler, isJoined } = this;
    this.isJoined = isJoined && isThere;
    if (isJoined && !isThere) this.queue.after(0, () => handler?.failed('lost'));
  }
}

export interface FlowOptions {
  /** The only version spoken; `auto` by default as on the board. */
  version?: 4 | 5;
  session?: Partial<SessionOptions>;
  supervisor?: Partial<SupervisorOptions>;
  link?: Partial<LinkConditions>;
  /** Renewed whenever the broker holds no session. */
  subscriptions?: readonly Subscription[];
  sources?: number;
}

/** What the flow's world has for its devices. */
export interface Surroundings {
  readonly queue: EventQueue;
  readonly internet: Internet;
  readonly random: SeededRandom;
}

export class FlowDevice {
  readonly network: VirtualNetwork;
  readonly wire: Wire;
  readonly wifi: FlowWiFi;
  readonly clock: VirtualClock;
  readonly alarm: VirtualAlarm;
  readonly supervisor: LoneSupervisor;
  readonly session: Session;
  readonly connection: Connection;
  readonly sources: FlowSource[] = [];
  /** `connected present`, `message t=payload qos1`, `subscribed`, `ended: taken over`, ... */
  readonly told: string[] = [];
  /** The details of the connections' ends. */
  readonly details: string[] = [];
  /** Called for each message: the words that `told` got. */
  onMessage: ((words: string) => void) | undefined;
  keepsTold = true;
  private readonly options: FlowOptions;

  constructor({ queue, internet, random }: Surroundings, options: FlowOptions) {
    this.options = options;
    const versions = options.version ?? 'auto';
    this.network = new VirtualNetwork(internet, random.fork('link'), options.link);
    this.wifi = new FlowWiFi(queue);
    this.clock = new VirtualClock(queue, { startMs: 1_000 });
    this.alarm = new VirtualAlarm(queue, this.clock, () => this.connection.wake());
    this.supervisor = new LoneSupervisor({
      host: 'broker.test',
      port: 1883,
      random: random.fork('jitter'),
      versions,
      redirects: 'all',
      ...options.supervisor,
    });
    const now = () => queue.now;
    this.wire = new Wire(this.network, now, () => this.supervisor.version);
    for (let i = 0; i < (options.sources ?? 1); i++) this.sources.push(new FlowSource());
    const session = { ...defaultOptions, clientId: 'mote', ...options.session };
    this.session = new Session(session, this.sources);
    this.connection = new Connection({
      clock: this.clock,
      network: this.wire,
      wifi: this.wifi,
      supervisor: this.supervisor,
      session: this.session,
      path: '/mqtt',
      handler: this,
    });
  }

  get source(): FlowSource {
    return this.sources[0];
  }

  get figures() {
    return this.supervisor.figures;
  }

  get isOnline(): boolean {
    return this.supervisor.state === 'online';
  }

  /** Posts messages, and sends what the window allows. */
  publish(topic: string, payloads: string | readonly string[], qos: Qos, extras?: MessageExtras) {
    const list = typeof payloads === 'string' ? [payloads] : payloads;
    const tokens = list.map((payload) => this.source.add(topic, payload, qos, extras));
    this.connection.pump();
    return tokens;
  }

  /** Power cut: nothing is called any more, nobody hears of it. */
  cut(): void {
    this.alarm.stop();
    this.network.vanishAll();
    this.wifi.leave();
  }

  sessionEvent(event: SessionEvent): void {
    const { subscriptions } = this.options;
    if (event.type === 'connected') {
      if (!event.sessionPresent && subscriptions !== undefined) {
        this.session.subscribe(subscriptions, this.clock.now());
      }
      this.tell(`connected ${event.sessionPresent ? 'present' : 'absent'}`);
    } else if (event.type === 'message') {
      const { packet } = event;
      const payload = Buffer.from(packet.bytes.slice(packet.payloadStart, packet.payloadEnd));
      const words = `message ${event.topic()}=${payload} qos${packet.qos}`;
      this.tell(words);
      this.onMessage?.(words);
    } else this.tell(event.type);
  }

  linkEnded(detail: string): void {
    this.tell(`ended: ${this.figures.lastError.name}`);
    this.details.push(detail);
  }

  /** When the connection is to be woken. */
  deadline(): number {
    const { session, supervisor, clock } = this;
    const { calmUntil } = session;
    const due = session.deadline(clock.now());
    assert.ok(calmUntil <= due, `calm until ${calmUntil}, and due at ${due}`);
    return Math.min(supervisor.deadline(), due);
  }

  idle(): void {
    this.alarm.set(this.deadline());
  }

  private tell(words: string): void {
    if (this.keepsTold) this.told.push(words);
  }

  /** The messages that arrived, as `t=payload qos1`. */
  get messages(): string[] {
    const prefix = 'message ';
    const hits = this.told.filter((words) => words.startsWith(prefix));
    return hits.map((words) => words.slice(prefix.length));
  }
}
