/**
 * A whole device in virtual time: clock, alarm, radio, network, a BME280 at register level, and an
 * outbox in memory, against the strict virtual broker.
 *
 *   const board = virtualDevice({ config: { intervalMs: 1000 } });
 *   board.start().runFor(10_000);
 *   assert.equal(board.readings().length, 10);
 *   board.checkBooks();
 *
 * Nothing here judges the device except `checkBooks`. A power cut loses all of its RAM but the
 * outbox, which stands for flash.
 */

import assert from 'node:assert/strict';
import type { DeviceConfig } from '../../firmware/device/config.ts';
import { defaultConfig } from '../../firmware/device/config.ts';
import { Device } from '../../firmware/device/device.ts';
import type { DeviceObserver, DevicePorts } from '../../firmware/device/ports.ts';
import type { Outbox } from '../../firmware/outbox/outbox.ts';
import type { ResetReason } from '../../firmware/ports.ts';
import { Bme280 } from '../../firmware/sensors/drivers/bme280.ts';
import { Bme280Chip } from '../../host-sim/chips/bme280-chip.ts';
import { weather } from '../../host-sim/chips/curves.ts';
import { VirtualAlarm } from '../../host-sim/virtual/alarm.ts';
import type { PublishRecord } from '../../host-sim/virtual/broker/books.ts';
import { VirtualBroker } from '../../host-sim/virtual/broker/broker.ts';
import type { BrokerSettings } from '../../host-sim/virtual/broker/settings.ts';
import { type ClockSettings, VirtualClock } from '../../host-sim/virtual/clock.ts';
import { plainScram } from '../../host-sim/virtual/digest.ts';
import { EventQueue } from '../../host-sim/virtual/event-queue.ts';
import type { LinkConditions } from '../../host-sim/virtual/link.ts';
import { Internet, VirtualNetwork } from '../../host-sim/virtual/network.ts';
import { SeededRandom } from '../../host-sim/virtual/random.ts';
import { openMemoryOutbox } from './memory-outbox.ts';
import { TestWiFi } from './test-wifi.ts';

const HOST = 'broker.test';
const ADDRESS = '10.0.0.1';
const ID = 'mote-1';

export interface VirtualDeviceOptions {
  /** Differences from the defaults; the interval is a second unless given. */
  readonly config?: Partial<DeviceConfig>;
  readonly broker?: Partial<BrokerSettings>;
  readonly link?: Partial<LinkConditions>;
  /** The time is known at boot unless given otherwise. */
  readonly clock?: ClockSettings;
  readonly seed?: number;
  /** Instead of the BME280. */
  readonly sensors?: DevicePorts['sensors'];
  /** Further sensors behind the BME280. */
  readonly moreSensors?: DevicePorts['sensors'];
  readonly outboxBytes?: number;
  /** Ports to use in place of the usual ones. */
  readonly ports?: Partial<DevicePorts>;
}

/** What the device told its observer, with the world's time. */
export interface DeviceEvent {
  readonly at: number;
  readonly event:
    | 'state'
    | 'connected'
    | 'published'
    | 'acknowledged'
    | 'disconnected'
    | 'set aside'
    | 'sampled'
    | 'stopped';
  /** State, topic, reason or fragment; for `connected` the version and whether there was a session. */
  readonly text: string;
  readonly sequence: number;
}

/** One reading as it arrived. */
export interface ArrivedReading {
  /** When, in world milliseconds. */
  readonly at: number;
  readonly topic: string;
  readonly dup: boolean;
  readonly seq: number;
  readonly boot: number;
  readonly ts?: number;
  readonly up?: number;
  readonly tq: string;
  readonly temperature?: number;
}

/** Puts device and world together; nothing has started yet. */
export function virtualDevice(options: VirtualDeviceOptions = {}): VirtualDevice {
  return new VirtualDevice(options);
}

export class VirtualDevice {
  readonly queue = new EventQueue();
  readonly internet = new Internet(this.queue);
  readonly broker: VirtualBroker;
  readonly network: VirtualNetwork;
  readonly wifi = new TestWiFi(this.queue);
  readonly chip: Bme280Chip;
  readonly outbox: Outbox;
  readonly events: DeviceEvent[] = [];
  /** What was published on the status topic, wills included, as `time word`. */
  readonly statuses: string[] = [];
  clock!: VirtualClock;
  alarm!: VirtualAlarm;
  device!: Device;
  boot = 0;
  readonly #options: VirtualDeviceOptions;
  readonly #random: SeededRandom;

