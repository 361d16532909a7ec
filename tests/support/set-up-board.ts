/**
 * A board that is set up by a phone and then goes to work, in virtual time: portal, page, routes,
 * servers, settings in flash, the check, and the device, against the strict broker.
 *
 * What outlives a power cut is `values` and the outbox; everything else is made anew by `boot`.
 */

import assert from 'node:assert/strict';
import { DEFAULTS, FIELDS, type FieldName, type Settings } from '../../firmware/config/fields.ts';
import { isProvisioned, parseSettings } from '../../firmware/config/settings.ts';
import { ConfigStore } from '../../firmware/config/store.ts';
import { formatValue } from '../../firmware/config/values.ts';
import { Device } from '../../firmware/device.ts';
import { SettingsCheck } from '../../firmware/device-check.ts';
import { deviceConfig, wifiNetwork } from '../../firmware/device-settings.ts';
import { openMemoryOutbox } from '../../firmware/outbox/memory-outbox.ts';
import type { KeyValue } from '../../firmware/ports.ts';
import { Portal } from '../../firmware/provisioning/portal.ts';
import type { SettingsDoor } from '../../firmware/provisioning/portal-doors.ts';
import type { PortalEnd } from '../../firmware/provisioning/portal-parts.ts';
import { Routes } from '../../firmware/provisioning/routes.ts';
import { Bme280 } from '../../firmware/sensors/bme280.ts';
import { Bme280Chip } from '../../host-sim/chips/bme280-chip.ts';
import { weather } from '../../host-sim/chips/curves.ts';
import { readPageResources } from '../../host-sim/live/resources.ts';
import { VirtualAlarm } from '../../host-sim/virtual/alarm.ts';
import { VirtualBroker } from '../../host-sim/virtual/broker/broker.ts';
import { VirtualClock } from '../../host-sim/virtual/clock.ts';
import { Air, VirtualDatagrams } from '../../host-sim/virtual/datagrams.ts';
import { EventQueue } from '../../host-sim/virtual/event-queue.ts';
import { PowerCut } from '../../host-sim/virtual/flash.ts';
import { VirtualKeyValue } from '../../host-sim/virtual/key-value.ts';
import { VirtualListener } from '../../host-sim/virtual/listener.ts';
import { VirtualMemory } from '../../host-sim/virtual/memory.ts';
import { Internet, VirtualNetwork } from '../../host-sim/virtual/network.ts';
import { VirtualPower } from '../../host-sim/virtual/power.ts';
import { VirtualRadio } from '../../host-sim/virtual/radio.ts';
import { SeededRandom } from '../../host-sim/virtual/random.ts';

const RESOURCES = readPageResources();
const FIRMWARE = '0.1.0';
const BOOT_MS = 350;

/** Small values in flash whose power can go before or after the n-th change from now. */
export class CuttableValues implements KeyValue {
  changes = 0;
  readonly #inner = new VirtualKeyValue();
  #cut: { at: number; isAfter: boolean } | undefined;
  #onCut: () => void = () => {};

  cutAt(change: number, isAfter: boolean, onCut: () => void): void {
    this.#cut = { at: this.changes + change, isAfter };
    this.#onCut = onCut;
  }

  get(key: string): Uint8Array | undefined {
    return this.#inner.get(key);
  }

  set(key: string, value: Uint8Array): void {
    this.#change(() => this.#inner.set(key, value));
  }

  remove(key: string): void {
    this.#change(() => this.#inner.remove(key));
  }

  #change(change: () => void): void {
    this.changes += 1;
    const cut = this.#cut;
    if (cut === undefined || cut.at !== this.changes) {
      change();
      return;
    }
    this.#cut = undefined;
    if (cut.isAfter) change();
    this.#onCut();
    throw new PowerCut();
  }
}

class ConfigDoor implements SettingsDoor<Settings> {
  current: Settings;
  readonly #store: ConfigStore;

  constructor(values: KeyValue) {
    this.#store = new ConfigStore(values);
    this.current = this.#store.load() ?? DEFAULTS;
  }

  get exists(): boolean {
    return isProvisioned(this.current);
  }

  parse = parseSettings;

  value(settings: Settings, name: string): Uint8Array {
    const isField = FIELDS.some((field) => field.name === name);
    return isField ? formatValue(settings, name as FieldName) : new Uint8Array(0);
  }

  isSecret(name: string): boolean {
    return FIELDS.some((field) => field.name === name && field.isSecret);
  }

  hasSecret(settings: Settings, name: string): boolean {
    return this.isSecret(name) && this.value(settings, name).length > 0;
  }

  ssid(settings: Settings): Uint8Array {
    return settings.ssid;
  }

  save(settings: Settings): void {
    this.#store.save(settings);
    this.current = settings;
  }

  erase(): void {
    this.#store.erase();
    this.current = DEFAULTS;
  }
}

/** What one boot is made of; a power cut drops it. */
interface Boot {
  readonly alarms: VirtualAlarm[];
  readonly listener: VirtualListener;
  readonly datagrams: VirtualDatagrams;
  portal?: Portal<Settings>;
  device?: Device;
}

