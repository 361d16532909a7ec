/**
 * Home Assistant's discovery as the device does it: when its messages go out, and how often. There
 * are three, one after the other: the quantities, the controls, and the diagnostics.
 */

import { type Deadlines, Timer } from '../base/deadlines.ts';
import { MessageKind } from '../link/kind-trial.ts';
import { DocumentSource, type RetainedDocument } from '../link/sources/document.ts';
import type { MessageSource } from '../mqtt/message-source.ts';
import type { Quantity } from '../sensors/sensor.ts';
import { Discovery } from '../telemetry/discovery.ts';
import { DiscoveryControls } from '../telemetry/discovery-controls.ts';
import type { DeviceConfig } from './config.ts';
import type { DevicePorts } from './ports.ts';

/** After a start of Home Assistant its devices answer spread over this. */
const SPREAD_MS = 10_000;

/** The part of `KindTrial` that an announcement needs. */
export interface DiscoveryTrial {
  allows(kind: number): boolean;
  sent(kind: number, isAnswered: boolean, now: number): void;
  proven(kind: number): void;
}

export class DeviceDiscovery implements RetainedDocument {
  /** What the transmit buffer must hold. */
  readonly bytesMax: number;
  private readonly discovery: Discovery;
  private readonly messagesInTurn: readonly (Discovery | DiscoveryControls)[];
  /** The message that is on its way, and the one after it. */
  private current = 0;
  private following = 0;
  private readonly source: DocumentSource;
  private readonly ports: Pick<DevicePorts, 'clock' | 'random' | 'owner'>;
  private readonly kinds: DiscoveryTrial;
  /** The interval that the next announcement tells; one on its way keeps its own. */
  private intervalMs: number;
  private isToBeRemoved: boolean;
  /** Nothing was announced in this boot. */
  private isNew = true;
  /** The broker has the removal of the device. */
  isWithdrawn = false;

  constructor(
    config: DeviceConfig,
    quantities: readonly Quantity[],
    ports: Pick<DevicePorts, 'clock' | 'random' | 'owner'>,
    kinds: DiscoveryTrial,
    deadlines: Deadlines,
    alarmNames: readonly string[] = [],
  ) {
    this.kinds = kinds;
    this.intervalMs = config.intervalMs;
    const quietMs = config.onChange === '' ? 0 : config.silenceMs;
    const isRemoved = config.discovery === 'remove';
    this.isToBeRemoved = isRemoved;
    const facts = { ...config, quantities, quietMs, alarmNames };
    const { owner } = ports;
    const hasBoard = owner !== undefined;
    const hasSettings = owner?.remote?.isOpen === true;
    this.discovery = new Discovery(facts, isRemoved, config.announced);
    this.messagesInTurn = [
      this.discovery,
      new DiscoveryControls(facts, 'controls', hasBoard, hasSettings),
      new DiscoveryControls(facts, 'diagnostics', hasBoard, hasSettings),
    ];
    this.bytesMax = Math.max(...this.messagesInTurn.map(({ bytesMax }) => bytesMax));
    this.source = new DocumentSource(this, deadlines, Timer.document);
    this.ports = ports;
  }

  /** For the session. */
  get messages(): MessageSource {
    return this.source;
  }

  get topic(): Uint8Array {
    return this.messagesInTurn[this.current].topic;
  }

  write(into: Uint8Array, at: number): number {
    return this.messagesInTurn[this.current].write(into, at);
  }

  mayGo(): boolean {
    return this.kinds.allows(MessageKind.discovery);
  }

  renew(): void {
    this.current = this.following;
    this.discovery.intervalMs = this.intervalMs;
    this.messagesInTurn[this.current].isRemoved = this.isToBeRemoved;
  }

  published(again: boolean): void {
    // Kept before the broker has it: a power cut must not lose what may be known there.
    const isFirst = this.current === 0;
    if (isFirst && !this.isToBeRemoved) this.ports.owner?.announced(this.discovery.maybeKnown);
    this.kinds.sent(MessageKind.discovery, true, this.ports.clock.now());
    if (!again) this.following = this.current + 1;
  }

  settled(reason: number): void {
    this.kinds.proven(MessageKind.discovery);
    const { current, discovery } = this;
    const isTaken = reason < 0x80;
    // One that is too large was never sent: the next one follows it all the same.
    if (!isTaken) this.following = Math.max(this.following, current + 1);
    if (isTaken && current === 0 && !discovery.isRemoved) {
      discovery.heard();
      this.ports.owner?.announced(discovery.components);
    }
    if (this.following < this.messagesInTurn.length) {
      this.source.send(this.ports.clock.now());
      return;
    }
    this.following = 0;
    if (!isTaken || !this.messagesInTurn.every(({ isRemoved }) => isRemoved)) return;
    this.isWithdrawn = true;
    this.ports.owner?.announced('');
  }

  /** @param isKnown a broker that has lost the session may have lost what it retained, too */
  connected(isKnown: boolean, now: number): void {
    if (!this.isNew && isKnown) return;
    this.isNew = false;
    this.announce(now);
  }

  /** The interval has changed: values expire later, or sooner. */
  changeInterval(intervalMs: number, now: number): void {
    this.intervalMs = intervalMs;
    this.announce(now);
  }

  /** Whether a withdrawal, if there is one, has reached the broker. */
  get isToldAll(): boolean {
    return this.isWithdrawn || !this.isToBeRemoved || !this.mayGo();
  }

  /** Has Home Assistant forget the device: what is announced after this is empty. */
  withdraw(now: number): void {
    this.isToBeRemoved = true;
    this.announce(now);
  }

  /** Sends the announcement again. */
  announce(now: number): void {
    this.following = 0;
    this.source.send(now);
  }

  /** Home Assistant has started: it is told again, not by all devices at once. */
  started(now: number): void {
    this.following = 0;
    this.source.send(now + this.ports.random.below(SPREAD_MS));
  }
}
