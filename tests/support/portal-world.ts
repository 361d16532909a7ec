/**
 * A portal in virtual time without its page: settings of two fields, a check that a test ends as it
 * likes, values that count their writes. The radio is the real virtual one.
 */

import assert from 'node:assert/strict';
import { decodeUtf8 } from '../../firmware/base/utf8.ts';
import type { WiFi } from '../../firmware/ports.ts';
import { BytesBody } from '../../firmware/provisioning/http/response.ts';
import type { CheckFailure, CheckStage, FormFields } from '../../firmware/provisioning/model.ts';
import type { CheckObserver, SettingsDoor } from '../../firmware/provisioning/portal/doors.ts';
import type { PortalEnd } from '../../firmware/provisioning/portal/parts.ts';
import { Portal } from '../../firmware/provisioning/portal/portal.ts';
import { VirtualAlarm } from '../../host-sim/virtual/alarm.ts';
import { VirtualClock } from '../../host-sim/virtual/clock.ts';
import { Air, VirtualDatagrams } from '../../host-sim/virtual/datagrams.ts';
import { EventQueue } from '../../host-sim/virtual/event-queue.ts';
import { VirtualKeyValue } from '../../host-sim/virtual/key-value.ts';
import { VirtualListener } from '../../host-sim/virtual/listener.ts';
import { Internet } from '../../host-sim/virtual/network.ts';
import { type AirNetwork, ssidBytes, VirtualRadio } from '../../host-sim/virtual/radio.ts';
import { SeededRandom } from '../../host-sim/virtual/random.ts';

export interface TwoSettings {
  readonly ssid: string;
  readonly wifiPassword: string;
}

/** A form from texts. */
export function form(fields: Record<string, string>): FormFields {
  return new Map(Object.entries(fields).map(([name, text]) => [name, ssidBytes(text)]));
}

/** Bytes as text. */
export function text(bytes: Uint8Array): string {
  return decodeUtf8(bytes, 0, bytes.length);
}

const NO_SETTINGS: TwoSettings = Object.freeze({ ssid: '', wifiPassword: '' });

export class TestDoor implements SettingsDoor<TwoSettings> {
  saved: TwoSettings | undefined;
  saves = 0;
  isBroken = false;

  get current(): TwoSettings {
    return this.saved ?? NO_SETTINGS;
  }

  get exists(): boolean {
    return this.saved !== undefined;
  }

  apart(form: FormFields): FormFields {
    return form;
  }

  parse(given: FormFields, base: TwoSettings) {
    const read = (name: string) => text(given.get(name) ?? new Uint8Array(0));
    const ssid = read('ssid');
    const wifiPassword = read('wifiPassword') || base.wifiPassword;
    const isGood = ssid !== '' && ssid.length <= 32;
    const problems = isGood ? [] : [{ field: 'ssid', code: 'bytes', min: 1, max: 32 }];
    return { settings: isGood ? { ssid, wifiPassword } : { ...base, wifiPassword }, problems };
  }

  value(settings: TwoSettings, field: string): Uint8Array {
    const value = field === 'ssid' ? settings.ssid : '';
    return ssidBytes(value);
  }

  shownBytesMax(): number {
    return 100;
  }

  isSecret(field: string): boolean {
    return field === 'wifiPassword';
  }

  hasSecret(settings: TwoSettings, field: string): boolean {
    return field === 'wifiPassword' && settings.wifiPassword !== '';
  }

  ssid(settings: TwoSettings): Uint8Array {
    return this.value(settings, 'ssid');
  }

  save(settings: TwoSettings): void {
    if (this.isBroken) throw new Error('flash');
    this.saves += 1;
    this.saved = settings;
  }

  erase(): void {
    if (this.isBroken) throw new Error('flash');
    this.saved = undefined;
  }
}

