/**
 * Whole devices in one process: each with ports, sensors and an outbox of its own, told apart by
 * their ids. They start one after the other over at most one interval, so that neither connecting
 * nor sampling comes in one burst.
 *
 * Invariants: every device that was started says goodbye, or the time for it runs out, before
 * `stop` resolves; nothing is told to the view after that.
 */

import type { Settings } from '../../firmware/config/fields.ts';
import type { TimeServer } from '../../firmware/time/time-service.ts';
import { type BrokerAddress, showBroker } from '../cli/broker-url.ts';
import type { TlsIdentity } from '../live/network.ts';
import type { State } from '../live/state.ts';
import { type Board, NO_COUNTS, type View } from '../view/model.ts';
import { Member } from './member.ts';
import { type ProblemSink, Problems } from './problems.ts';

/** What all devices have in common. */
export interface FleetPlan {
  readonly broker: BrokerAddress;
  /** The broker as problems name it. */
  readonly brokerName: string;
  readonly user: string;
  readonly password: string | undefined;
  readonly signIn: 'password' | 'scram';
  readonly identity: TlsIdentity;
  /** Who is asked for the time; undefined: the boards' clocks are right. */
  readonly timeServer: TimeServer | undefined;
  readonly version: 'auto' | 4 | 5;
  readonly intervalMs: number;
  readonly firmwareVersion: string;
  /** What the boards keep while they are off. */
  readonly state: State;
  /** What is on the boards' buses. */
  readonly sensors: readonly string[];
  /** The boards have settings of their own in their flash, which they can be told to change. */
  readonly hasOwnSettings: boolean;
  /** What a board without any is set up with before its first start; undefined: its page sets it up. */
  readonly settingsOf: ((id: string) => Settings) | undefined;
  /** Rules for alarms, as the setting has them; empty for none. */
  readonly alarms: string;
  /** As the settings of these names have it; the times in milliseconds. */
  readonly sampleMs: number;
  readonly spread: boolean;
  readonly onChange: string;
  readonly silenceMs: number;
  /** Boards with settings from this plan announce themselves to Home Assistant. */
  readonly homeAssistant: boolean;
  /** The view is told of each MQTT packet. */
  readonly showsPackets: boolean;
  /** Loopback port of the set-up page; 0 for any. */
  readonly setupPort: number;
  /** How long the button is held when power comes on first, in ms. */
  readonly buttonMs: number;
  /** Told where a set-up page answers. */
  readonly opened: (url: string) => void;
  /** Told what a board goes to work with that has settings of its own. */
  readonly targeted: (target: Target) => void;
  /** Told once for each of those, when it works in its first boot of this run. */
  readonly worksFirst: (target: Target) => void;
}

/** Where a board publishes. */
export interface Target {
  readonly broker: BrokerAddress;
  readonly user: string;
  readonly baseTopic: string;
}

const STAGGER_MS_MAX = 5000;
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
    const problems = new Problems(
      plan.brokerName,
      sink,
      () => performance.now(),
      !plan.hasOwnSettings || plan.settingsOf !== undefined,
    );
    this.#problems = problems;
    const targeted = (target: Target): void => {
      problems.broker = showBroker(target.broker);
      plan.targeted(target);
    };
    this.#members = boards.map((board) => {
      return new Member({ ...plan, targeted }, board, view, problems);
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

  /** Every board is turned off and on again with its button held. @param ms for how long */
  press(ms: number): void {
    for (const member of this.#members) member.press(ms);
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
