/**
 * The smallest world that a whole Device can live in, for the XS engine: one clock, one pending
 * call per port, and a scripted broker that answers each packet as a plain broker would. Its
 * readings go into the log on flash, through the board's own port of it. The world allocates
 * nothing in the steady state, so that the heap of the machine is the device's.
 *
 * Refuses: anything but CONNECT, SUBSCRIBE, PUBLISH, PINGREQ and DISCONNECT, which throws.
 * Invariant: no port calls its handler from inside the call that it answers.
 */

import Native from 'mc/ffi';
import type { DeviceConfig } from '../../firmware/device/config.ts';
import { defaultConfig } from '../../firmware/device/config.ts';
import { Device } from '../../firmware/device/device.ts';
import type { AlarmStore, DeviceObserver, DevicePorts } from '../../firmware/device/ports.ts';
import { boardCrc32 } from '../../firmware/esp32/crc32.ts';
import { BoardFlash } from '../../firmware/esp32/flash.ts';
import { mountFlashOutbox } from '../../firmware/outbox/flash-outbox.ts';
import type { Outbox } from '../../firmware/outbox/outbox.ts';
import type {
  Alarm,
  CloseReason,
  Target,
  Transport,
  TransportHandler,
} from '../../firmware/ports.ts';
import type { Sensor } from '../../firmware/sensors/sensor.ts';

const NEVER = Number.POSITIVE_INFINITY;
const EPOCH_MS = 1_735_689_600_000;
const WINDOW = 8;
/** As a board has it (`mote-sensors.ts`), whose import would bring every sensor. */
const READING_BYTES_MAX = 960;

/** What a connection of 3.1.1 and of 5.0 is answered with. */
const CONNACK: readonly (readonly number[])[] = Object.freeze([
  Object.freeze([0x20, 2, 0, 0]),
  Object.freeze([0x20, 6, 0, 0, 3, 0x22, 0, 8]),
]);

/** The broker's end of the one connection. */
export class ScriptedBroker implements Transport {
  /** PUBLISH packets of QoS 1 taken; each is answered with PUBACK. */
  publishes = 0;
  connects = 0;
  writes = 0;
  private readonly answers = new Uint8Array(256);
  private isV5 = false;
  private answerBytes = 0;

  get hasAnswer(): boolean {
    return this.answerBytes > 0;
  }

  read(into: Uint8Array, start: number, end: number): number {
    if (this.answerBytes === 0) return 0;
    const count = Math.min(this.answerBytes, end - start);
    for (let i = 0; i < count; i++) into[start + i] = this.answers[i];
    this.answerBytes -= count;
    if (this.answerBytes > 0) this.answers.copyWithin(0, count, count + this.answerBytes);
    return count;
  }

  /** Takes whole packets only, which is how the session hands them over. */
  write(from: Uint8Array, start: number, end: number): number {
    this.writes++;
    for (let at = start; at < end; ) at = this.take(from, at);
    return end - start;
  }

  close(): void {
    this.answerBytes = 0;
  }

  /** @returns the position after the packet at `at` */
  private take(from: Uint8Array, at: number): number {
    const first = from[at];
    const isLong = from[at + 1] > 0x7f;
    const body = at + (isLong ? 3 : 2);
    const length = isLong ? (from[at + 1] & 0x7f) | (from[at + 2] << 7) : from[at + 1];
    if (first >> 4 === 3) this.takePublish(from, first, body);
    else if (first === 0x10) this.takeConnect(from[body + 6]);
    else if (first === 0x82) this.takeSubscribe(from, body, body + length);
    else if (first === 0xc0) this.answer(0xd0, 0);
    else if (first !== 0xe0) throw new Error(`a packet with first byte ${first}`);
    return body + length;
  }

  private takePublish(from: Uint8Array, first: number, body: number): void {
    if ((first & 6) === 0) return;
    const at = body + 2 + ((from[body] << 8) | from[body + 1]);
    this.answer(0x40, 2);
    this.answers[this.answerBytes++] = from[at];
    this.answers[this.answerBytes++] = from[at + 1];
    this.publishes++;
  }

  private takeConnect(level: number): void {
    this.connects++;
    this.isV5 = level === 5;
    const connack = CONNACK[level === 5 ? 1 : 0];
    for (let i = 0; i < connack.length; i++) this.answers[this.answerBytes++] = connack[i];
  }

  /** Grants QoS 1 for each filter. Properties are passed over; they are short. */
  private takeSubscribe(from: Uint8Array, body: number, end: number): void {
    const properties = this.isV5 ? 1 + from[body + 2] : 0;
    let count = 0;
    for (let at = body + 2 + properties; at < end; count++) {
      at += 3 + ((from[at] << 8) | from[at + 1]);
    }
    this.answer(0x90, 2 + (this.isV5 ? 1 : 0) + count);
    this.answers[this.answerBytes++] = from[body];
    this.answers[this.answerBytes++] = from[body + 1];
    if (this.isV5) this.answers[this.answerBytes++] = 0;
    for (let i = 0; i < count; i++) this.answers[this.answerBytes++] = 1;
  }

