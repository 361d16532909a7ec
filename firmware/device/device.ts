/**
 * The device: it wires the parts together and owns the one alarm.
 *
 * Readings go sampler > outbox > session; diagnostics and answers go through the mailbox, and the
 * status has a place of its own. A reading is accepted when the outbox has it, and from then on it
 * is delivered or counted as dropped. Leaving is orderly and bounded: what waits is sent, `offline`
 * is said, then DISCONNECT, which takes the will back only once the broker has that `offline`.
 */

import { DEVICE_TIMERS, Deadlines, Timer } from '../base/deadlines.ts';
import { ConfigError } from '../base/errors.ts';
import { decodeUtf8 } from '../base/utf8.ts';
import { Connection, type ConnectionHandler } from '../link/connection.ts';
import { MessageKind } from '../link/kind-trial.ts';
import { HistorySource } from '../link/sources/history.ts';
import { OutboxSource, type RecordObserver } from '../link/sources/outbox.ts';
import { STATUS_WINDOW, StatusSource } from '../link/sources/status.ts';
import { Supervisor } from '../link/supervisor.ts';
import { Mailbox, type MailboxObserver } from '../mqtt/mailbox.ts';
import type { MessageSource } from '../mqtt/message-source.ts';
import type { SessionEvent } from '../mqtt/session/event.ts';
import { Session } from '../mqtt/session/session.ts';
import { type Outbox, type OutboxRecord, RecordKind } from '../outbox/outbox.ts';
import type { Alarm, Clock } from '../ports.ts';
import { Announcer } from '../telemetry/announcer.ts';
import { Between } from '../telemetry/between.ts';
import { readChanges } from '../telemetry/on-change.ts';
import { qualityCode, ReadingFormat } from '../telemetry/record-format.ts';
import { Sampler } from '../telemetry/sampler.ts';
import { DeviceAlarms } from './alarms.ts';
import type { DeviceConfig } from './config.ts';
import type { AfterDevice, DevicePhase } from './device-state.ts';
import { DeviceDiscovery } from './discovery.ts';
import type { DeviceCounters, DeviceObserver, DevicePorts } from './ports.ts';
import { diagnosticsOf, endOf } from './report.ts';
import { sessionOptions, supervisorOptions } from './session.ts';
import { SettingsReport } from './settings-report.ts';
import { DeviceSubscriptions } from './subscriptions.ts';
import { DeviceTopics } from './topics.ts';

/** Messages beside readings that may wait, and the bytes of their payloads. */
const MAILBOX_SLOTS = 4;
const MAILBOX_BYTES = 1024;
/** In flight beside live readings: the status, the mailbox, and one batch of history. */
const EXTRA_WINDOW = STATUS_WINDOW + MAILBOX_SLOTS + 1;
/** Readings that may wait at a reconnect and still count as live. */
const LIVE_WAITING_MAX = 8;
/** The longest goodbye, and the part of it that is kept for saying `offline`. */
const GOODBYE_MS = 5_000;
const OFFLINE_MS = 2_000;

