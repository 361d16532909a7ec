/**
 * The product: wires the parts together and owns the one alarm.
 *
 * Readings go sampler > outbox > session; status and diagnostics go through the mailbox. A reading
 * is accepted when the outbox has it, and from then on it is delivered or counted as dropped.
 * Leaving is orderly and bounded: what waits is sent, `offline` is said, then DISCONNECT.
 */

import { ConfigError } from './base/errors.ts';
import { decodeUtf8 } from './base/text.ts';
import type { DeviceConfig } from './device-config.ts';
import type { DeviceCounters, DeviceObserver, DevicePorts } from './device-ports.ts';
import { sessionOptions } from './device-session.ts';
import { Connection, type ConnectionHandler } from './link/connection.ts';
import { OutboxSource, type RecordObserver } from './link/outbox-source.ts';
import { Supervisor } from './link/supervisor.ts';
import type { SessionEvent } from './mqtt/event.ts';
import { Mailbox, type MailboxObserver } from './mqtt/mailbox.ts';
import { Session } from './mqtt/session.ts';
import { encodeTopic } from './mqtt/topics.ts';
import { type Outbox, type OutboxRecord, RecordKind } from './outbox/outbox.ts';
import type { Alarm, Clock } from './ports.ts';
import { Announcer } from './telemetry/announcer.ts';
import type { Diagnostics } from './telemetry/diagnostics.ts';
import { qualityCode, ReadingFormat } from './telemetry/record-format.ts';
import { Sampler } from './telemetry/sampler.ts';

export { type DeviceConfig, defaultConfig } from './device-config.ts';
export type { DeviceCounters, DeviceObserver, DevicePorts } from './device-ports.ts';

/** Messages beside readings that may wait, and the bytes of their payloads. */
const MAILBOX_SLOTS = 4;
const MAILBOX_BYTES = 1024;
/** The most that a goodbye takes, and what of it is kept for saying `offline`. */
const GOODBYE_MS = 5_000;
const OFFLINE_MS = 2_000;

type Phase = 'stopped' | 'running' | 'draining' | 'leaving' | 'closing';

export class Device implements ConnectionHandler, RecordObserver, MailboxObserver {
  private readonly config: DeviceConfig;
  private readonly ports: DevicePorts;
  private readonly observer: DeviceObserver;
  private readonly telemetryTopic: string;
  private readonly statusTopic: string;
  private readonly diagnosticsTopic: string;
  private readonly status: Uint8Array;
  private readonly clock: Clock;
  private readonly outbox: Outbox;
  private readonly alarm: Alarm;
  private readonly sampler: Sampler;
  private readonly format: ReadingFormat;
  private readonly mailbox: Mailbox;
  private readonly announcer: Announcer;
  private readonly session: Session;
  private readonly supervisor: Supervisor;
  private readonly connection: Connection;
  private readonly startedAt: number;
  private phase: Phase = 'stopped';
  /** When a goodbye ends at the latest. */
  private goodbyeBy = 0;
  private recordsPublished = 0;
  private lastState = '';

  /**
   * Nothing happens before `start`.
   * @throws ConfigError or RangeError that names a setting which cannot work
   */
  constructor(config: DeviceConfig, ports: DevicePorts, observer: DeviceObserver) {
    const network = ports.networks[config.broker.scheme];
    if (!network) throw new ConfigError('broker', `this board has no ${config.broker.scheme}`);
    this.config = config;
    this.ports = ports;
    this.observer = observer;
    this.clock = ports.clock;
    this.outbox = ports.outbox;
    this.startedAt = this.clock.now();
    this.telemetryTopic = `${config.baseTopic}/telemetry`;
    this.statusTopic = `${config.baseTopic}/status`;
    this.diagnosticsTopic = `${config.baseTopic}/diagnostics`;
    const status = encodeTopic(this.statusTopic);
    const diagnostics = encodeTopic(this.diagnosticsTopic);
    this.status = status;
    this.sampler = new Sampler(ports.sensors, config.intervalMs);
    this.format = new ReadingFormat([encodeTopic(this.telemetryTopic)], config.boot);
    this.mailbox = new Mailbox(MAILBOX_SLOTS, MAILBOX_BYTES, this);
    this.announcer = new Announcer(this.mailbox, status, diagnostics, config.diagnosticsMs);
    const readings = new OutboxSource(this.outbox, this.format, this);
    this.session = new Session(sessionOptions(config, status, MAILBOX_SLOTS), [
      this.mailbox,
      readings,
    ]);
    this.supervisor = new Supervisor({
      host: config.broker.host,
      port: config.broker.port,
      random: ports.random,
      versions: config.version,
    });
    const { clock, session, supervisor } = this;
    const { path } = config.broker;
    const { wifi } = ports;
    const parts = { clock, network, wifi, supervisor, session, path, handler: this };
    this.connection = new Connection(parts);
    this.alarm = ports.alarm(() => this.ring());
  }

  /** Where the device stands: `stopped`, the link's state, or `stopping`. */
  get state(): string {
    if (this.phase === 'running') return this.supervisor.state;
    return this.phase === 'stopped' ? 'stopped' : 'stopping';
  }

  /** A fresh copy of the books. */
  get counters(): DeviceCounters {
    const { outbox } = this;
    const { connects, reconnects } = this.supervisor.figures;
    return {
      accepted: outbox.accepted,
      published: this.recordsPublished,
      acknowledged: outbox.delivered,
      dropped: outbox.dropped + outbox.refused,
      connects,
      reconnects,
    };
  }

  /** Begins to sample, and to connect. */
  start(): void {
    if (this.phase !== 'stopped') return;
    this.phase = 'running';
    this.sampler.start(this.clock.now());
    this.connection.start();
  }

