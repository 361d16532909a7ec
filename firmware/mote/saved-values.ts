/**
 * The small values that a board keeps beside its settings: what it counted, and what it found.
 *
 * Nothing here throws: with a full store the board loses what it would have kept, and goes on
 * working.
 */

import { untoldAlarms } from '../alarms/saved-alarms.ts';
import { readUint32, writeUint32 } from '../base/bytes.ts';
import { decodeUtf8 } from '../base/utf8.ts';
import { utf8 } from '../config/values.ts';
import type { AlarmStore } from '../device/ports.ts';
import type { KeyValue } from '../ports.ts';

const BOOT = 'boot';
const CRASHES = 'crashes';
const VERSION = 'mqtt-version';
const WILL = 'mqtt-will';
const SESSION = 'mqtt-session';
const ANNOUNCED = 'discovery';
const FAREWELLS = 'farewells';
const SENSORS = 'sensors';
const RESTART = 'restart';
const ERASED = 'erased';
const ALARMS = 'alarms';
/** What is kept of settings from afar (remote-record.ts). */
export const REMOTE = 'remote';
/** With a detector's place behind it. */
const LEARNT = 'learnt';
const DETECTORS_MAX = 8;
const FOR_SET_UP = 2;

export class MoteMemory implements AlarmStore {
  private readonly values: KeyValue;

  constructor(values: KeyValue) {
    this.values = values;
  }

  /** Counts a boot. @returns its number, from 1; the one before again where it cannot be kept */
  nextBoot(): number {
    const bytes = this.values.get(BOOT);
    const boot = (bytes?.length === 4 ? readUint32(bytes, 0) : 0) + 1;
    const next = new Uint8Array(4);
    writeUint32(next, 0, boot);
    this.put(BOOT, next);
    return boot;
  }

  /** Crashes in a row; undefined when none was counted. */
  get crashes(): number | undefined {
    return this.values.get(CRASHES)?.[0];
  }

  set crashes(count: number | undefined) {
    this.keep(CRASHES, count);
  }

  /** The version of MQTT that the broker accepted last; 0 for not known. */
  get version(): 0 | 4 | 5 {
    const version = this.values.get(VERSION)?.[0];
    return version === 4 || version === 5 ? version : 0;
  }

  set version(version: 4 | 5) {
    this.keep(VERSION, version);
  }

  /** What the broker has refused of the will; 0 for nothing. */
  get will(): number {
    return this.values.get(WILL)?.[0] ?? 0;
  }

  set will(refused: number) {
    this.keep(WILL, refused === 0 ? undefined : refused);
  }

  /** Whether a check has left a session at the broker. */
  get hasSession(): boolean {
    return this.values.get(SESSION) !== undefined;
  }

  set hasSession(hasOne: boolean) {
    this.keep(SESSION, hasOne ? 1 : undefined);
  }

  /** The components that Home Assistant may know at this broker; empty: none. */
  announcedAt(broker: string): string {
    const bytes = this.values.get(ANNOUNCED);
    const text = bytes === undefined ? '' : decodeUtf8(bytes, 0, bytes.length);
    return text.startsWith(`${broker},`) ? text.slice(broker.length + 1) : '';
  }

  /** @param components empty: nothing is known there any more */
  announce(broker: string, components: string): void {
    if (components === this.announcedAt(broker)) return;
    this.put(ANNOUNCED, components === '' ? undefined : utf8(`${broker},${components}`));
  }

  /**
   * The settings from before lead to a place where something of the board is retained: 0 for none,
   * else one more than the farewells that were begun.
   */
  get farewells(): number {
    return this.values.get(FAREWELLS)?.[0] ?? 0;
  }

  set farewells(count: number) {
    this.keep(FAREWELLS, count === 0 ? undefined : count);
  }

