/**
 * A device's subscriptions, and what it does with their messages: commands, and the word that Home
 * Assistant has started.
 *
 * It subscribes with the first connection of a boot, and again when the broker has lost the session
 * or has not confirmed. Answers go to `<base>/response`, or where an MQTT 5.0 request wants them.
 */

import { type KindTrial, MessageKind } from '../link/kind-trial.ts';
import { Property } from '../mqtt/codec/constants.ts';
import type { Subscription } from '../mqtt/codec/encode.ts';
import type { Packet } from '../mqtt/codec/packet.ts';
import { encodeProperties } from '../mqtt/codec/property-values.ts';
import { encodeTopic } from '../mqtt/codec/topics.ts';
import type { Mailbox } from '../mqtt/mailbox.ts';
import type { SessionEvent } from '../mqtt/session/event.ts';
import type { Session } from '../mqtt/session/session.ts';
import type { Clock } from '../ports.ts';
import type { Announcer } from '../telemetry/announcer.ts';
import { HOME_ASSISTANT_STATUS } from '../telemetry/discovery.ts';
import type { Sampler } from '../telemetry/sampler.ts';
import type { DeviceAlarms } from './alarms.ts';
import { type CommandHandler, type CommandName, CommandTable } from './commands.ts';
import type { DeviceDiscovery } from './discovery.ts';
import type { DeviceOwner } from './ports.ts';
import type { DeviceTopics } from './topics.ts';

/** The parts that messages are handed to. */
export interface SubscriptionParts {
  readonly clock: Clock;
  readonly topics: DeviceTopics;
  readonly mailbox: Mailbox;
  readonly sampler: Sampler;
  readonly announcer: Announcer;
  readonly discovery: DeviceDiscovery | undefined;
  readonly alarms: DeviceAlarms | undefined;
  readonly ports: { readonly owner?: DeviceOwner };
  readonly supervisor: { readonly kinds: KindTrial };
}

/** In 5.0: what is retained is not sent on subscribing, and is recognised when it comes later. */
const ONLY_LIVE = Object.freeze({ retainHandling: 2, retainAsPublished: true } as const);

export class DeviceSubscriptions implements CommandHandler {
  private readonly parts: SubscriptionParts;
  private readonly table = new CommandTable(this);
  private readonly filters: readonly Subscription[];
  /** The broker has confirmed in this boot that its session has the subscriptions. */
  private isSubscribed = false;
  private isAsking = false;

  constructor(parts: SubscriptionParts) {
    this.parts = parts;
    // Retained commands are not wanted: a retained restart would come again after each one.
    const commands = { filter: `${parts.topics.command}+`, qos: 1, ...ONLY_LIVE } as const;
    const started = { filter: HOME_ASSISTANT_STATUS, qos: 0, ...ONLY_LIVE } as const;
    this.filters = parts.discovery === undefined ? [commands] : [commands, started];
  }

  /** A connection is up. @param isKnown its session is the one of the connection before */
  connected(session: Session, isKnown: boolean, now: number): void {
    if (!isKnown) this.isSubscribed = false;
    this.isAsking = !this.isSubscribed;
    this.ask(session, now);
  }

  /** Subscribes, where there was no room for it yet. */
  ask(session: Session, now: number): void {
    const { kinds } = this.parts.supervisor;
    if (!this.isAsking || !kinds.allows(MessageKind.subscriptions)) return;
    try {
      this.isAsking = session.subscribe(this.filters, now) === 0;
      if (!this.isAsking) kinds.sent(MessageKind.subscriptions, true, now);
    } catch {
      // This broker knows no wildcards, or no packets so large: it gets readings all the same.
      this.isAsking = false;
    }
  }

  /** The broker has answered: what it refused is asked for again with the next connection. */
  subscribed({ packet }: SessionEvent): void {
    const { bytes, payloadStart, payloadEnd } = packet;
    this.parts.supervisor.kinds.proven(MessageKind.subscriptions);
    this.isSubscribed = true;
    for (let i = payloadStart; i < payloadEnd; i++) if (bytes[i] >= 0x80) this.isSubscribed = false;
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
    } else if (topic === HOME_ASSISTANT_STATUS && isOnline(payload)) discovery?.started(now);
  }

  perform(command: CommandName, seconds: number, alarm: string): string {
    const { sampler, announcer, discovery, alarms, ports, clock } = this.parts;
    const { owner } = ports;
    const now = clock.now();
    switch (command) {
      case 'sample':
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
        sampler.changeInterval(seconds * 1000, now);
        discovery?.changeInterval(seconds * 1000, now);
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
