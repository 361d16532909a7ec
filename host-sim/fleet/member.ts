/**
 * One board of a fleet through all its boots: it restarts when its firmware asks for that, and
 * tells the view what happens to it.
 *
 * Invariants: a board that was started says goodbye before `stop` resolves; after `mute` nothing
 * is told.
 */

import type { DeviceConfig } from '../../firmware/device/config.ts';
import { defaultConfig } from '../../firmware/device/config.ts';
import type { DeviceCounters } from '../../firmware/device/ports.ts';
import type { Outlook } from '../../firmware/link/statistics.ts';
import { Mote } from '../../firmware/mote/mote.ts';
import type { MoteObserver, MotePorts } from '../../firmware/mote/ports.ts';
import { namesInSettings } from '../chips/one-wire-sensors.ts';
import { RESET } from '../esp32-tools/reset-codes.ts';
import { liveBoard, liveOutbox } from '../live/board.ts';
import { LiveButton } from '../live/button.ts';
import type { NetworkObserver } from '../live/network.ts';
import type { BoardState } from '../live/state.ts';
import { packetText } from '../packets/packet-text.ts';
import type { PacketListener } from '../packets/tapped-network.ts';
import {
  type Board,
  type Counters,
  HISTORY_MAX,
  NO_COUNTS,
  type Value,
  type View,
} from '../view/model.ts';
import type { FleetPlan, Target } from './fleet.ts';
import type { Problems } from './problems.ts';
import { provision } from './provision.ts';

/** Readings in flight per lane: what the device has room for. */
const WINDOW = defaultConfig('any').windowMax;

/**
 * The books of this run: the flash counts from its first day, the device from its boot.
 * @param before what the flash had counted before this run
 * @param boots the books up to the last boot
 */
function runs(now: DeviceCounters, before: DeviceCounters, boots: Counters): Counters {
  return {
    accepted: now.accepted - before.accepted,
    published: now.published + boots.published,
    acknowledged: now.acknowledged - before.acknowledged,
    dropped: now.dropped - before.dropped,
    waiting: now.waiting,
    reconnects: now.reconnects + boots.reconnects,
  };
}

/** Only WebSocket has a path. */
function targetOf({ broker, user, baseTopic }: DeviceConfig): Target {
  const path = broker.scheme.startsWith('ws') ? broker.path : '';
  return { broker: { ...broker, path }, user, baseTopic };
}

/** What a board is told as it is. */
type Told =
  | ('user' | 'signIn' | 'version' | 'intervalMs')
  | ('alarms' | 'sampleMs' | 'spread' | 'onChange' | 'silenceMs');

/**
 * What `npm start` tells a board: who it is, what it talks to and how often. In all else, such as
 * how long it waits between two attempts to reach its broker, it is as a board that was flashed.
 */
export function configOf(
  plan: Pick<FleetPlan, 'broker' | 'password' | 'homeAssistant' | Told>,
  id: string,
): Partial<DeviceConfig> {
  const { broker, password, homeAssistant } = plan;
  const { user, signIn, version, intervalMs } = plan;
  const { alarms, sampleMs, spread, onChange, silenceMs } = plan;
  return {
    id,
    baseTopic: `mote/${id}`,
    broker: { scheme: broker.scheme, host: broker.host, port: broker.port, path: broker.path },
    user,
    password: password === undefined ? undefined : new TextEncoder().encode(password),
    signIn,
    version,
    intervalMs,
    alarms,
    sampleMs,
    spread,
    onChange,
    silenceMs,
    discovery: homeAssistant ? 'on' : 'off',
  };
}

