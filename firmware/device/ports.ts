/** What a device needs of the world, and what it tells of itself. */

import type { FieldProblem } from '../config/fields.ts';
import type { Outlook } from '../link/statistics.ts';
import type { Outbox } from '../outbox/outbox.ts';
import type { Alarm, Clock, Memory, Network, Power, Random, Scheme, WiFi } from '../ports.ts';
import type { Sensor } from '../sensors/sensor.ts';
import type { ScramMaker } from './sign-in.ts';

/** The world, as one device needs it. */
export interface DevicePorts {
  readonly clock: Clock;
  /** Makes the device's alarm. */
  alarm(ring: () => void): Alarm;
  readonly random: Random;
  /** Undefined: this firmware does not prove passwords. */
  readonly scram?: ScramMaker;
  /** The ways to reach a broker that this board has. */
  readonly networks: Partial<Record<Scheme, Network>>;
  readonly wifi: WiFi;
  readonly power: Power;
  readonly memory: Memory;
  readonly sensors: readonly { readonly name: string; readonly sensor: Sensor }[];
  readonly outbox: Outbox;
  /** Undefined: alarms begin anew at each boot. */
  readonly alarmStore?: AlarmStore;
  /** The board around the device; a device without one refuses the commands that need it. */
  readonly owner?: DeviceOwner;
}

/** What a board keeps of its alarms over restarts; nothing of it throws. */
export interface AlarmStore {
  /** What `encodeAlarms` wrote; undefined for none. */
  alarms: Uint8Array | undefined;
  /** What the detector of a rule has learnt. @param place of the rule: at another one it learns anew */
  learnt(place: number, quantity: string): Uint8Array | undefined;
  keepLearnt(place: number, quantity: string, state: Uint8Array): void;
}

/** The board around a device: what commands ask of it, and who is told when the device has left. */
export interface DeviceOwner {
  /** Blinks, so that somebody finds the board. @param seconds for how long */
  identify(seconds: number): void;
  /** Keeps the interval for later boots. @returns what prevented it, in words; empty when done */
  keepInterval(seconds: number): string;
  /** Has the device say goodbye, soon, then opens the set-up network. @returns as above */
  setUp(): string;
  /** Has the device say goodbye, soon, then restarts. */
  restart(): void;
  /** Forgets the settings, then restarts likewise. @returns as above */
  forget(): string;
  /** Forgets the sensors that were found, then restarts likewise: they are found anew. @returns as above */
  probe(): string;
  /**
   * The broker has accepted this version of MQTT: worth remembering.
   * @param will what it refused of the will; 0 for nothing
   */
  signedIn(version: 4 | 5, will: number): void;
  /**
   * Keeps what Home Assistant may know of the device at this broker, for the next boot.
   * @param components empty: nothing any more
   */
  announced(components: string): void;
  /** The goodbye has been said; instead of the observer's `stopped`. */
  left(): void;
  /** Settings from afar; undefined where nobody takes any. */
  readonly remote?: RemoteDoor;
}

/**
 * What became of a wish: it is settled, and to be reported; it is to be tried first; it says nothing
 * new; or it has to wait, for something is under way.
 */
export type RemoteOutcome = 'settled' | 'trying' | 'old' | 'later';

/** The board's settings, for whoever changes them from afar. */
export interface RemoteDoor {
  /** Whether settings can be changed here: those that come from elsewhere cannot. */
  readonly isOpen: boolean;
  /** What is told on `reported`: JSON; empty for nothing. */
  report(): string;
  /**
   * What is wanted, as JSON. A restart that it takes begins once the device has said goodbye.
   */
  takeDocument(json: Uint8Array): RemoteOutcome;
  /** Whether the document that was taken last holds a secret. */
  readonly hadSecret: boolean;
  /**
   * Single values by name, likewise; and what is wrong with some that did not come whole.
   * @param isNew one of them has just been published: what failed before is tried again
   */
  takeValues(
    values: ReadonlyMap<string, Uint8Array>,
    problems: readonly FieldProblem[],
    isNew: boolean,
  ): RemoteOutcome;
  isSecret(name: string): boolean;
}

/** Told what the device does; for a simulator's view, never needed for the work itself. */
export interface DeviceObserver {
  /** The link's state, or `stopping`, changed. */
  state?(state: string): void;
  connected(version: 4 | 5, sessionPresent: boolean): void;
  /** `sequence`: the reading's; 0 for other messages. */
  published(topic: string, sequence: number): void;
  acknowledged(topic: string, sequence: number): void;
  /**
   * A connection has ended or could not be made.
   * @param reason in words
   * @param outlook what comes of it; `no way left`: nothing but a change of settings will help
   */
  disconnected(reason: string, outlook: Outlook): void;
  /**
   * The broker did not take a reading on several connections: it is set aside. Called again after
   * each further try that fails.
   */
  setAside?(sequence: number): void;
  /** A reading was taken: its values as members of a JSON object. */
  sampled?(fragment: string): void;
  stopped(): void;
}

/** The device's own books. */
export interface DeviceCounters {
  /** Readings that the outbox took. */
  accepted: number;
  /** PUBLISH packets with a reading that were sent, redeliveries included. */
  published: number;
  acknowledged: number;
  /** Accepted readings that were lost for lack of room, or refused by the broker. */
  dropped: number;
  /** Accepted readings that are still to be delivered. */
  waiting: number;
  connects: number;
  reconnects: number;
}
