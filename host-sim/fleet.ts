/**
 * Whole devices in one process: each with ports, sensors and an outbox of its own, told apart by
 * their ids. They start one after the other over at most one interval, so that neither connecting
 * nor sampling comes in one burst.
 *
 * Invariants: every device that was started says goodbye, or the time for it runs out, before
 * `stop` resolves; nothing is told to the view after that.
 */
import {
  Device,
  type DeviceConfig,
  type DeviceCounters,
  type DeviceObserver,
  defaultConfig,
} from '../firmware/device.ts';
import type { Sensor } from '../firmware/sensors/sensor.ts';
import type { BrokerAddress } from './broker-url.ts';
import { liveBoard, liveOutbox } from './live/board.ts';
import type { NetworkObserver, TlsIdentity } from './live/network.ts';
import type { BoardState, State } from './live/state.ts';
import { type ProblemSink, Problems } from './problems.ts';
import { type Board, HISTORY_MAX, NO_COUNTS, type Value, type View } from './view/model.ts';

/** What all devices have in common. */
export interface FleetPlan {
  readonly broker: BrokerAddress;
  /** The broker as problems name it. */
  readonly brokerName: string;
  readonly user: string;
  readonly password: string | undefined;
  readonly identity: TlsIdentity;
  readonly version: 'auto' | 4 | 5;
  readonly intervalMs: number;
  readonly firmwareVersion: string;
  /** What the boards keep while they are off. */
  readonly state: State;
}

const STAGGER_MS_MAX = 5000;
/** Sooner than a board: here somebody is watching, and the broker is their own. */
const RECONNECT_MS_MAX = 5000;
/** A device's own goodbye is bounded by five seconds. */
const STOP_MS_MAX = 7000;

/** One id of a fleet: the base itself when it is alone. */
export function deviceIds(base: string, devices: number): string[] {
  if (devices === 1) return [base];
  const digits = Math.max(3, String(devices).length);
  return Array.from({ length: devices }, (_, index) => {
    return `${base}-${String(index + 1).padStart(digits, '0')}`;
  });
}

export function newBoard(id: string): Board {
  return {
    id,
    state: 'off',
    online: false,
    version: '',
    values: [],
    history: [],
    reason: '',
    counters: NO_COUNTS,
    setUp: undefined,
  };
}

export class Fleet {
  readonly #members: readonly Member[];
  readonly #problems: Problems;
  readonly #staggerMs: number;
  #timer: NodeJS.Timeout | undefined;
  #started = 0;
  #stopped: Promise<void> | undefined;

  constructor(plan: FleetPlan, boards: readonly Board[], view: View, sink: ProblemSink) {
    this.#problems = new Problems(plan.brokerName, sink, () => performance.now());
    this.#members = boards.map((board) => {
      return new Member(plan, board, view, this.#problems);
    });
    this.#staggerMs = Math.min(plan.intervalMs, STAGGER_MS_MAX) / boards.length;
  }

  /** Whether any device was ever connected, and if not why not. */
  get everConnected(): boolean {
    return this.#members.some((member) => member.connects > 0);
  }

  get lastProblem(): string {
    return this.#problems.last;
  }

  start(): void {
    const startedAt = performance.now();
    const launch = (): void => {
      const due = 1 + Math.floor((performance.now() - startedAt) / this.#staggerMs);
      for (; this.#started < Math.min(due, this.#members.length); this.#started += 1) {
        this.#members[this.#started].start();
      }
      if (this.#started === this.#members.length) return;
      this.#timer = setTimeout(launch, Math.max(1, this.#staggerMs));
    };
    launch();
  }

  /** Clean goodbyes, in bounded time. The same promise each time. */
  stop(): Promise<void> {
    this.#stopped ??= this.#stopAll();
    return this.#stopped;
  }

  async #stopAll(): Promise<void> {
    clearTimeout(this.#timer);
    let guard: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      guard = setTimeout(resolve, STOP_MS_MAX);
    });
    const goodbyes = this.#members.slice(0, this.#started).map((member) => member.stop());
    await Promise.race([Promise.all(goodbyes), late]);
    clearTimeout(guard);
    for (const member of this.#members) member.mute();
  }
}

/** The books of this run: the flash counts from its first day. */
function since(now: DeviceCounters, before: DeviceCounters): DeviceCounters {
  return {
    ...now,
    accepted: now.accepted - before.accepted,
    acknowledged: now.acknowledged - before.acknowledged,
    dropped: now.dropped - before.dropped,
  };
}