export class Device implements ConnectionHandler, RecordObserver, MailboxObserver {
  readonly config: DeviceConfig;
  readonly ports: DevicePorts;
  private readonly observer: DeviceObserver;
  readonly topics: DeviceTopics;
  readonly clock: Clock;
  private readonly outbox: Outbox;
  private readonly alarm: Alarm;
  readonly deadlines = Deadlines.ofDevice();
  readonly sampler: Sampler;
  /** Undefined: each sample is a reading. */
  readonly between: Between | undefined;
  /** Undefined: there are no rules. */
  readonly alarms: DeviceAlarms | undefined;
  private readonly format: ReadingFormat;
  readonly mailbox: Mailbox;
  private readonly status: StatusSource;
  readonly announcer: Announcer;
  private readonly history: HistorySource;
  readonly discovery: DeviceDiscovery | undefined;
  readonly report: SettingsReport | undefined;
  private readonly subscriptions: DeviceSubscriptions;
  private readonly session: Session;
  readonly supervisor: Supervisor;
  private readonly connection: Connection;
  private readonly startedAt: number;
  private phase: DevicePhase = 'stopped';
  private recordsPublished = 0;
  private lastState = '';
  /**
   * A CONNECT since the last connection was not answered. A broker that had lost the session may
   * have made a new one for it, which it calls present the next time.
   */
  private wasUnanswered = false;

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
    this.topics = new DeviceTopics(config.baseTopic);
    const { deadlines, topics } = this;
    const { status, telemetry, history, diagnostics } = topics;
    this.sampler = new Sampler(ports.sensors, config.intervalMs, deadlines);
    const { alarms, boot } = config;
    const { quantities } = this.sampler;
    const { sampleMs, spread, onChange } = config;
    if (sampleMs > 0 || spread || onChange !== '') {
      this.between = new Between(quantities, { ...config, ...readChanges(onChange) });
      this.sampler.changeInterval(this.between.sampleMs, this.startedAt);
    }
    // Where there were rules, the last ones may have left an alarm.
    if (alarms !== '' || ports.alarmStore?.alarms !== undefined) {
      this.alarms = new DeviceAlarms(alarms, quantities, ports, boot);
    }
    this.format = new ReadingFormat(telemetry, topics.alarm, boot);
    this.mailbox = new Mailbox(MAILBOX_SLOTS, MAILBOX_BYTES, this);
    this.status = new StatusSource(status, this, deadlines);
    const { diagnosticsMs } = config;
    const { mailbox } = this;
    this.announcer = new Announcer(this.status, mailbox, diagnostics, diagnosticsMs, deadlines);
    const live = new OutboxSource(this.outbox, this.format, this);
    this.history = new HistorySource(this.outbox, this.format, this, history, deadlines);
    const sources: MessageSource[] = [this.status, mailbox, live, this.history];
    let window = EXTRA_WINDOW;
    const linkOptions = supervisorOptions(config, ports.random, ports.clock);
    this.supervisor = new Supervisor(linkOptions, deadlines);
    if (config.discovery !== 'off') {
      const { kinds } = this.supervisor;
      this.discovery = new DeviceDiscovery(
        config,
        quantities,
        ports,
        kinds,
        deadlines,
        this.alarms?.names,
      );
      sources.push(this.discovery.messages);
      window += 1;
    }
    const remote = ports.owner?.remote;
    if (remote !== undefined) {
      const { kinds } = this.supervisor;
      this.report = new SettingsReport(topics.reported, remote, kinds, ports.clock, deadlines);
      sources.push(this.report.messages);
      window += 1;
    }
    const transmitBytes = Math.max(
      config.transmitBytes,
      this.discovery?.bytesMax ?? 0,
      this.report?.bytesMax ?? 0,
    );
    // What was ever accepted may have been sent: the outbox is what a session is known by.
    const hasSession = this.outbox.accepted > 0 || config.rememberedSession;
    const options = sessionOptions(config, status, window, hasSession, ports.scram, transmitBytes);
    this.session = new Session(options, sources);
    this.supervisor.records.attach(this.session, sources);
    this.subscriptions = new DeviceSubscriptions(this);
    const { clock, session, supervisor } = this;
    const link = { network, wifi: ports.wifi, path: config.broker.path };
    this.connection = new Connection({ ...link, clock, session, supervisor, handler: this });
    this.alarm = ports.alarm(() => this.ring());
  }

  /** The state of the device: `stopped`, the link's state, or `stopping`. */
  get state(): string {
    if (this.phase === 'running') return this.supervisor.state;
    return this.phase === 'stopped' ? 'stopped' : 'stopping';
  }

  /** A fresh copy of the books. */
  get counters(): DeviceCounters {
    const { outbox } = this;
    const { connects, reconnects } = this.supervisor.figures;
    return {
      accepted: outbox.accepted + outbox.oversized,
      published: this.recordsPublished,
      acknowledged: outbox.delivered,
      dropped: outbox.dropped + outbox.refused + outbox.oversized,
      waiting: outbox.depth,
      connects,
      reconnects,
    };
  }

  /** Begins to sample, and to connect. */
  start(): void {
    if (this.phase !== 'stopped') return;
    this.phase = 'running' satisfies AfterDevice<typeof this.phase>;
    this.alarms?.start();
    this.sampler.start(this.clock.now());
    this.connection.start();
  }

  /** Has Home Assistant forget the device; a goodbye waits for that as well. */
  withdraw(): void {
    this.discovery?.withdraw(this.clock.now());
  }

  /** Readings come at other times from now on. */
  changeInterval(intervalMs: number): void {
    const now = this.clock.now();
    this.sampler.changeInterval(this.between?.changeInterval(intervalMs) ?? intervalMs, now);
    this.discovery?.changeInterval(intervalMs, now);
  }

  /** Leaves in an orderly way, within five seconds; `observer.stopped` is the end of it. */
  stop(): void {
    if (this.phase !== 'running') return;
    this.phase = 'draining' satisfies AfterDevice<typeof this.phase>;
    this.deadlines.set(Timer.limit, this.clock.now() + GOODBYE_MS - OFFLINE_MS);
    this.deadlines.count(Timer.link, DEVICE_TIMERS);
    this.connection.pump();
  }

  sessionEvent(event: SessionEvent): void {
    const now = this.clock.now();
    if (event.type === 'message') this.subscriptions.message(event, now);
    if (event.type === 'subscribed') this.subscriptions.subscribed(event);
    if (event.type === 'skipped') this.subscriptions.skipped(event, now);
    if (event.type !== 'connected') return;
    const { outbox, session, clock } = this;
    // The first reading's time may have come with the connection.
    this.format.setTime(clock.wall() - (now - this.startedAt), clock.quality(), outbox);
    // A few that wait are still live; after a longer outage live values must not wait for them.
    const waiting = outbox.depth - outbox.inFlight - outbox.aside;
    if (waiting > LIVE_WAITING_MAX) outbox.startLive();
    const { limits, transmitBuffer } = session;
    this.history.resume(Math.min(limits.maximumPacketSize, transmitBuffer.messageLimit), now);
    // A connection that comes up while the device leaves is told `offline` alone.
    if (this.phase !== 'leaving') this.announcer.sayOnline(now);
    const isKnown = event.sessionPresent && !this.wasUnanswered;
    this.wasUnanswered = false;
    this.discovery?.connected(isKnown, now);
    this.report?.connected(isKnown, now);
    this.subscriptions.connected(session, isKnown, now);
    this.ports.owner?.signedIn(session.version, this.supervisor.willLevel);
    this.observer.connected(session.version, event.sessionPresent);
  }

  linkEnded(detail: string): void {
    this.announcer.pause();
    if (this.lastState === 'handshaking') this.wasUnanswered = true;
    const { figures, records } = this.supervisor;
    const { lastError, outlook } = figures;
    if (records.untold !== 0) {
      this.observer.setAside?.(records.untold);
      records.untold = 0;
    }
    if (this.phase === 'closing') this.observer.disconnected('goodbye', 'again');
    else this.observer.disconnected(endOf(lastError.words, detail, this.config), outlook);
  }

  /** Nothing is left to do: sets the alarm. */
  idle(): void {
    const state = this.state;
    if (state !== this.lastState) {
      this.lastState = state;
      if (this.phase === 'running') {
        const isOnline = state === 'online';
        this.deadlines.count(Timer.sampler, isOnline ? DEVICE_TIMERS : Timer.status);
      }
      this.observer.state?.(state);
    }
    const now = this.clock.now();
    this.deadlines.set(Timer.outbox, this.outbox.wake(now));
    let at = this.deadlines.next(now);
    if (this.session.calmUntil < at) at = Math.min(at, this.session.deadline(now));
    if (this.phase !== 'running' && this.mayLeave(now)) at = now;
    if (at < Number.POSITIVE_INFINITY) this.alarm.set(at);
    else this.alarm.clear();
  }

  recordPublished(record: OutboxRecord, late: boolean): void {
    this.recordsPublished++;
    const topics = this.topics;
    let topic = late ? topics.history : topics.telemetry;
    if (record.kind === RecordKind.alarm) topic = this.format.alarmTopic(record);
    this.observer.published(topics.text(topic), record.sequence);
  }

  recordSettled(sequence: number, late: boolean, reason: number, alarmTopic?: Uint8Array): void {
    const records = this.supervisor.records;
    if (records.settled(sequence)) this.session.limit(records.receiveMaximum, 0);
    if (reason >= 0x80) return;
    const topics = this.topics;
    const topic = alarmTopic ?? (late ? topics.history : topics.telemetry);
    this.observer.acknowledged(topics.text(topic), sequence);
  }

  mayGo(topic: Uint8Array): boolean {
    const kind = this.kindOf(topic);
    // The last word is always sent: a connection that ends at it was about to end anyway.
    const isLastWord = kind === MessageKind.status && this.phase === 'leaving';
    return isLastWord || this.supervisor.kinds.allows(kind);
  }

  mailPublished(topic: Uint8Array): void {
    const kind = this.kindOf(topic);
    this.supervisor.kinds.sent(kind, kind !== MessageKind.diagnostics, this.clock.now());
    this.observer.published(this.topics.text(topic), 0);
  }

  mailSettled(topic: Uint8Array, reason: number): void {
    const kind = this.kindOf(topic);
    // QoS 0 is settled when it is written, which says nothing about the broker.
    if (kind !== MessageKind.diagnostics) this.supervisor.kinds.proven(kind);
    if (topic === this.topics.status && reason < 0x80) {
      this.supervisor.records.answered();
      this.observer.acknowledged(this.topics.text(topic), 0);
    }
  }

  private kindOf(topic: Uint8Array): number {
    const { status, diagnostics } = this.topics;
    if (topic === status) return MessageKind.status;
    return topic === diagnostics ? MessageKind.diagnostics : MessageKind.responses;
  }

  /** Sends the next kind that was held back; the other kinds go on waiting. */
  private tryNext(now: number): void {
    const kind = this.supervisor.kinds.next(now);
    if (kind === MessageKind.diagnostics) this.announcer.reportSoon(now);
    else if (kind === MessageKind.discovery) this.discovery?.announce(now);
  }

  /** The alarm rang: does what is due. */
  private ring(): void {
    const now = this.clock.now();
    if (this.phase === 'running') this.sample(now);
    else this.leave(now);
    if (this.phase !== 'stopped') this.connection.wake();
  }

  private sample(now: number): void {
    if (now >= this.deadlines.at[Timer.kinds]) this.tryNext(now);
    const sampler = this.sampler;
    const quality = this.clock.quality();
    const wall = this.clock.wall();
    this.format.setTime(wall - (now - this.startedAt), quality, this.outbox);
    if (sampler.wake(now)) {
      // What changes is told before the reading that shows it.
      this.alarms?.judge(sampler.values, sampler.sampledAt);
      const { between } = this;
      const isReading = between?.take(sampler.values, sampler.sampledAt) ?? !sampler.isEmpty;
      if (isReading) {
        const { sampledAt } = sampler;
        const at = quality === 'none' ? sampledAt - this.startedAt : wall - (now - sampledAt);
        const { bytes, start } = this.outbox.draft();
        const end = (between ?? sampler).write(bytes, start);
        const { boot } = this.config;
        const code = qualityCode(quality);
        this.outbox.append(RecordKind.reading, at, code, boot, 0, bytes, start, end);
        this.observer.sampled?.(decodeUtf8(bytes, start, end));
      }
    }
    const { subscriptions } = this;
    if (subscriptions.isAsking || now >= this.deadlines.at[Timer.desired]) {
      subscriptions.wake(this.session, now);
    }
    if (now >= this.deadlines.at[Timer.report]) {
      this.announcer.report(diagnosticsOf(this, now - this.startedAt), sampler.health, now);
    }
  }

  /** The broker has what became of the settings, or does not let it be said. */
  private get isReported(): boolean {
    const { report } = this;
    return report === undefined || report.isTold || !report.mayGo();
  }

  /** Whether a goodbye may go on to its next phase. */
  private mayLeave(now: number): boolean {
    const online = this.supervisor.state === 'online';
    switch (this.phase) {
      case 'draining': {
        const isSaid = (this.discovery?.isToldAll ?? true) && this.isReported;
        const { outbox, mailbox } = this;
        // What is set aside goes alone, at its time.
        const isEmpty = outbox.depth === outbox.aside && mailbox.depth === 0 && isSaid;
        return !online || isEmpty || now >= this.deadlines.at[Timer.limit];
      }
      case 'leaving':
        return !online || this.status.isAcknowledged || now >= this.deadlines.at[Timer.limit];
      default:
        return this.phase === 'closing' && this.supervisor.state === 'stopped';
    }
  }

  /** Moves a goodbye on: what waits is sent, `offline` is said, the connection is ended. */
  private leave(now: number): void {
    if (!this.mayLeave(now)) return;
    if (this.phase === 'draining') {
      this.phase = 'leaving' satisfies AfterDevice<typeof this.phase>;
      this.deadlines.set(Timer.limit, this.deadlines.at[Timer.limit] + OFFLINE_MS);
      this.deadlines.count(Timer.link, Timer.status + 1);
      this.announcer.sayOffline();
    } else if (this.phase === 'leaving') {
      this.phase = 'closing' satisfies AfterDevice<typeof this.phase>;
      this.deadlines.set(Timer.limit, Number.POSITIVE_INFINITY);
      this.deadlines.count(Timer.link, Timer.status);
      this.outbox.flush();
      this.alarms?.flush();
      this.connection.stop(!this.status.isAcknowledged);
    } else {
      this.phase = 'stopped' satisfies AfterDevice<'closing'>;
      this.deadlines.count(0, 0);
      this.alarm.clear();
      if (this.ports.owner === undefined) this.observer.stopped();
      else this.ports.owner.left();
    }
  }
}
