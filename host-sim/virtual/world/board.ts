/**
 * One board in the world: what outlives a power cut (flash, small values, the sensor's chip) and
 * one `Device` per boot, which a cut drops with all its RAM.
 *
 * Every call into the device runs under one guard. What it throws is either the power going, which
 * is the world's doing, or a crash, which is a violation. Its peers hear nothing of a cut.
 */

import { OrderlyPower, OrderlyWiFi } from '../../../firmware/board/orderly.ts';
import { SocketGate } from '../../../firmware/board/socket-gate.ts';
import {
  Device,
  type DeviceConfig,
  type DeviceObserver,
  defaultConfig,
} from '../../../firmware/device.ts';
import type { Network, ResetReason } from '../../../firmware/ports.ts';
import { Bme280 } from '../../../firmware/sensors/bme280.ts';
import { Bme280Chip } from '../../chips/bme280-chip.ts';
import { weather } from '../../chips/curves.ts';
import { VirtualAlarm } from '../alarm.ts';
import type { VirtualClock } from '../clock.ts';
import type { Scheduled } from '../event-queue.ts';
import { PowerCut, VirtualFlash } from '../flash.ts';
import { VirtualKeyValue } from '../key-value.ts';
import { VirtualMemory } from '../memory.ts';
import { VirtualNetwork } from '../network.ts';
import { VirtualPower } from '../power.ts';
import type { SeededRandom } from '../random.ts';
import { VirtualSockets } from '../sockets.ts';
import { TlsNetwork } from '../tls.ts';
import { VirtualWiFi } from '../wifi.ts';
import { BoardTime } from './board-time.ts';
import { LinkWatch } from './link-watch.ts';
import { LogWatch } from './log-watch.ts';
import { ReadingBook } from './reading-book.ts';
import type { BoardMake, Surroundings } from './surroundings.ts';
import { WatchedNetwork, watchedWiFi } from './watched-network.ts';
import { WatchedOutbox } from './watched-outbox.ts';

const PAYLOAD_BYTES_MAX = 160;
const BOOT_KEY = 'boot';
/** A board whose power comes back is awake after this. */
const START_MS = 350;

export class Board {
  readonly id: string;
  readonly statusTopic: string;
  readonly index: number;
  readonly random: SeededRandom;
  readonly network: VirtualNetwork;
  readonly wifi: VirtualWiFi;
  readonly sockets: VirtualSockets;
  readonly chip: Bme280Chip;
  readonly flash: VirtualFlash;
  readonly book: ReadingBook;
  readonly link: LinkWatch;
  readonly log: LogWatch;
  readonly time: BoardTime;
  /** Blocks with a rotten bit, and their erases when it flipped. */
  readonly rotten = new Map<number, number>();
  powerCuts = 0;
  boots = 0;
  /** This boot has not been connected: it knows nothing of what the last one had in flight. */
  isNew = true;
  connects = 0;
  /** Since when the device has been connected; NaN while it is not. */
  onlineSince = Number.NaN;
  /** When a connection last came up, or ended. */
  linkChangedAt = 0;
  /** Readings dropped, as the log counted them when it was last looked at. */
  droppedBefore = 0;
  /** Readings dropped or refused, as the log counted them at the end. */
  finalLosses = 0;
  device: Device | undefined;
  outbox: WatchedOutbox | undefined;
  clock: VirtualClock | undefined;
  /** The counts may have changed since they were compared. */
  isTouched = false;
  readonly #world: Surroundings;
  readonly #make: BoardMake;
  readonly #config: DeviceConfig;
  readonly #values = new VirtualKeyValue();
  readonly #alarms: VirtualAlarm[] = [];
  #booting: Scheduled | undefined;
  #afterGoodbye: (() => void) | undefined;

  constructor(world: Surroundings, make: BoardMake) {
    const { queue, internet } = world;
    const random = world.random.fork(`board ${make.id}`);
    const violate = (rule: string, text: string) => world.violate(rule, `${make.id}: ${text}`);
    this.#world = world;
    this.#make = make;
    this.id = make.id;
    this.statusTopic = `mote/${make.id}/status`;
    this.index = make.index;
    this.random = random;
    this.#config = { ...defaultConfig(make.id), ...make.config };
    const limits = { window: this.#config.windowMax, payloadBytesMax: PAYLOAD_BYTES_MAX };
    this.network = new VirtualNetwork(internet, random.fork('link'), make.link);
    this.wifi = new VirtualWiFi(queue, random.fork('wifi'));
    this.sockets = new VirtualSockets(queue, random.fork('sockets'), (words) => {
      violate('panic', words);
    });
    this.network.sockets = this.sockets;
    this.wifi.sockets = this.sockets;
    this.wifi.network = this.network;
    this.chip = new Bme280Chip(weather(random.fork('weather').next32() | 0), () => queue.now);
    this.flash = new VirtualFlash({ blocks: make.flashBlocks, random: random.fork('flash') });
    this.book = new ReadingBook(violate);
    this.link = new LinkWatch(queue, this.#config.keepAliveS, violate);
    this.log = new LogWatch(this.flash, this.book, limits, world.copyOf(this.flash), violate);
    this.time = new BoardTime(world, this, make.driftPpm, violate);
  }

  get isPowered(): boolean {
    return this.device !== undefined;
  }

  get isBooting(): boolean {
    return this.#booting !== undefined;
  }

  /** Powers the board up after `delayMs`, unless it is up; an earlier plan gives way. */
  bootAfter(delayMs: number, reason: ResetReason): void {
    this.#booting?.cancel();
    this.#booting = undefined;
    if (this.isPowered) return;
    this.#booting = this.#world.queue.after(delayMs + START_MS, () => {
      this.#booting = undefined;
      this.#boot(reason);
    });
  }