/** What a board is called: its base topic, without what all have in common. */
export function nameOf(baseTopic: string): string {
  return baseTopic.replace(/^mote\//, '');
}

export class Member {
  readonly #plan: FleetPlan;
  /** The board's own, whatever it is called after it was set up. */
  readonly #id: string;
  readonly #board: Board;
  readonly #view: View;
  readonly #problems: Problems;
  readonly #state: BoardState;
  readonly #network: NetworkObserver;
  #mote: Mote | undefined;
  #starts = 0;
  /** What the flash had counted before this run. */
  #before: DeviceCounters | undefined;
  /** The books of this run up to the last boot. */
  #boots: Counters = NO_COUNTS;
  #muted = false;
  #gone: (() => void) | undefined;
  connects = 0;
  readonly #button = new LiveButton();
  /** How long the button is held when power comes on next, in ms. */
  #holdMs: number;

  constructor(plan: FleetPlan, board: Board, view: View, problems: Problems) {
    this.#plan = plan;
    this.#board = board;
    this.#view = view;
    this.#problems = problems;
    this.#holdMs = plan.buttonMs;
    this.#id = board.id;
    this.#state = plan.state.board(board.id);
    this.#network = {
      // What fails while settings are tried is the page's to tell, or `reported` does.
      unresolved: (host, code) => {
        if (!this.#isChecking) problems.unresolved(board.id, host, code);
      },
      failed: (_target, failure) => {
        if (!this.#isChecking) problems.failed(failure);
      },
    };
    const { settingsOf } = plan;
    if (settingsOf !== undefined) provision(this.#state.values, () => settingsOf(board.id));
  }

  get #isChecking(): boolean {
    const { portal, state } = this.#mote ?? {};
    return portal !== undefined || state === 'trying' || state === 'parting';
  }

  start(): void {
    const { firmwareVersion, sensors, hasOwnSettings } = this.#plan;
    this.#starts += 1;
    this.#boots = this.#board.counters;
    const config = hasOwnSettings ? undefined : configOf(this.#plan, this.#id);
    const make = {
      firmwareVersion,
      config,
      sensors: hasOwnSettings ? undefined : namesInSettings(sensors),
    };
    this.#button.hold(this.#holdMs);
    this.#holdMs = 0;
    this.#mote = new Mote(this.#ports(), make, this.#observer());
    this.#mote.start();
    const working = this.#mote.device?.config;
    if (hasOwnSettings && working !== undefined) {
      this.#board.id = nameOf(working.baseTopic);
      this.#plan.targeted(targetOf(working));
      if (this.#starts === 1) this.#plan.worksFirst(targetOf(working));
    }
    this.#refresh();
  }

  #ports(): MotePorts {
    const { identity, sensors, setupPort, timeServer, hasOwnSettings, showsPackets } = this.#plan;
    return liveBoard({
      id: this.#id,
      identity: hasOwnSettings ? undefined : identity,
      observer: this.#network,
      packets: showsPackets ? this.#packets : undefined,
      outbox: liveOutbox(this.#state.flash, WINDOW),
      values: this.#state.values,
      sensors,
      timeServer,
      setupPort,
      setupBound: (port) => this.#opened(port),
      setupFailed: (error) => this.#problems.setUpFailed(this.#id, error),
      button: this.#button,
      resetCode: this.#starts === 1 ? RESET.powerOn : RESET.software,
      restart: () => this.#restart(),
    });
  }

  /** The board is turned off, in order, and on again with its button held for so long. */
  press(ms: number): void {
    if (this.#gone !== undefined || this.#mote === undefined) return;
    this.#holdMs = ms;
    this.#mote.restart();
  }

  stop(): Promise<void> {
    return new Promise((resolve) => {
      this.#gone = resolve;
      // A simulated board that is gone is to leave nothing behind.
      this.#mote?.retire();
    });
  }

  /** Takes the last figures; from here on nothing is told. */
  mute(): void {
    this.#refresh();
    this.#muted = true;
  }

  /** The firmware asked for it, and has said goodbye. */
  #restart(): void {
    if (this.#gone === undefined) this.start();
    else this.#gone();
  }

  #tell(what: () => void): void {
    if (this.#muted) return;
    this.#refresh();
    what();
  }

  readonly #packets: PacketListener = (direction, packet) => {
    this.#tell(() => this.#view.packet(this.#board, packetText(direction, packet)));
  };

  #observer(): MoteObserver {
    const board = this.#board;
    return {
      state: () => this.#tell(() => {}),
      connected: (version, sessionPresent) =>
        this.#tell(() => {
          this.connects += 1;
          board.version = version === 5 ? '5.0' : '3.1.1';
          board.online = true;
          board.reason = '';
          this.#problems.connected();
          this.#view.connected(board, sessionPresent);
        }),
      published: (topic, sequence) =>
        this.#tell(() => this.#view.published(board, topic, sequence)),
      acknowledged: (topic, sequence) =>
        this.#tell(() => this.#view.acknowledged(board, topic, sequence)),
      disconnected: (reason, outlook) => this.#tell(() => this.#disconnected(reason, outlook)),
      sampled: (fragment) =>
        this.#tell(() => {
          this.#keep(fragment);
          this.#view.sampled(board);
        }),
      stopped: () => this.#tell(() => this.#ended()),
      setUpClosed: (reason) => this.#tell(() => this.#closed(reason)),
      settingsTried: (failure) => this.#tell(() => this.#view.settingsTried(board, failure)),
    };
  }

  /** The set-up page answers. */
  #opened(port: number): void {
    const { broker, user } = this.#plan;
    const login = user === '' ? '' : `, user ${user}`;
    const place = `broker ${broker.host}, port ${broker.port}${login}`;
    const hint = `Wi-Fi "Home", password mote-demo; ${place}`;
    const url = `http://127.0.0.1:${port}/`;
    this.#board.setUp = { url, broker: this.#plan.brokerName, hint };
    this.#plan.opened(url);
    this.#tell(() => this.#view.setUp(this.#board, ''));
  }

  #closed(reason: string): void {
    this.#board.setUp = undefined;
    this.#view.setUp(this.#board, reason);
  }

  #disconnected(reason: string, outlook: Outlook): void {
    this.#board.online = false;
    this.#board.reason = reason;
    this.#view.disconnected(this.#board, reason);
    // A board that says goodbye restarts, or is to be set up.
    const isFailure = reason !== 'goodbye' && this.#gone === undefined;
    if (isFailure) this.#problems.disconnected(reason, outlook);
  }

  #ended(): void {
    this.#board.online = false;
    this.#gone?.();
  }

  #refresh(): void {
    if (this.#mote === undefined) return;
    this.#board.state = this.#mote.state;
    const counters = this.#mote.device?.counters;
    if (counters === undefined) return;
    this.#before ??= counters;
    this.#board.counters = runs(counters, this.#before, this.#boots);
  }

  /** A fragment holds a reading's values as members of a JSON object, without its braces. */
  #keep(fragment: string): void {
    const read = JSON.parse(`{${fragment}}`) as Record<string, unknown>;
    const quantities = this.#mote?.device?.sampler.quantities ?? [];
    const values: Value[] = [];
    for (const [name, value] of Object.entries(read)) {
      if (typeof value !== 'number') continue;
      const of = name.replace(/_(?:min|max)$/, '');
      const known = quantities.find((quantity) => quantity.name === of);
      values.push({ name, unit: known?.unit ?? '', decimals: known?.decimals ?? 2, value });
    }
    this.#board.values = values;
    if (values.length === 0) return;
    this.#board.history.push(values[0].value);
    if (this.#board.history.length > HISTORY_MAX) this.#board.history.shift();
  }
}
