/**
 * The board as a whole: it either works, or it is set up. Without settings, with its button held at
 * power-up, or after crashes in a row it opens the set-up network; otherwise its device runs.
 *
 * It leaves one for the other in order, with a goodbye and a restart, so that each has the heap for
 * itself. Two alarms at most are set: the device's, and one for the set-up network and the light.
 */

import { Deadlines } from '../base/deadlines.ts';
import { DEFAULTS, type Settings } from '../config/fields.ts';
import { ConfigStore } from '../config/store.ts';
import type { DeviceConfig } from '../device/config.ts';
import { Device } from '../device/device.ts';
import type { DeviceOwner } from '../device/ports.ts';
import type { Alarm, Button } from '../ports.ts';
import type { Check } from '../provisioning/portal/doors.ts';
import type { PortalEnd, PortalHandler } from '../provisioning/portal/parts.ts';
import { Portal } from '../provisioning/portal/portal.ts';
import { TimeService } from '../time/time-service.ts';
import { Blinker } from './blinker.ts';
import { judgeBoot, PROVEN_MS } from './boot-guard.ts';
import { certificatesEndAt } from './certificates.ts';
import { SettingsChecks } from './checks.ts';
import { boardInformation, type Information, SET_UP_ENDS } from './information.ts';
import type { MoteMake, MoteObserver, MotePorts } from './ports.ts';
import { RemoteSettings } from './remote-settings.ts';
import { MoteMemory } from './saved-values.ts';
import { sensorsOf } from './sensors.ts';
import { MoteSettings } from './settings.ts';
import { BoardTimer } from './timers.ts';
import { Visits } from './visits.ts';

/** What follows a device's goodbye. */
type Next = 'stop' | 'restart' | 'set up';

/** The button is held this long at power-up for a factory reset. */
const RESET_HOLD_MS = 5000;
/** In safe mode the saved Wi-Fi is tried from then on: before, somebody may want to set it up. */
const SAFE_MS = 180_000;
const SET_ELSEWHERE = 'this board gets its settings from elsewhere';
const NEVER = Number.POSITIVE_INFINITY;

export class Mote implements PortalHandler, DeviceOwner {
  device: Device | undefined;
  portal: Portal<Settings> | undefined;
  private readonly ports: MotePorts;
  private readonly make: MoteMake;
  private readonly observer: MoteObserver;
  private readonly settings: MoteSettings;
  readonly remote: RemoteSettings;
  private readonly memory: MoteMemory;
  private readonly checks: SettingsChecks;
  private readonly alarm: Alarm;
  private readonly deadlines = new Deadlines(BoardTimer.light + 1);
  /** Undefined: the clock is right by itself. */
  private readonly time: TimeService | undefined;
  private readonly startedAt: number;
  // Both exist from `start` on.
  private blinker!: Blinker;
  private button!: Button;
  private boot = 0;
  private readonly visits: Visits;
  /** What comes before the work in this boot. */
  private visit: Check | undefined;
  /** What was asked for; undefined while nothing was. */
  private next: Next | undefined;

  /** Nothing happens before `start`. */
  constructor(ports: MotePorts, make: MoteMake, observer: MoteObserver) {
    this.ports = ports;
    this.make = make;
    this.observer = observer;
    this.memory = new MoteMemory(ports.values);
    const store = new ConfigStore(ports.values);
    this.settings = new MoteSettings(store, this.memory, ports, this.deadlines);
    this.remote = this.remoteSettings();
    this.alarm = ports.alarm(() => this.ring());
    this.startedAt = ports.clock.now();
    const { random, datagrams, time } = ports;
    this.time =
      time &&
      new TimeService({
        random,
        datagrams,
        clock: time.clock,
        resolve: (host, done) => time.resolve(host, done),
        changed: () => this.idle(),
      });
    const configOf = (tried: Settings) => this.configOf(tried);
    this.checks = new SettingsChecks(ports, this.memory, this.time, configOf);
    this.visits = new Visits({
      settings: this.settings,
      remote: this.remote,
      memory: this.memory,
      checks: this.checks,
      observer,
      configOf,
      changed: () => this.idle(),
      ended: () => {
        this.visit = undefined;
        this.restartNow();
      },
    });
  }

  /** Where the board stands: `set-up`, `trying`, `parting`, `stopped`, or where its device does. */
  get state(): string {
    if (this.portal !== undefined) return 'set-up';
    if (this.visit !== undefined) return this.visits.state;
    return this.device?.state ?? 'stopped';
  }