  /** The power goes, now. Nothing boots the board but `bootAfter`. */
  cutPower(): void {
    this.#booting?.cancel();
    this.#booting = undefined;
    if (!this.isPowered) return;
    this.powerCuts += 1;
    this.#world.note('power cut', this.id);
    this.#drop();
  }

  /** The device leaves in order; `then` runs once it is gone. False when it is not there. */
  sayGoodbye(then: () => void): boolean {
    if (this.device === undefined) return false;
    this.#world.note('goodbye', this.id);
    this.#afterGoodbye = then;
    this.guard(() => this.device?.stop());
    return true;
  }

  /** Runs a call into the device. */
  readonly guard = (call: () => void): void => {
    if (this.device === undefined) return;
    try {
      call();
    } catch (error) {
      this.#failed(error);
    }
  };

  readonly #touch = (): void => {
    if (this.isTouched) return;
    this.isTouched = true;
    this.#world.touched.push(this);
  };

  #boot(reason: ResetReason): void {
    const stored = this.#values.get(BOOT_KEY);
    const boot = 1 + (stored === undefined ? 0 : new DataView(stored.buffer).getUint32(0));
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setUint32(0, boot);
    this.#values.set(BOOT_KEY, bytes);
    this.boots = boot;
    this.isNew = true;
    this.#world.note('boot', `${this.id} ${boot}`);
    this.chip.powerUp();
    // A cut that is planned stays so: it may come inside the mount.
    if (!this.flash.powered) this.flash.powerUp();
    try {
      this.outbox = new WatchedOutbox(this.log.mount(), this.book, this.#touch);
      this.clock = this.time.boot();
      const device = this.#build(boot, reason, this.outbox, this.clock);
      this.device = device;
      this.guard(() => device.start());
    } catch (error) {
      this.#failed(error);
    }
    this.#touch();
  }

  #build(boot: number, reason: ResetReason, outbox: WatchedOutbox, clock: VirtualClock): Device {
    const { queue } = this.#world;
    const restart = () => {
      this.sayGoodbye(() => this.bootAfter(0, 'software'));
    };
    const network = new WatchedNetwork(this.#reach(clock, boot), this.guard, this.link);
    const gate = new SocketGate(clock, (ring) => this.#alarmOf(clock, ring));
    this.sockets.powerUp(gate);
    const radio = new OrderlyWiFi(this.wifi, gate);
    const random = this.random.fork(`boot ${boot}`);
    const wifi = this.time.around(watchedWiFi(radio, this.guard), clock, {
      random: this.random.fork(`tokens ${boot}`),
      guard: this.guard,
      alarm: (of, ring) => this.#alarmOf(of, ring),
    });
    const power = new VirtualPower(reason, () => queue.after(0, restart), this.sockets);
    return new Device(
      { ...this.#config, boot },
      {
        clock,
        alarm: (ring) => this.#alarmOf(clock, ring),
        random,
        networks: { mqtt: network, mqtts: network },
        wifi,
        power: new OrderlyPower(power, gate),
        memory: new VirtualMemory(),
        sensors: [{ name: 'bme280', sensor: new Bme280(this.chip) }],
        outbox,
      },
      this.#observer(),
    );
  }

  #alarmOf(clock: VirtualClock, ring: () => void): VirtualAlarm {
    const alarm = new VirtualAlarm(this.#world.queue, clock, () => this.guard(ring));
    this.#alarms.push(alarm);
    return alarm;
  }

  /** How the broker is reached: over TLS in a world that has it. */
  #reach(clock: VirtualClock, boot: number): Network {
    const { tls, queue } = this.#world;
    if (tls === undefined) return this.network;
    return new TlsNetwork(this.network, {
      queue,
      random: this.random.fork(`tls ${boot}`),
      identities: tls.identities,
      now: () => (clock.quality() === 'none' ? undefined : clock.wall()),
      guard: this.guard,
    });
  }

  #observer(): DeviceObserver {
    const world = this.#world;
    return {
      connected: (version, sessionPresent) => {
        this.connects += 1;
        this.isNew = false;
        this.onlineSince = this.linkChangedAt = world.queue.now;
        world.note('connected', `${this.id} ${version}${sessionPresent ? ' session' : ''}`);
      },
      published() {},
      acknowledged: (_topic, sequence) => {
        if (sequence !== 0) world.hash.word(sequence);
      },
      disconnected: (reason) => {
        this.onlineSince = Number.NaN;
        this.linkChangedAt = world.queue.now;
        world.note('disconnected', `${this.id} ${reason}`);
      },
      stopped: () => this.#stopped(),
    };
  }

  #stopped(): void {
    this.#world.note('stopped', this.id);
    const then = this.#afterGoodbye;
    this.#afterGoodbye = undefined;
    this.#world.queue.after(0, () => {
      this.#drop();
      then?.();
    });
  }

  #failed(error: unknown): void {
    if (!(error instanceof PowerCut)) {
      const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
      this.#world.violate('crash', `${this.id}: ${text}`, error);
      this.#drop();
      return;
    }
    this.powerCuts += 1;
    this.#world.note('power cut', `${this.id} while writing`);
    this.#drop();
    this.bootAfter(this.#make.powerBackMs(this.random), 'power on');
  }

  #drop(): void {
    for (const alarm of this.#alarms) alarm.stop();
    this.#alarms.length = 0;
    this.network.vanishAll();
    this.wifi.powerOff();
    this.time.powerOff();
    this.link.powerOff();
    this.onlineSince = Number.NaN;
    this.linkChangedAt = this.#world.queue.now;
    this.#afterGoodbye = undefined;
    this.device = undefined;
    this.outbox = undefined;
    this.clock = undefined;
  }
}