  /** Names of the sensors that were found, so that one which is dead at a boot keeps its place. */
  get sensors(): readonly string[] {
    const bytes = this.values.get(SENSORS);
    return bytes === undefined ? [] : decodeUtf8(bytes, 0, bytes.length).split(',');
  }

  set sensors(names: readonly string[]) {
    this.put(SENSORS, utf8(names.join(',')));
  }

  /** Has them found anew: sensors that are missing lose their place. */
  forgetSensors(): void {
    this.put(SENSORS, undefined);
  }

  /** With other settings, what was found under the ones before counts no more. */
  forgetFindings(): void {
    this.forgetSensors();
    this.forgetBroker();
  }

  /** What another broker takes is found anew. */
  forgetBroker(): void {
    this.put(VERSION, undefined);
    this.keep(WILL, undefined);
  }

  /** Where alarms stand, as `alarms/saved-alarms.ts` has it. */
  get alarms(): Uint8Array | undefined {
    return this.values.get(ALARMS);
  }

  set alarms(bytes: Uint8Array | undefined) {
    this.put(ALARMS, bytes);
  }

  /** The board goes elsewhere: to be told before the settings change, and what was found is forgotten. */
  leavePlace(): void {
    const { alarms } = this;
    // At another place they are told anew.
    if (alarms !== undefined) this.alarms = untoldAlarms(alarms);
    // Where no broker has ever taken it in, there is nothing to take back.
    if (this.version !== 0) this.farewells = 1;
  }

  /** What the detector at a place has learnt of this quantity; undefined for nothing. */
  learnt(place: number, quantity: string): Uint8Array | undefined {
    const bytes = this.values.get(`${LEARNT}${place}`);
    if (bytes === undefined) return undefined;
    const end = bytes.length - quantity.length;
    return decodeUtf8(bytes, end, bytes.length) === quantity ? bytes.slice(0, end) : undefined;
  }

  keepLearnt(place: number, quantity: string, state: Uint8Array): void {
    const bytes = new Uint8Array(state.length + quantity.length);
    bytes.set(state);
    bytes.set(utf8(quantity), state.length);
    this.put(`${LEARNT}${place}`, bytes);
  }

  /** A factory reset begins: the readings that wait belong to nobody now. */
  erased(): void {
    this.hasSession = false;
    this.alarms = undefined;
    this.put(REMOTE, undefined);
    for (let place = 0; place < DETECTORS_MAX; place++) this.put(`${LEARNT}${place}`, undefined);
    this.keep(ERASED, 1);
  }

  /** Gives up the readings that waited when the board was reset; again after a power cut. */
  giveUp(outbox: { discard(): void }): void {
    if (this.values.get(ERASED) === undefined) return;
    try {
      outbox.discard();
      this.keep(ERASED, undefined);
    } catch {
      // The next boot tries again.
    }
  }

  /**
   * To be told before a restart on purpose.
   * @param forSetUp it is to open the set-up network
   * @returns whether it could be kept
   */
  willRestart(forSetUp: boolean): boolean {
    const wanted = forSetUp ? FOR_SET_UP : 1;
    this.keep(RESTART, wanted);
    return this.values.get(RESTART)?.[0] === wanted;
  }

  /** Whether the last restart was on purpose, and what for; told once. */
  lastRestart(): { readonly wasAsked: boolean; readonly forSetUp: boolean } {
    const told = this.values.get(RESTART)?.[0];
    this.keep(RESTART, undefined);
    return { wasAsked: told !== undefined, forSetUp: told === FOR_SET_UP };
  }

  private keep(key: string, value: number | undefined): void {
    const kept = this.values.get(key)?.[0];
    if (kept === value) return;
    this.put(key, value === undefined ? undefined : new Uint8Array([value]));
  }

  private put(key: string, value: Uint8Array | undefined): void {
    try {
      if (value !== undefined) this.values.set(key, value);
      else if (this.values.get(key) !== undefined) this.values.remove(key);
    } catch {
      // The board goes on without.
    }
  }
}