export class SetUpBoard {
  readonly queue = new EventQueue();
  readonly random = new SeededRandom(11);
  readonly outside = new Internet(this.queue);
  readonly broker = new VirtualBroker(this.queue, this.random.fork('broker'));
  readonly network = new VirtualNetwork(this.outside, this.random.fork('link'));
  readonly radio = new VirtualRadio(this.queue, this.random.fork('radio'), [
    { ssid: "Anna's <Wi-Fi> & 🏠", password: 'right & password', channel: 11, rssi: -48 },
    { ssid: 'open', channel: 1, rssi: -70 },
  ]);
  /** The set-up network's air. */
  readonly inside = new Internet(this.queue);
  readonly air = new Air(this.queue, this.random.fork('air'));
  readonly values = new CuttableValues();
  readonly outbox = openMemoryOutbox({ bytes: 65_536, window: 8 });
  readonly ends: PortalEnd[] = [];
  boots = 0;
  /** Whether settings are not looked at: the button is held at power-up. */
  buttonIsHeld = false;
  #boot: Boot | undefined;

  constructor() {
    this.outside.name('broker.home', '10.0.0.1');
    this.broker.listen(this.outside, '10.0.0.1', 1883);
    this.broker.configure({
      authenticate: ({ username, password }) =>
        username === 'mote' && Buffer.from(password ?? []).toString() === 'pass+word%' ? 0 : 0x86,
    });
    this.queue.after(BOOT_MS, () => this.#start());
  }

  get portal(): Portal<Settings> | undefined {
    return this.#boot?.portal;
  }

  get device(): Device | undefined {
    return this.#boot?.device;
  }

  /** What is in flash. */
  get saved(): Settings | undefined {
    return new ConfigStore(this.values).load();
  }

  /** The power goes, and comes back a moment later. */
  cutPower(): void {
    this.#drop();
    this.queue.after(BOOT_MS, () => this.#start());
  }

  #drop(): void {
    const boot = this.#boot;
    this.#boot = undefined;
    for (const alarm of boot?.alarms ?? []) alarm.stop();
    boot?.listener.vanishAll();
    boot?.datagrams.vanishAll();
    this.network.vanishAll();
    this.radio.powerOff();
    this.outbox.rewind();
    this.broker.excuse('mote-0a1b2c');
  }

  #start(): void {
    if (this.#boot !== undefined) return;
    this.boots += 1;
    const boot: Boot = {
      alarms: [],
      listener: new VirtualListener(this.inside),
      datagrams: new VirtualDatagrams(this.air),
    };
    this.#boot = boot;
    this.#guard(boot, () => {
      const clock = new VirtualClock(this.queue, { quality: 'sync' });
      const door = new ConfigDoor(this.values);
      if (door.exists && !this.buttonIsHeld) this.#work(boot, clock, door.current);
      else this.#setUp(boot, clock, door);
    });
  }

  /** A power cut inside a call ends the call; whatever else it throws is a defect. */
  #guard(boot: Boot, call: () => void): void {
    if (this.#boot !== boot) return;
    try {
      call();
    } catch (error) {
      if (!(error instanceof PowerCut)) throw error;
    }
  }

  #alarm(boot: Boot, clock: VirtualClock, ring: () => void): VirtualAlarm {
    const alarm = new VirtualAlarm(this.queue, clock, () => this.#guard(boot, ring));
    boot.alarms.push(alarm);
    return alarm;
  }

  #config(settings: Settings) {
    const { mac } = this.radio;
    return deviceConfig(settings, { mac, boot: this.boots, firmwareVersion: FIRMWARE });
  }

  #work(boot: Boot, clock: VirtualClock, settings: Settings): void {
    const chip = new Bme280Chip(weather(3), () => this.queue.now);
    const ports = {
      clock,
      alarm: (ring: () => void) => this.#alarm(boot, clock, ring),
      random: this.random.fork(`device ${this.boots}`),
      networks: { mqtt: this.network },
      wifi: this.radio.station(wifiNetwork(settings)),
      power: new VirtualPower('power on', () => this.cutPower()),
      memory: new VirtualMemory(),
      sensors: [{ name: 'bme280', sensor: new Bme280(chip) }],
      outbox: this.outbox,
    };
    const silent = { connected() {}, published() {}, acknowledged() {}, disconnected() {} };
    boot.device = new Device(this.#config(settings), ports, { ...silent, stopped() {} });
    boot.device.start();
  }

  #setUp(boot: Boot, clock: VirtualClock, door: ConfigDoor): void {
    const { radio, network } = this;
    const random = this.random.fork(`portal ${this.boots}`);
    const alarm = this.#alarm(boot, clock, () => portal.wake());
    const portal: Portal<Settings> = new Portal<Settings>({
      ...{ clock, random, radio, values: this.values, settings: door },
      listener: boot.listener,
      datagrams: boot.datagrams,
      check: (settings, observer) => {
        const wifi = radio.station(wifiNetwork(settings));
        const config = this.#config(settings);
        return new SettingsCheck({ clock, random, network, wifi, config, observer });
      },
      routes: (model) => new Routes(model, RESOURCES, ['192.168.4.1']),
      information: () => [['firmware', FIRMWARE]],
      handler: {
        idle: () => alarm.set(portal.deadline()),
        finished: (end) => {
          assert.equal(this.radio.accessPoint, undefined);
          this.ends.push(end);
          // The board restarts: a heap of its own for the device.
          this.queue.after(0, () => {
            if (this.#boot === boot) this.cutPower();
          });
        },
      },
    });
    boot.portal = portal;
    portal.start();
  }
}