  /** Counts the boot, and goes to work or waits to be set up. */
  start(): void {
    const { ports, make, settings } = this;
    this.boot = this.memory.nextBoot();
    this.memory.giveUp(ports.outbox);
    const { wasAsked, forSetUp } = this.memory.lastRestart();
    const isSafeMode = make.config === undefined && this.judge(wasAsked);
    // Pins that the settings name may be what crashes the board: safe mode has the board's own.
    const { ledPin, buttonPin } = isSafeMode ? DEFAULTS : settings.current;
    this.blinker = new Blinker(ports.light(ledPin), this.deadlines);
    this.button = ports.button(buttonPin);
    const isHeld = make.config === undefined && this.button.isHeld;
    if (isHeld && settings.exists) {
      this.deadlines.set(BoardTimer.button, ports.clock.now() + RESET_HOLD_MS);
    }
    const isReady = make.config !== undefined || settings.exists;
    if (!isReady || isSafeMode || isHeld || forSetUp) {
      this.openSetUp(isSafeMode && !isHeld && !forSetUp);
      return;
    }
    this.visit = make.config === undefined ? this.visits.begin() : undefined;
    if (this.visit === undefined) this.work();
    else this.visit.start();
    this.idle();
  }

  /** Leaves in an orderly way; `observer.stopped` is the end of it. */
  stop(): void {
    this.next = 'stop';
    this.leave();
  }

  /** As `stop`, and Home Assistant forgets the board. */
  retire(): void {
    this.device?.withdraw();
    this.stop();
  }

  /** Restarts the board once everything has been said. */
  restart(): void {
    this.leaveSoon('restart');
  }

  /** Restarts into the set-up network: it needs the heap that the device had. */
  setUp(): string {
    if (this.make.config !== undefined) return SET_ELSEWHERE;
    return this.leaveSoon('set up');
  }

  forget(): string {
    if (this.make.config !== undefined) return SET_ELSEWHERE;
    const problem = this.settings.forget();
    if (problem !== '') return problem;
    this.device?.withdraw();
    return this.leaveSoon('restart');
  }

  probe(): string {
    const isNamed = this.settings.current.sensors !== '' && this.memory.sensors.length === 0;
    if (isNamed) return 'the settings name the sensors';
    this.memory.forgetSensors();
    return this.leaveSoon('restart');
  }

  keepInterval(intervalS: number): string {
    if (this.make.config !== undefined) return '';
    const problem = this.settings.keepInterval(intervalS, this.ports.clock.now());
    this.idle();
    return problem;
  }

  signedIn(version: 4 | 5, will: number): void {
    this.memory.version = version;
    this.memory.will = will;
  }

  announced(components: string): void {
    const broker = this.device?.config.broker;
    if (broker !== undefined) this.memory.announce(`${broker.host}:${broker.port}`, components);
  }

  identify(seconds: number): void {
    this.blinker.identify(seconds * 1000, this.ports.clock.now());
    this.idle();
  }

  finished(end: PortalEnd): void {
    // From safe mode the board tries to work again.
    this.prove();
    // Whoever was at the page has the last word.
    if (end === 'saved') this.remote.superseded();
    this.closeSetUp(SET_UP_ENDS[end]);
    this.restartNow();
  }

  idle(): void {
    const { deadlines, time, portal, ports } = this;
    if (time !== undefined) deadlines.set(BoardTimer.time, time.deadline());
    const guests = portal?.deadline() ?? this.visit?.deadline() ?? NEVER;
    const at = Math.min(deadlines.next(ports.clock.now()), guests);
    if (at < NEVER) this.alarm.set(at);
    else this.alarm.clear();
  }

  private ring(): void {
    const now = this.ports.clock.now();
    this.blinker.wake(now);
    const due = this.deadlines.at;
    if (now >= due[BoardTimer.proven]) this.prove();
    if (now >= due[BoardTimer.button]) this.judgeButton();
    this.settings.wake(now);
    this.time?.wake(now);
    if (now >= due[BoardTimer.leave]) this.leave();
    const { portal, visit } = this;
    if (portal !== undefined && now >= portal.deadline()) portal.wake();
    else if (visit !== undefined && now >= visit.deadline()) visit.wake();
    this.idle();
  }

  /**
   * A button held at power-up has opened the set-up network; one that is still held asks for a
   * factory reset.
   */
  private judgeButton(): void {
    this.deadlines.set(BoardTimer.button, NEVER);
    if (!this.button.isHeld) return;
    this.settings.erase();
    this.portal?.stop();
    this.finished('reset');
  }