export interface PortalWorldOptions {
  readonly saved?: TwoSettings;
  /** Whether the saved network is tried in the background. */
  readonly retries?: boolean;
  /** Stands for the saved network instead of the radio's own station. */
  readonly station?: WiFi;
  readonly air?: readonly Partial<AirNetwork>[];
  readonly values?: VirtualKeyValue;
}

export class PortalWorld {
  readonly queue = new EventQueue();
  readonly random = new SeededRandom(5);
  readonly clock = new VirtualClock(this.queue);
  readonly radio: VirtualRadio;
  /** The set-up network's air. */
  readonly inside = new Internet(this.queue);
  readonly datagrams = new Air(this.queue, this.random.fork('datagrams'));
  readonly door = new TestDoor();
  readonly portal: Portal<TwoSettings>;
  readonly alarm: VirtualAlarm;
  /** How it ended, and when. */
  end: PortalEnd | undefined;
  endedAt = 0;
  /** What is being checked, and how to end it. */
  checking: TwoSettings | undefined;
  observer: CheckObserver | undefined;
  /** Called when the alarm rings. */
  onRing: () => void = () => {};
  checks = 0;
  cancelled = 0;

  constructor({ saved, retries, station, air, values }: PortalWorldOptions = {}) {
    const around = air ?? [{ ssid: 'home', password: 'secret 1', channel: 11, rssi: -50 }];
    this.radio = new VirtualRadio(this.queue, this.random.fork('radio'), around);
    this.door.saved = saved;
    this.alarm = new VirtualAlarm(this.queue, this.clock, () => {
      this.onRing();
      this.portal.wake();
    });
    const ssid = ssidBytes(saved?.ssid ?? '');
    const network = { ssid, password: saved?.wifiPassword ?? '' };
    this.portal = new Portal<TwoSettings>({
      clock: this.clock,
      random: this.random.fork('portal'),
      radio: this.radio,
      listener: new VirtualListener(this.inside),
      datagrams: new VirtualDatagrams(this.datagrams),
      values: values ?? new VirtualKeyValue(),
      settings: this.door,
      saved: station ?? (retries === true ? this.radio.station(network) : undefined),
      check: (settings, observer) => this.#check(settings, observer),
      routes: () => ({ handle: () => new BytesBody(ssidBytes('here')) }),
      information: () => [],
      findings: () => undefined,
      handler: {
        finished: (end) => {
          assert.equal(this.end, undefined, 'it ends once');
          this.end = end;
          this.endedAt = this.queue.now;
          this.alarm.clear();
        },
        idle: () => {
          assert.equal(this.end, undefined, 'nothing is told after the end');
          this.alarm.set(this.portal.deadline());
        },
      },
    });
  }

  /** Starts, and runs until the set-up network is open. */
  open(): this {
    this.portal.start();
    return this.until(() => this.portal.state === 'open');
  }

  run(ms: number): this {
    this.queue.runFor(ms);
    return this;
  }

  until(goal: () => boolean, limitMs = 4_000_000): this {
    assert.ok(this.queue.runUntil(goal, this.queue.now + limitMs), `not reached: ${goal}`);
    return this;
  }

  /** Sends a form, and runs until its check is under way. */
  submit(fields: Record<string, string>): this {
    assert.equal(this.portal.submit(form(fields), false), 'started');
    this.alarm.set(this.portal.deadline());
    return this.until(() => this.checking !== undefined);
  }

  /** Ends the check. */
  result(failure: CheckFailure | undefined, stage: CheckStage = 'sign in'): this {
    this.checking = undefined;
    this.observer?.ended(failure, stage);
    return this;
  }

  #check(settings: TwoSettings, observer: CheckObserver) {
    this.checks += 1;
    return {
      start: () => {
        this.checking = settings;
        this.observer = observer;
      },
      cancel: () => {
        this.cancelled += 1;
        this.observer = undefined;
      },
      deadline: () => Number.POSITIVE_INFINITY,
      wake: () => {},
    };
  }
}
