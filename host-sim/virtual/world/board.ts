/**
 * One board in the world: what outlives a power cut (flash, settings and small values, the sensor's
 * chip) and one `Mote` per boot, which a cut drops with all its RAM. It was set up before the run.
 *
 * Every call into the device runs under one guard. What it throws is either the power going, which
 * is the world's doing, or a crash, which is a violation. Its peers hear nothing of a cut.
 */

import type { Settings } from '../../../firmware/config/fields.ts';
import { ConfigStore } from '../../../firmware/config/store.ts';
import { defaultConfig } from '../../../firmware/device/config.ts';
import type { Device } from '../../../firmware/device/device.ts';
import type { DeviceObserver } from '../../../firmware/device/ports.ts';
import { wifiNetwork } from '../../../firmware/device/settings.ts';
import { Mote } from '../../../firmware/mote/mote.ts';
import { OrderlyPower, OrderlyWiFi } from '../../../firmware/network/orderly.ts';
import { SocketGate } from '../../../firmware/network/socket-gate.ts';
import { StationPort } from '../../../firmware/wifi/station-port.ts';
import { Bme280Chip } from '../../chips/bme280-chip.ts';
import { weather } from '../../chips/curves.ts';
import { RESET } from '../../esp32-tools/reset-codes.ts';
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
import { VirtualWiFi } from '../wifi.ts';
import { PinCrash, WorldBench, WorldRadio } from './board-ports.ts';
import { BoardTime } from './board-time.ts';
import { HomeNetwork } from './home-network.ts';
import { LinkWatch } from './link-watch.ts';
import { LogWatch } from './log-watch.ts';
import { ReadingBook } from './reading-book.ts';
import type { BoardMake, Surroundings } from './surroundings.ts';
import { WatchedOutbox } from './watched-outbox.ts';
import { waysToBroker } from './ways.ts';

const PAYLOAD_BYTES_MAX = 160;
const FIRMWARE = '0.1.0';
/** A board whose power comes back is awake after this. */
const START_MS = 350;

export class Board {
  readonly id: string;
  readonly statusTopic: string;
  readonly index: number;
  readonly random: SeededRandom;
  readonly network: VirtualNetwork;
  readonly home: HomeNetwork;
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
  bootedAt = 0;
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
  mote: Mote | undefined;
  outbox: WatchedOutbox | undefined;
  clock: VirtualClock | undefined;
  /** The counts may have changed since they were compared. */
  isTouched = false;
  readonly #world: Surroundings;
  readonly #make: BoardMake;
  readonly #values = new VirtualKeyValue();
  readonly #bench: WorldBench;
  readonly #alarms: VirtualAlarm[] = [];
  #radio: WorldRadio | undefined;
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
    new ConfigStore(this.#values).save(make.settings);
    const { windowMax } = { ...defaultConfig(make.id), ...make.config };
    const limits = { window: windowMax, payloadBytesMax: PAYLOAD_BYTES_MAX };
    this.network = new VirtualNetwork(internet, random.fork('link'), make.link);
    this.home = new HomeNetwork(random.fork('home'));
    this.wifi = new VirtualWiFi(queue, random.fork('wifi'), this.home.look);
    this.sockets = new VirtualSockets(queue, random.fork('sockets'), (words) => {
      violate('panic', words);
    });
    this.network.sockets = this.sockets;
    this.wifi.sockets = this.sockets;
    this.wifi.network = this.network;
    this.chip = new Bme280Chip(weather(random.fork('weather').next32() | 0), () => queue.now);
    this.#bench = new WorldBench(queue, random, this.chip);
    this.flash = new VirtualFlash({ blocks: make.flashBlocks, random: random.fork('flash') });
    world.trace?.flash(world.queue, make.id, this.flash);
    this.book = new ReadingBook(violate, windowMax);
    this.link = new LinkWatch(queue, make.settings.keepAliveS, violate);
    this.log = new LogWatch(this.flash, this.book, limits, world.copyOf(this.flash), violate);
    this.time = new BoardTime(world, this, make.driftPpm, violate);
  }

  /** The device at work; undefined without power, and while the set-up network is open. */
  get device(): Device | undefined {
    return this.mote?.device;
  }

  /** Whether the device says goodbye, or has said it. */
  get isLeaving(): boolean {
    const state = this.device?.state;
    return state === 'stopping' || state === 'stopped';
  }

  get isPowered(): boolean {
    return this.mote !== undefined;
  }

  /** The set-up network is open. */
  get isBeingSetUp(): boolean {
    return this.mote?.portal !== undefined;
  }

  /** It announces itself to Home Assistant. */
  get hasDiscovery(): boolean {
    return this.#make.settings.homeAssistant;
  }

  /** It has rules for alarms. */
  get hasAlarms(): boolean {
    return this.#make.settings.alarms !== '';
  }

