/**
 * A device's subscriptions, and what it does with their messages: commands, and the word that Home
 * Assistant has started.
 *
 * Wishes for the settings go to `desired-receiver.ts`. Answers go to `<base>/response`, or where an
 * MQTT 5.0 request wants them.
 */

import type { Deadlines } from '../base/deadlines.ts';
import { type KindTrial, MessageKind } from '../link/kind-trial.ts';
import { Property } from '../mqtt/codec/constants.ts';
import type { Packet } from '../mqtt/codec/packet.ts';
import { encodeProperties } from '../mqtt/codec/property-values.ts';
import { encodeTopic } from '../mqtt/codec/topics.ts';
import type { Mailbox } from '../mqtt/mailbox.ts';
import type { SessionEvent } from '../mqtt/session/event.ts';
import type { Session } from '../mqtt/session/session.ts';
import type { Clock } from '../ports.ts';
import type { Announcer } from '../telemetry/announcer.ts';
import type { Between } from '../telemetry/between.ts';
import { HOME_ASSISTANT_STATUS } from '../telemetry/discovery.ts';
import type { Sampler } from '../telemetry/sampler.ts';
import type { DeviceAlarms } from './alarms.ts';
import { type CommandHandler, type CommandName, CommandTable } from './commands.ts';
import { DesiredReceiver } from './desired-receiver.ts';
import type { DeviceDiscovery } from './discovery.ts';
import type { DeviceOwner } from './ports.ts';
import type { SettingsReport } from './settings-report.ts';
import { StandingRequest } from './standing-request.ts';
import type { DeviceTopics } from './topics.ts';

/** The parts that messages are handed to. */
export interface SubscriptionParts {
  readonly clock: Clock;
  readonly topics: DeviceTopics;
  readonly mailbox: Mailbox;
  readonly sampler: Sampler;
  readonly between: Between | undefined;
  /** Milliseconds between two readings. */
  changeInterval(intervalMs: number): void;
  readonly announcer: Announcer;
  readonly discovery: DeviceDiscovery | undefined;
  readonly alarms: DeviceAlarms | undefined;
  readonly report: SettingsReport | undefined;
  readonly deadlines: Deadlines;
  readonly ports: { readonly owner?: DeviceOwner };
  readonly supervisor: { readonly kinds: KindTrial };
}

/** In 5.0: what is retained is not sent on subscribing, and is recognised when it comes later. */
const ONLY_LIVE = Object.freeze({ retainHandling: 2, retainAsPublished: true } as const);

export class DeviceSubscriptions implements CommandHandler {
  /** Whether a subscription may wait for room. */
  isAsking = false;
  private readonly parts: SubscriptionParts;
  private readonly table = new CommandTable(this);
  private readonly commands: StandingRequest;
  /** Undefined where the board takes no settings from afar. */
  private readonly wishes: StandingRequest | undefined;
  private readonly desired: DesiredReceiver | undefined;

  constructor(parts: SubscriptionParts) {
    this.parts = parts;
    const { topics, mailbox, deadlines, discovery, report } = parts;
    const { kinds } = parts.supervisor;
    // Retained commands are not wanted: a retained restart would come again after each one.
    const commands = { filter: `${topics.command}+`, qos: 1, ...ONLY_LIVE } as const;
    const started = { filter: HOME_ASSISTANT_STATUS, qos: 0, ...ONLY_LIVE } as const;
    const wanted = discovery === undefined ? [commands] : [commands, started];
    this.commands = new StandingRequest(wanted, MessageKind.subscriptions, kinds);
    const remote = parts.ports.owner?.remote;
    if (remote === undefined || report === undefined) return;
    // A request of its own: a broker that forbids it may take the other.
    const wishes = { filter: `${topics.desired}/#`, qos: 1 } as const;
    this.wishes = new StandingRequest([wishes], MessageKind.settings, kinds);
    this.desired = new DesiredReceiver({
      remote,
      mailbox,
      deadlines,
      topic: topics.desired,
      report: (now) => report.send(now),
    });
  }