/** One device through all its boots. */
class Member {
  readonly #plan: FleetPlan;
  readonly #board: Board;
  readonly #view: View;
  readonly #problems: Problems;
  readonly #state: BoardState;
  readonly #network: NetworkObserver;
  #device: Device | undefined;
  #sensors: readonly { readonly sensor: Sensor }[] = [];
  #starts = 0;
  /** What the flash had counted before this run. */
  #before: DeviceCounters | undefined;
  #restarting = false;
  #muted = false;
  #gone: (() => void) | undefined;
  connects = 0;

  constructor(plan: FleetPlan, board: Board, view: View, problems: Problems) {
    this.#plan = plan;
    this.#board = board;
    this.#view = view;
    this.#problems = problems;
    this.#state = plan.state.board(board.id);
    this.#network = {
      unresolved: (host, code) => problems.unresolved(board.id, host, code),
      failed: (_target, failure) => problems.failed(failure),
    };
  }

  start(): void {
    const config = this.#config();
    this.#starts += 1;
    const ports = liveBoard({
      id: this.#board.id,
      identity: this.#plan.identity,
      observer: this.#network,
      outbox: liveOutbox(this.#state.flash, config.windowMax),
      resetReason: this.#starts === 1 ? 'power on' : 'software',
      restart: () => this.#restart(),
    });
    this.#sensors = ports.sensors;
    this.#device = new Device(config, ports, this.#observer());
    this.#device.start();
    this.#refresh();
  }

  #config(): DeviceConfig {
    const { broker, user, password, version, intervalMs, firmwareVersion } = this.#plan;
    return {
      ...defaultConfig(this.#board.id),
      broker: { scheme: broker.scheme, host: broker.host, port: broker.port, path: broker.path },
      user,
      password: password === undefined ? undefined : new TextEncoder().encode(password),
      version,
      intervalMs,
      reconnectMsMax: RECONNECT_MS_MAX,
      firmwareVersion,
      boot: this.#state.nextBoot(),
    };
  }

  stop(): Promise<void> {
    return new Promise((resolve) => {
      this.#gone = resolve;
      this.#device?.stop();
    });
  }

  /** Takes the last figures; from here on nothing is told. */
  mute(): void {
    this.#refresh();
    this.#muted = true;
  }

  #restart(): void {
    if (this.#gone !== undefined || this.#restarting) return;
    this.#restarting = true;
    this.#device?.stop();
  }

  #observer(): DeviceObserver {
    const board = this.#board;
    const tell = (what: () => void): void => {
      if (this.#muted) return;
      this.#refresh();
      what();
    };
    return {
      state: () => tell(() => {}),
      connected: (version, sessionPresent) =>
        tell(() => {
          this.connects += 1;
          board.version = version === 5 ? '5.0' : '3.1.1';
          board.online = true;
          board.reason = '';
          this.#problems.connected();
          this.#view.connected(board, sessionPresent);
        }),
      published: (topic, sequence) => tell(() => this.#view.published(board, topic, sequence)),
      acknowledged: (topic, sequence) =>
        tell(() => this.#view.acknowledged(board, topic, sequence)),
      disconnected: (reason) => tell(() => this.#disconnected(reason)),
      sampled: (fragment) =>
        tell(() => {
          this.#keep(fragment);
          this.#view.sampled(board);
        }),
      stopped: () => tell(() => this.#ended()),
    };
  }

  #disconnected(reason: string): void {
    this.#board.online = false;
    this.#board.reason = reason;
    this.#view.disconnected(this.#board, reason);
    const leaving = this.#gone !== undefined || this.#restarting;
    if (!leaving) this.#problems.disconnected(reason);
  }

  #ended(): void {
    this.#board.online = false;
    if (this.#gone !== undefined) {
      this.#gone();
    } else if (this.#restarting) {
      this.#restarting = false;
      this.start();
    }
  }

  #refresh(): void {
    if (this.#device === undefined) return;
    const { state, counters } = this.#device;
    this.#before ??= counters;
    this.#board.state = state;
    this.#board.counters = since(counters, this.#before);
  }

  /** A fragment holds a reading's values as members of a JSON object, without its braces. */
  #keep(fragment: string): void {
    const read = JSON.parse(`{${fragment}}`) as Record<string, unknown>;
    const quantities = this.#sensors.flatMap(({ sensor }) => sensor.quantities);
    const values: Value[] = [];
    for (const [name, value] of Object.entries(read)) {
      if (typeof value !== 'number') continue;
      const known = quantities.find((quantity) => quantity.name === name);
      values.push({ name, unit: known?.unit ?? '', decimals: known?.decimals ?? 2, value });
    }
    this.#board.values = values;
    if (values.length === 0) return;
    this.#board.history.push(values[0].value);
    if (this.#board.history.length > HISTORY_MAX) this.#board.history.shift();
  }
}