  /** Leaves in an orderly way, within five seconds; `observer.stopped` is the end of it. */
  stop(): void {
    if (this.phase !== 'running') return;
    this.phase = 'draining';
    this.goodbyeBy = this.clock.now() + GOODBYE_MS;
    this.connection.pump();
  }

  sessionEvent(event: SessionEvent): void {
    if (event.type !== 'connected') return;
    this.announcer.sayOnline(this.clock.now());
    this.observer.connected(this.session.version, event.sessionPresent);
  }

  linkEnded(detail: string): void {
    const { words } = this.supervisor.figures.lastError;
    if (this.phase === 'closing') this.observer.disconnected('goodbye');
    else this.observer.disconnected(detail === '' ? words : `${words}: ${detail}`);
  }

  /** Everything that could be done is done: sets the alarm. */
  idle(): void {
    const { state } = this;
    if (state !== this.lastState) {
      this.lastState = state;
      this.observer.state?.(state);
    }
    const at = this.deadline();
    if (at < Number.POSITIVE_INFINITY) this.alarm.set(at);
    else this.alarm.clear();
  }

  recordPublished(record: OutboxRecord): void {
    this.recordsPublished++;
    this.observer.published(this.telemetryTopic, record.sequence);
  }

  recordSettled(sequence: number, reason: number): void {
    if (reason < 0x80) this.observer.acknowledged(this.telemetryTopic, sequence);
  }

  mailPublished(topic: Uint8Array): void {
    const isStatus = topic === this.status;
    this.observer.published(isStatus ? this.statusTopic : this.diagnosticsTopic, 0);
  }

  mailSettled(topic: Uint8Array, reason: number): void {
    if (topic === this.status && reason < 0x80) this.observer.acknowledged(this.statusTopic, 0);
  }

  /** The alarm rang: does what is due. */
  private ring(): void {
    const now = this.clock.now();
    if (this.phase === 'running') this.sample(now);
    else this.leave(now);
    this.outbox.wake(now);
    if (this.phase !== 'stopped') this.connection.wake();
  }

  private sample(now: number): void {
    const { sampler, clock, config } = this;
    const quality = clock.quality();
    const known = quality !== 'none';
    if (known) this.format.setTime(clock.wall() - (now - this.startedAt), quality);
    if (sampler.wake(now)) {
      const at = known
        ? clock.wall() - (now - sampler.sampledAt)
        : sampler.sampledAt - this.startedAt;
      const { fragment, fragmentEnd } = sampler;
      const code = qualityCode(quality);
      this.outbox.append(RecordKind.reading, at, code, config.boot, 0, fragment, 0, fragmentEnd);
      this.observer.sampled?.(decodeUtf8(fragment, 0, fragmentEnd));
    }
    if (now >= this.announcer.deadline()) {
      this.announcer.report(this.diagnostics(now), sampler.health, now);
    }
  }

  private diagnostics(now: number): Diagnostics {
    const { outbox, supervisor, ports, config } = this;
    const { figures } = supervisor;
    const wifi = ports.wifi.link();
    const oldest = outbox.loadOldest() ? outbox.record : undefined;
    const known = oldest !== undefined && oldest.quality !== 0;
    return {
      firmwareVersion: config.firmwareVersion,
      boots: config.boot,
      resetReason: ports.power.resetReason,
      uptimeMs: now - this.startedAt,
      rssi: wifi?.rssi,
      channel: wifi?.channel,
      bssid: wifi?.bssid,
      freeBytes: ports.memory.freeBytes(),
      freeBytesMin: ports.memory.freeBytesMin(),
      reconnects: figures.reconnects,
      takeovers: figures.takeovers,
      lastError: figures.lastErrorKind === 'none' ? undefined : figures.lastError.words,
      outboxDepth: outbox.depth,
      oldestAgeMs: known ? Math.max(0, this.clock.wall() - oldest.at) : undefined,
      dropped: outbox.dropped,
      refused: outbox.refused,
      missedSamples: this.sampler.missedTicks,
      timeQuality: this.clock.quality(),
    };
  }

  /** Whether a goodbye may go on to its next phase. */
  private mayLeave(now: number): boolean {
    const online = this.supervisor.state === 'online';
    switch (this.phase) {
      case 'draining': {
        const empty = this.outbox.depth === 0 && this.mailbox.depth === 0;
        return !online || empty || now >= this.goodbyeBy - OFFLINE_MS;
      }
      case 'leaving':
        return !online || this.mailbox.depth === 0 || now >= this.goodbyeBy;
      default:
        return this.phase === 'closing' && this.supervisor.state === 'stopped';
    }
  }

  /** Moves a goodbye on: what waits is sent, `offline` is said, the connection is ended. */
  private leave(now: number): void {
    if (!this.mayLeave(now)) return;
    if (this.phase === 'draining') {
      this.phase = 'leaving';
      if (this.supervisor.state === 'online') this.announcer.sayOffline();
    } else if (this.phase === 'leaving') {
      this.phase = 'closing';
      this.outbox.flush();
      this.connection.stop();
    } else {
      this.phase = 'stopped';
      this.alarm.clear();
      this.observer.stopped();
    }
  }

  private deadline(): number {
    const now = this.clock.now();
    if (this.phase === 'stopped') return Number.POSITIVE_INFINITY;
    const link = Math.min(this.connection.deadline(), this.outbox.deadline());
    if (this.phase === 'running') {
      return Math.min(link, this.sampler.deadline(), this.announcer.deadline());
    }
    if (this.mayLeave(now)) return now;
    return Math.min(link, this.phase === 'draining' ? this.goodbyeBy - OFFLINE_MS : this.goodbyeBy);
  }
}