  constructor(options: VirtualDeviceOptions) {
    this.#options = options;
    this.#random = new SeededRandom(options.seed ?? 7);
    this.internet.name(HOST, ADDRESS);
    this.broker = new VirtualBroker(this.queue, this.#random.fork('broker'), options.broker);
    this.broker.listen(this.internet, ADDRESS, 1883);
    this.broker.subscriber(`${this.base}/status`, ({ time, payload, isStored }) => {
      if (!isStored) this.statuses.push(`${Math.round(time)} ${textOf(payload)}`);
    });
    this.network = new VirtualNetwork(this.internet, this.#random.fork('link'), options.link);
    this.chip = new Bme280Chip(weather(options.seed ?? 7), () => this.queue.now);
    this.outbox = openMemoryOutbox({
      bytes: options.outboxBytes ?? 256 * 1024,
      window: options.config?.windowMax ?? 8,
    });
    this.#build('power on');
  }

  get base(): string {
    return this.#options.config?.baseTopic ?? `mote/${ID}`;
  }

  /** The words on the status topic, without times. */
  get statusWords(): string[] {
    return this.statuses.map((line) => line.split(' ')[1]);
  }

  start(): this {
    this.device.start();
    return this;
  }

  runFor(ms: number): this {
    this.queue.runFor(ms);
    return this;
  }

  /** Runs until the condition holds. @throws when it does not within the time. */
  until(condition: () => boolean, limitMs = 60_000): this {
    const from = this.queue.now;
    const met = this.queue.runUntil(condition, from + limitMs);
    assert.ok(met, `not within ${limitMs} ms of ${from}: ${condition}; ${this.device.state}`);
    return this;
  }

  /** Starts, and runs until the broker has everything that a connect brings. */
  online(): this {
    if (this.device.state === 'stopped') this.start();
    return this.until(() => this.device.state === 'online').runFor(100);
  }

  /** Asks the device to stop. @returns how many milliseconds the goodbye took */
  stop(limitMs = 60_000): number {
    const from = this.queue.now;
    this.device.stop();
    this.until(() => this.events.at(-1)?.event === 'stopped', limitMs);
    return this.queue.now - from;
  }

  /** The power fails and comes back at once: everything but the outbox is gone. */
  reboot(): this {
    this.network.vanishAll();
    this.alarm.stop();
    this.wifi.leave();
    this.broker.excuse(this.#config().id);
    this.outbox.rewind();
    this.#build('brown-out');
    return this.start();
  }

  /** Events of one kind; of one topic where given. */
  told(event: DeviceEvent['event'], text?: string): DeviceEvent[] {
    return this.events.filter(
      (seen) => seen.event === event && (text === undefined || seen.text === text),
    );
  }

  /** PUBLISH packets that the broker took, by the last level of their topic. */
  packets(topic: string): PublishRecord[] {
    const name = `${this.base}/${topic}`;
    return this.broker.books.published.filter((record) => record.topic === name);
  }

  /** Readings in the order of their arrival, live and late, redeliveries included. */
  readings(): ArrivedReading[] {
    const found: ArrivedReading[] = [];
    for (const { time, topic, dup, payload } of this.broker.books.published) {
      if (topic !== `${this.base}/telemetry` && topic !== `${this.base}/history`) continue;
      const read = [JSON.parse(textOf(payload))].flat() as ArrivedReading[];
      for (const reading of read) found.push({ ...reading, at: time, topic, dup });
    }
    return found;
  }

  /** The numbers of the readings that arrived, ascending, each once. */
  arrived(): number[] {
    return [...new Set(this.readings().map(({ seq }) => seq))].sort((a, b) => a - b);
  }

  diagnostics(): Record<string, unknown>[] {
    return this.packets('diagnostics').map(({ payload }) => JSON.parse(textOf(payload)));
  }

  /** No reading is unaccounted for, and the client did nothing against the standard. */
  checkBooks(): void {
    const { accepted, acknowledged, dropped } = this.device.counters;
    assert.equal(accepted, acknowledged + dropped + this.outbox.depth, 'the books balance');
    assert.deepEqual(this.broker.violations, []);
  }

  #config(): DeviceConfig {
    return {
      ...defaultConfig(ID),
      broker: { scheme: 'mqtt', host: HOST, port: 1883, path: '/' },
      intervalMs: 1000,
      ...this.#options.config,
      boot: this.boot,
    };
  }

  #build(resetReason: ResetReason): void {
    const { clock, sensors, moreSensors = [], ports } = this.#options;
    this.boot += 1;
    this.clock = new VirtualClock(this.queue, { quality: 'sync', ...clock });
    const random = this.#random.fork(`boot ${this.boot}`);
    const wired: DevicePorts = {
      clock: this.clock,
      alarm: (ring) => {
        this.alarm = new VirtualAlarm(this.queue, this.clock, ring);
        return this.alarm;
      },
      random,
      scram: plainScram(random),
      networks: { mqtt: this.network },
      wifi: this.wifi,
      power: { resetReason, restart: () => this.reboot() },
      memory: { freeBytes: () => 120_000, freeBytesMin: () => 90_000 },
      sensors: sensors ?? [{ name: 'bme280', sensor: new Bme280(this.chip) }, ...moreSensors],
      outbox: this.outbox,
      ...ports,
    };
    this.device = new Device(this.#config(), wired, this.#observer());
  }

  #observer(): DeviceObserver {
    const tell = (event: DeviceEvent['event'], text = '', sequence = 0): void => {
      this.events.push({ at: this.queue.now, event, text, sequence });
    };
    return {
      state: (state) => tell('state', state),
      connected: (version, present) => tell('connected', `${version} ${present}`),
      published: (topic, sequence) => tell('published', topic, sequence),
      acknowledged: (topic, sequence) => tell('acknowledged', topic, sequence),
      disconnected: (reason) => tell('disconnected', reason),
      setAside: (sequence) => tell('set aside', '', sequence),
      sampled: (fragment) => tell('sampled', fragment),
      stopped: () => tell('stopped'),
    };
  }
}

/** Bytes as text. */
export function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('utf8');
}