  /** Counts crashes in a row. @returns whether the board is in safe mode: it only waits to be set up */
  private judge(wasAsked: boolean): boolean {
    const { memory, ports } = this;
    const { resetReason } = ports.power;
    const { crashes, isSafeMode } = judgeBoot(memory.crashes, resetReason, wasAsked);
    memory.crashes = crashes === 0 ? undefined : crashes;
    // Settings from afar that the board crashes with are taken back, and it goes on.
    const isTakenBack = isSafeMode && this.remote.crashed();
    if (isTakenBack) memory.crashes = undefined;
    if (!isSafeMode && (crashes > 0 || this.remote.isWatched)) this.proveLater();
    return isSafeMode && !isTakenBack;
  }

  private proveLater(): void {
    this.deadlines.set(BoardTimer.proven, this.startedAt + PROVEN_MS);
  }

  private restartNow(forSetUp = false): void {
    const isKept = this.memory.willRestart(forSetUp);
    if (forSetUp && !isKept) this.openSetUp();
    else this.ports.power.restart();
  }

  /** The board has run for a while: earlier crashes no longer count. */
  private prove(): void {
    this.deadlines.set(BoardTimer.proven, NEVER);
    this.memory.crashes = undefined;
    this.remote.proven();
  }

  private work(): void {
    const { ports } = this;
    const { power, memory, clock, random, scram, outbox } = ports;
    const { current } = this.settings;
    const settings = { ...current, sensors: this.make.sensors ?? current.sensors };
    const certificateEndsAt = certificatesEndAt(settings.certificate);
    const config = { ...this.configOf(settings), certificateEndsAt };
    this.idle();
    this.device = new Device(
      config,
      {
        clock,
        random,
        scram,
        power,
        memory,
        outbox,
        owner: this,
        alarmStore: this.memory,
        alarm: (ring) => ports.alarm(ring),
        networks: ports.networks(settings),
        wifi: this.checks.station(settings),
        sensors: sensorsOf(ports, this.memory, settings, config.intervalMs),
      },
      this.observer,
    );
    this.device.start();
  }

  private configOf(settings: Settings): DeviceConfig {
    return this.settings.configOf(settings, this.make, this.ports.radio.mac, this.boot);
  }

  /** Leaves soon: the command that asks for it must be answered first. @returns that answer, '' */
  private leaveSoon(next: Next): string {
    // What was asked for first is on its way.
    this.next ??= next;
    this.deadlines.set(BoardTimer.leave, this.ports.clock.now());
    this.idle();
    return '';
  }

  private remoteSettings(): RemoteSettings {
    const owner = {
      forgiveCrashes: () => {
        this.memory.crashes = undefined;
      },
      restart: () => this.restart(),
      changeInterval: (intervalS: number) => {
        this.device?.changeInterval(intervalS * 1000);
        this.keepInterval(intervalS);
      },
    };
    const isForeign = this.make.config !== undefined;
    return new RemoteSettings(this.settings, this.ports.values, owner, isForeign);
  }

  private leave(): void {
    this.deadlines.set(BoardTimer.leave, NEVER);
    if (this.device !== undefined) this.device.stop();
    else this.left();
  }

  /** The device has said goodbye, or there is no device. */
  left(): void {
    const { next } = this;
    this.device = undefined;
    this.next = undefined;
    this.settings.flush();
    this.closeSetUp('the board stops');
    this.visit?.cancel();
    this.visit = undefined;
    this.alarm.clear();
    if (next === 'stop' || next === undefined) this.observer.stopped();
    else this.restartNow(next === 'set up');
  }

  /** @param isSafeMode the saved Wi-Fi is tried meanwhile, and ends it */
  private openSetUp(isSafeMode = false): void {
    const { ports, settings } = this;
    const { clock, random, radio, listener, datagrams, values } = ports;
    this.portal = new Portal<Settings>({
      clock,
      random,
      radio,
      listener,
      datagrams,
      values,
      settings,
      check: (tried, observer) => this.checks.withSensors(tried, observer),
      routes: (model) => ports.routes(model),
      information: () => this.information(),
      findings: () => this.checks.findings,
      saved: isSafeMode && settings.exists ? this.checks.station(settings.current) : undefined,
      savedAfterMs: SAFE_MS,
      handler: this,
    });
    const { title, password, qr } = this.portal;
    this.observer.setUpOpened?.({ name: title, password, qr });
    this.blinker.waits(true, clock.now());
    this.portal.start();
  }

  private closeSetUp(reason: string): void {
    if (this.portal === undefined) return;
    this.portal.stop();
    this.portal = undefined;
    this.blinker.waits(false, this.ports.clock.now());
    this.observer.setUpClosed?.(reason);
  }

  private information(): Information {
    const { ports, make, boot, startedAt } = this;
    return boardInformation(ports, make, this.configOf(this.settings.current).id, boot, startedAt);
  }
}