  /** The settings in its flash. */
  get saved(): Settings | undefined {
    return new ConfigStore(this.#values).load();
  }

  /** Its settings come from elsewhere: there is nothing to set up. */
  get isPreset(): boolean {
    return this.#make.config !== undefined;
  }

  /** How often the light was switched. */
  get blinks(): number {
    return this.#bench.blinks;
  }

  get isBooting(): boolean {
    return this.#booting !== undefined;
  }

  /** Powers the board up after `delayMs`, unless it is up; an earlier plan gives way. */
  bootAfter(delayMs: number, resetCode: number): void {
    this.#booting?.cancel();
    this.#booting = undefined;
    if (this.isPowered) return;
    this.#booting = this.#world.queue.after(delayMs + START_MS, () => {
      this.#booting = undefined;
      this.#boot(resetCode);
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

  /** The board leaves in order; `then` runs once it is gone. False when it is not there. */
  sayGoodbye(then: () => void): boolean {
    if (this.mote === undefined) return false;
    this.#world.note('goodbye', this.id);
    this.#afterGoodbye = then;
    this.guard(() => this.mote?.stop());
    return true;
  }

  /** Runs a call into the firmware. */
  readonly guard = (call: () => void): void => {
    if (this.mote === undefined) return;
    try {
      call();
    } catch (error) {
      this.#failed(error);
    }
  };

  readonly #touch = (): void => {
    if (this.isTouched) return;
    this.isTouched = true;
    this.#world.touch(this);
  };

  #boot(resetCode: number): void {
    this.boots += 1;
    this.isNew = true;
    this.bootedAt = this.#world.queue.now;
    this.#world.note('boot', `${this.id} ${this.boots}`);
    this.#bench.powerUp();
    // A cut that is planned stays so: it may come inside the mount.
    if (!this.flash.powered) this.flash.powerUp();
    try {
      this.outbox = new WatchedOutbox(this.log.mount(), this.book, this.#touch);
      this.clock = this.time.boot();
      const mote = this.#build(resetCode, this.outbox, this.clock);
      this.mote = mote;
      this.guard(() => mote.start());
    } catch (error) {
      this.#failed(error);
    }
    this.#touch();
  }

  #build(resetCode: number, outbox: WatchedOutbox, clock: VirtualClock): Mote {
    const { queue } = this.#world;
    const networks = waysToBroker(this.#world, this, clock);
    const gate = new SocketGate(clock, (ring) => this.#alarmOf(clock, ring));
    const random = this.random.fork(`boot ${this.boots}`);
    this.sockets.powerUp(gate);
    // The service closes its sockets before it leaves: what waits for their release is inside.
    const station = new OrderlyWiFi(this.#station(clock), gate);
    const wifi = this.time.around(station, clock, {
      random: this.random.fork(`time ${this.boots}`),
      guard: this.guard,
      alarm: (own, ring) => this.#alarmOf(own, ring),
    });
    const radio = new WorldRadio(queue, this.index, wifi, this.guard);
    this.#radio = radio;
    const power = new VirtualPower(resetCode, () => this.#restartSoon(), this.sockets);
    const ports = {
      ...this.#bench.boot(),
      clock,
      alarm: (ring: () => void) => this.#alarmOf(clock, ring),
      random,
      networks,
      radio,
      power: new OrderlyPower(power, gate),
      memory: new VirtualMemory(),
      values: this.#values,
      outbox,
    };
    const make = { firmwareVersion: FIRMWARE, config: this.#make.config };
    return new Mote(ports, make, this.#observer());
  }

  /** The firmware's own station on the board's radio. */
  #station(clock: VirtualClock): StationPort {
    const { guard, wifi } = this;
    return new StationPort(wifiNetwork(this.#make.settings), wifi, {
      clock,
      alarm: (ring) => this.#alarmOf(clock, ring),
      take: (station) => {
        wifi.told = (message, isRefused) => guard(() => station.notified(message, isRefused));
      },
    });
  }

  /** The firmware asked for it, and has said goodbye. Not from inside it. */
  #restartSoon(): void {
    const { mote } = this;
    this.#world.queue.after(0, () => {
      if (this.mote !== mote) return;
      this.#world.note('restart', this.id);
      const then = this.#afterGoodbye;
      this.#drop();
      if (then === undefined) this.bootAfter(0, RESET.software);
      else then();
    });
  }

  #alarmOf(clock: VirtualClock, ring: () => void): VirtualAlarm {
    const { queue, trace } = this.#world;
    const alarm = new VirtualAlarm(queue, clock, () => {
      trace?.timer(queue, this.id);
      this.guard(ring);
    });
    this.#alarms.push(alarm);
    return alarm;
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
      published: (topic, sequence) => {
        const hasDropped = this.outbox?.dropped !== this.droppedBefore;
        if (sequence !== 0) this.book.alarms.send(topic, sequence, hasDropped);
      },
      acknowledged: (_topic, sequence) => {
        if (sequence !== 0) world.hash.word(sequence);
      },
      disconnected: (reason) => {
        this.onlineSince = Number.NaN;
        this.linkChangedAt = world.queue.now;
        world.note('disconnected', `${this.id} ${reason}`);
      },
      setAside: (sequence) => {
        this.book.tell(sequence);
        world.note('set aside', `${this.id} reading ${sequence}`);
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
    if (error instanceof PinCrash) {
      this.#world.note('crash', `${this.id}: ${error.message}`);
      this.#drop();
      this.bootAfter(0, RESET.panic);
      return;
    }
    if (!(error instanceof PowerCut)) {
      const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
      this.#world.violate('crash', `${this.id}: ${text}`, error);
      this.#drop();
      return;
    }
    this.powerCuts += 1;
    this.#world.note('power cut', `${this.id} while writing`);
    this.#drop();
    this.bootAfter(this.#make.powerBackMs(this.random), RESET.powerOn);
  }

  #drop(): void {
    for (const alarm of this.#alarms) alarm.stop();
    this.#alarms.length = 0;
    this.#bench.powerOff();
    this.#radio?.powerOff();
    this.network.vanishAll();
    this.wifi.powerOff();
    this.time.powerOff();
    this.link.powerOff();
    this.onlineSince = Number.NaN;
    this.linkChangedAt = this.#world.queue.now;
    this.#afterGoodbye = undefined;
    this.mote = undefined;
    this.outbox = undefined;
    this.clock = undefined;
  }
}