  /** A connection is up. @param isKnown its session is the one of the connection before */
  connected(session: Session, isKnown: boolean, now: number): void {
    this.commands.connected(session, isKnown, now);
    this.wishes?.connected(session, isKnown, now);
    this.isAsking = true;
  }

  /** Subscribes where there was no room for it yet, and judges the wishes that have come. */
  wake(session: Session, now: number): void {
    this.commands.ask(session, now);
    this.wishes?.ask(session, now);
    this.isAsking = this.commands.isAsking || this.wishes?.isAsking === true;
    this.desired?.wake(now);
  }

  /** The broker has answered a subscription. */
  subscribed({ packet }: SessionEvent): void {
    this.commands.answered(packet);
    this.wishes?.answered(packet);
  }

  /** A message was larger than the receive buffer; a wish is answered as such. */
  skipped(event: SessionEvent, now: number): void {
    const topic = event.topic();
    const { desired } = this.parts.topics;
    if (topic.startsWith(desired)) this.desired?.skipped(topic.slice(desired.length), now);
  }

  /** A message has come; its views are valid during the call. */
  message(event: SessionEvent, now: number): void {
    const { packet } = event;
    const { topics, discovery } = this.parts;
    const payload = packet.bytes.subarray(packet.payloadStart, packet.payloadEnd);
    const topic = event.topic();
    if (topic.startsWith(topics.command)) {
      const name = topic.slice(topics.command.length);
      const response = this.table.take(name, payload, packet.retain, now);
      if (response !== undefined) this.answer(packet, response.payload);
    } else if (topic === HOME_ASSISTANT_STATUS) {
      if (isOnline(payload)) discovery?.started(now);
    } else if (topic.startsWith(topics.desired)) {
      const path = topic.slice(topics.desired.length);
      this.desired?.message(path, payload, packet.retain, now);
    }
  }

  perform(command: CommandName, seconds: number, alarm: string): string {
    const { sampler, between, announcer, discovery, alarms, ports, clock } = this.parts;
    const { owner } = ports;
    const now = clock.now();
    switch (command) {
      case 'sample':
        between?.ask();
        sampler.sampleNow(now);
        return '';
      case 'diagnostics':
        announcer.reportSoon(now);
        return '';
      case 'rediscover':
        discovery?.announce(now);
        return discovery === undefined ? 'discovery is off' : '';
      case 'acknowledge':
        return alarms === undefined ? NO_ALARMS : alarms.acknowledge(alarm);
      case 'shelve':
        return alarms === undefined ? NO_ALARMS : alarms.shelve(alarm, seconds);
    }
    if (owner === undefined) return 'this device cannot do that';
    switch (command) {
      case 'interval':
        this.parts.changeInterval(seconds * 1000);
        this.parts.report?.send(now);
        return owner.keepInterval(seconds);
      case 'identify':
        owner.identify(seconds);
        return '';
      case 'setup':
        return owner.setUp();
      case 'forget':
        return owner.forget();
      case 'probe':
        return owner.probe();
      case 'reboot':
        owner.restart();
        return '';
    }
  }

  private answer(packet: Packet, payload: Uint8Array): void {
    const { properties } = packet;
    const { mailbox, topics } = this.parts;
    const wanted = properties.text(Property.responseTopic);
    const correlationData = properties.data(Property.correlationData);
    // An empty one is no topic: brokers hand it on, and nobody could be answered there.
    const topic = wanted ? encodeTopic(wanted) : topics.response;
    mailbox.post(topic, payload, payload.length, {
      qos: 1,
      retain: false,
      properties: correlationData && encodeProperties({ correlationData }),
    });
  }
}

const NO_ALARMS = 'there are no rules for alarms';
const ONLINE = 'online';

function isOnline(payload: Uint8Array): boolean {
  if (payload.length !== ONLINE.length) return false;
  for (let i = 0; i < ONLINE.length; i++) if (payload[i] !== ONLINE.charCodeAt(i)) return false;
  return true;
}