  private answer(first: number, length: number): void {
    this.answers[this.answerBytes++] = first;
    this.answers[this.answerBytes++] = length;
  }
}

/** What a world is made with. */
export interface WorldSetup {
  readonly config?: Partial<DeviceConfig>;
  /** Gets the world's time, for a chip that measures in it. */
  sensor(now: () => number): Sensor;
  /** So many sensors more of the same kind. */
  readonly more?: number;
  readonly alarmStore?: AlarmStore;
  /** Makes the device otherwise than by its constructor, as a board does at its start. */
  device?(config: DeviceConfig, ports: DevicePorts, observer: DeviceObserver): Device;
}

export class DeviceWorld {
  readonly broker = new ScriptedBroker();
  readonly outbox: Outbox;
  readonly device: Device;
  now = 0;
  /** The network cannot be reached: connecting fails. */
  isUnreachable = false;
  private alarmAt = NEVER;
  private ring: () => void = nothing;
  private join: { joined(): void } | undefined;
  private resolving: ((address: string) => void) | undefined;
  private handler: TransportHandler | undefined;
  private openAt = NEVER;

  constructor(setup: WorldSetup) {
    const limits = { window: WINDOW, payloadBytesMax: READING_BYTES_MAX };
    const crc32 = boardCrc32(new Native());
    this.outbox = mountFlashOutbox(new BoardFlash('outbox'), limits, crc32);
    const config = { ...defaultConfig('mote-1'), ...setup.config };
    const make = setup.device ?? ((...given) => new Device(...given));
    this.device = make(config, this.ports(setup), this.observer());
  }

  /** Runs until `limit` in world milliseconds. */
  runUntil(limit: number): void {
    while (this.step(limit));
  }

  /** The broker's end goes away. */
  drop(reason: CloseReason): void {
    const { handler } = this;
    this.handler = undefined;
    this.broker.close();
    handler?.closed(reason);
  }

  /** Does the one thing that is due first. @returns false when none is due before `limit` */
  step(limit: number): boolean {
    if (this.join !== undefined) this.finishJoin(this.join);
    else if (this.resolving !== undefined) this.finishResolve(this.resolving);
    else if (this.openAt <= this.now) this.finishOpen();
    else if (this.broker.hasAnswer && this.handler !== undefined) this.handler.readable();
    else return this.ringBefore(limit);
    return true;
  }

  private ports(setup: WorldSetup): DevicePorts {
    const { broker, outbox } = this;
    const clock = {
      now: () => this.now,
      wall: () => EPOCH_MS + this.now,
      quality: () => 'sync' as const,
    };
    const network = {
      resolve: (_host: string, done: (address: string) => void) => this.resolve(done),
      connect: (_target: Target, handler: TransportHandler) => this.connect(handler, broker),
    };
    return {
      clock,
      alarm: (ring) => this.makeAlarm(ring),
      random: { below: () => 0 },
      networks: { mqtt: network },
      wifi: this.wifi(),
      power: { resetReason: 'power on', restart: nothing },
      memory: { freeBytes: () => 50_000, freeBytesMin: () => 40_000 },
      sensors: Array.from({ length: 1 + (setup.more ?? 0) }, (_, i) => {
        return { name: i === 0 ? 'bme280' : `bme280-${i}`, sensor: setup.sensor(clock.now) };
      }),
      outbox,
      alarmStore: setup.alarmStore,
    };
  }

  private observer(): DeviceObserver {
    return {
      connected: nothing,
      published: nothing,
      acknowledged: nothing,
      disconnected: nothing,
      stopped: nothing,
    };
  }

  private ringBefore(limit: number): boolean {
    const at = this.alarmAt;
    if (at > limit) {
      this.now = limit;
      return false;
    }
    this.now = Math.max(this.now, at);
    this.alarmAt = NEVER;
    this.ring();
    return true;
  }

  private makeAlarm(ring: () => void): Alarm {
    this.ring = ring;
    return {
      set: (at) => {
        this.alarmAt = at;
      },
      clear: () => {
        this.alarmAt = NEVER;
      },
    };
  }

  private wifi() {
    return {
      join: (handler: { joined(): void }) => {
        this.join = handler;
      },
      leave: nothing,
      link: () => undefined,
    };
  }

  private resolve(done: (address: string) => void) {
    this.resolving = done;
    return {
      cancel: () => {
        this.resolving = undefined;
      },
    };
  }

  private connect(handler: TransportHandler, broker: ScriptedBroker): Transport {
    this.handler = handler;
    this.openAt = this.now;
    return broker;
  }

  private finishJoin(handler: { joined(): void }): void {
    this.join = undefined;
    handler.joined();
  }

  private finishResolve(done: (address: string) => void): void {
    this.resolving = undefined;
    done('10.0.0.1');
  }

  private finishOpen(): void {
    this.openAt = NEVER;
    if (this.isUnreachable) {
      this.drop('unreachable');
      return;
    }
    this.handler?.opened();
  }
}

function nothing(): void {}
