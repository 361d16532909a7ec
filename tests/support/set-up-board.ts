/**
 * A whole board in virtual time: the real `Mote` with portal, page, routes, servers, settings in
 * flash, the check and the device, against the strict broker, with a radio that phones can join.
 *
 * What outlives a power cut is `values` and the outbox; everything else is made anew by `boot`.
 */

import assert from 'node:assert/strict';
import type { Settings } from '../../firmware/config/fields.ts';
import { ConfigStore } from '../../firmware/config/store.ts';
import type { DeviceConfig } from '../../firmware/device/config.ts';
import type { Device } from '../../firmware/device/device.ts';
import { Mote } from '../../firmware/mote/mote.ts';
import type { MotePorts } from '../../firmware/mote/ports.ts';
import { OrderlyPower, OrderlyRadio } from '../../firmware/network/orderly.ts';
import { SocketGate } from '../../firmware/network/socket-gate.ts';
import type { Button, KeyValue, Network } from '../../firmware/ports.ts';
import type { Portal } from '../../firmware/provisioning/portal/portal.ts';
import { Routes } from '../../firmware/provisioning/portal/routes.ts';
import type { I2CBus } from '../../firmware/sensors/sensor.ts';
import { boardBus } from '../../host-sim/chips/board-sensors.ts';
import { surroundings } from '../../host-sim/chips/curves.ts';
import { BOARDS, pinsOf } from '../../host-sim/esp32-tools/boards.ts';
import { RESET } from '../../host-sim/esp32-tools/reset-codes.ts';
import { SimulatedInputs } from '../../host-sim/live/inputs.ts';
import { readPageResources } from '../../host-sim/live/resources.ts';
import { VirtualAlarm } from '../../host-sim/virtual/alarm.ts';
import { VirtualBroker } from '../../host-sim/virtual/broker/broker.ts';
import { VirtualClock } from '../../host-sim/virtual/clock.ts';
import { Air, VirtualDatagrams } from '../../host-sim/virtual/datagrams.ts';
import { plainScram } from '../../host-sim/virtual/digest.ts';
import { EventQueue } from '../../host-sim/virtual/event-queue.ts';
import { PowerCut } from '../../host-sim/virtual/flash.ts';
import { VirtualKeyValue } from '../../host-sim/virtual/key-value.ts';
import { VirtualListener } from '../../host-sim/virtual/listener.ts';
import { VirtualMemory } from '../../host-sim/virtual/memory.ts';
import { Internet, VirtualNetwork } from '../../host-sim/virtual/network.ts';
import { VirtualPower } from '../../host-sim/virtual/power.ts';
import { VirtualRadio } from '../../host-sim/virtual/radio.ts';
import { SeededRandom } from '../../host-sim/virtual/random.ts';
import { VirtualSockets } from '../../host-sim/virtual/sockets.ts';
import { VirtualTimeServer } from '../../host-sim/virtual/time-server.ts';
import { openMemoryOutbox } from './memory-outbox.ts';

const RESOURCES = readPageResources();
const PINS = pinsOf(BOARDS[0]);
const FIRMWARE = '0.1.0';
const BOOT_MS = 350;

/** Small values in flash whose power can go before or after the n-th change from now. */
export class CuttableValues implements KeyValue {
  changes = 0;
  /** No value can be set any more. */
  isFull = false;
  /** What is there, also while the power is off. */
  readonly kept = new VirtualKeyValue();
  #cut: { at: number; isAfter: boolean } | undefined;
  #onCut: () => void = () => {};
  /** From the cut on no call has an effect: firmware that caught it must not go on. */
  #isOff = false;

  cutAt(change: number, isAfter: boolean, onCut: () => void): void {
    this.#cut = { at: this.changes + change, isAfter };
    this.#onCut = onCut;
  }

  /** The board starts again. */
  powerUp(): void {
    this.#isOff = false;
  }

  get(key: string): Uint8Array | undefined {
    if (this.#isOff) throw new PowerCut();
    return this.kept.get(key);
  }

  set(key: string, value: Uint8Array): void {
    if (this.isFull) throw new Error('no room');
    this.#change(() => this.kept.set(key, value));
  }

  remove(key: string): void {
    this.#change(() => this.kept.remove(key));
  }

  #change(change: () => void): void {
    if (this.#isOff) throw new PowerCut();
    this.changes += 1;
    const cut = this.#cut;
    if (cut === undefined || cut.at !== this.changes) {
      change();
      return;
    }
    this.#cut = undefined;
    this.#isOff = true;
    if (cut.isAfter) change();
    this.#onCut();
    throw new PowerCut();
  }
}

/** What a person enters to set such a board up: its Wi-Fi and its broker, as they are. */
export const RIGHT_SETTINGS = Object.freeze({
  ssidHex: Buffer.from("Anna's <Wi-Fi> & 🏠").toString('hex'),
  wifiPassword: 'right & password',
  host: 'broker.home',
  user: 'mote',
  password: 'pass+word%',
});

/** What one boot is made of; a power cut drops it. */
interface Boot {
  readonly alarms: VirtualAlarm[];
  readonly listener: VirtualListener;
  readonly datagrams: VirtualDatagrams;
  mote?: Mote;
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
  /** What the platform made of the board's sockets, where it could not bear it. */
  readonly panics: string[] = [];
  readonly sockets = new VirtualSockets(this.queue, this.random.fork('sockets'), (words) => {
    this.panics.push(words);
    throw new Error(`panic: the board ${words}`);
  });
  /** The set-up network's air. */
  readonly inside = new Internet(this.queue);
  readonly air = new Air(this.queue, this.random.fork('air'));
  /** The time server that the settings name by default. */
  readonly timeServer = new VirtualTimeServer(this.queue, this.air, '10.0.0.123', () => {
    return this.clock.trueWall();
  });
  readonly values = new CuttableValues();
  readonly outbox = openMemoryOutbox({ bytes: 65_536, window: 8 });
  /** Why the set-up network closed, each time. */
  readonly ends: string[] = [];
  /** What the light did, as `on` and `off`. */
  readonly light: string[] = [];
  /** Why connections of the device ended, or could not be made. */
  readonly refusals: string[] = [];
  /** What the board tells its log, but for the password of its own set-up network. */
  readonly log: string[] = [];
  boots = 0;
  stops = 0;
  /** The button is held at power-up, for so long. */
  buttonIsHeld = false;
  pressMs = 1000;
  /** How a restart on purpose ends: a platform may panic on its way down. */
  restartEnd: number = RESET.software;
  /** Settings from elsewhere. */
  preset: Partial<DeviceConfig> | undefined;
  bus: I2CBus;
  inputs: MotePorts['inputs'] = new SimulatedInputs(() => this.queue.now);
  /** Pins that crash the board when they are used: an exception that nobody catches. */
  badPin = Number.NaN;
  /** Its clock is unknown at each boot, and it has to ask for the time. */
  isCold = false;
  /** The last word of the clock that the device and the check work with. */
  clock = new VirtualClock(this.queue, { quality: 'sync' });
  /** The way to a broker over TLS, where it is not simply the one without. */
  secure: Network | undefined;
  /** What is thrown restarts the board, as the board's abort hook does, and is counted here. */
  aborts: number | undefined;
  #boot: Boot | undefined;

  constructor() {
    this.network.sockets = this.sockets;
    this.radio.sockets = this.sockets;
    this.radio.network = this.network;
    this.outside.name('broker.home', '10.0.0.1');
    this.outside.name('pool.ntp.org', '10.0.0.123');
    this.broker.listen(this.outside, '10.0.0.1', 1883);
    this.broker.listen(this.outside, '10.0.0.1', 8883);
    this.broker.configure({
      authenticate: ({ username, password }) =>
        username === 'mote' && Buffer.from(password ?? []).toString() === 'pass+word%' ? 0 : 0x86,
    });
    this.bus = boardBus(['bme280'], surroundings(3), () => this.queue.now);
    this.queue.after(BOOT_MS, () => this.#start(RESET.powerOn));
  }

  get mote(): Mote | undefined {
    return this.#boot?.mote;
  }

  get portal(): Portal<Settings> | undefined {
    return this.#boot?.mote?.portal;
  }

  get device(): Device | undefined {
    return this.#boot?.mote?.device;
  }

  /** What is in flash. */
  get saved(): Settings | undefined {
    return new ConfigStore(this.values.kept).load();
  }

  /** The power goes, and comes back a moment later; or the board restarts for another reason. */
  cutPower(resetCode: number = RESET.powerOn): void {
    this.#drop();
    this.queue.after(BOOT_MS, () => this.#start(resetCode));
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

  #start(resetCode: number): void {
    if (this.#boot !== undefined) return;
    this.boots += 1;
    this.values.powerUp();
    const boot: Boot = {
      alarms: [],
      listener: new VirtualListener(this.inside),
      datagrams: new VirtualDatagrams(this.air),
    };
    this.#boot = boot;
    boot.listener.sockets = this.sockets;
    boot.datagrams.sockets = this.sockets;
    this.#guard(boot, () => {
      const make = { firmwareVersion: FIRMWARE, config: this.preset };
      boot.mote = new Mote(this.#ports(boot, resetCode), make, {
        state: (state) => this.log.push(state),
        connected: (version) => this.log.push(`connected, ${version}`),
        published: (topic) => this.log.push(`published ${topic}`),
        acknowledged: (topic) => this.log.push(`acknowledged ${topic}`),
        sampled: (fragment) => this.log.push(fragment),
        disconnected: (why) => {
          this.refusals.push(why);
          this.log.push(why);
        },
        stopped: () => {
          this.stops += 1;
        },
        setUpOpened: ({ name }) => this.log.push(name),
        setUpClosed: (why) => {
          this.log.push(why);
          this.ends.push(why);
        },
      });
      boot.mote.start();
    });
  }

  #ports(boot: Boot, resetCode: number): MotePorts {
    const clock = new VirtualClock(this.queue, { quality: this.isCold ? 'none' : 'sync' });
    this.clock = clock;
    const resolve: Network['resolve'] = (host, done) => this.network.resolve(host, done);
    const gate = new SocketGate(clock, (ring) => this.#alarm(boot, clock, ring));
    this.sockets.powerUp(gate);
    const restart = () => {
      assert.equal(this.radio.accessPoint, undefined);
      if (this.#boot === boot) this.cutPower(this.restartEnd);
    };
    const random = this.random.fork(`boot ${this.boots}`);
    return {
      clock,
      alarm: (ring) => this.#alarm(boot, clock, ring),
      random,
      scram: plainScram(random),
      radio: new OrderlyRadio(this.radio, gate),
      power: new OrderlyPower(
        new VirtualPower(resetCode, () => this.queue.after(0, restart), this.sockets),
        gate,
      ),
      memory: new VirtualMemory(),
      values: this.values,
      outbox: this.outbox,
      listener: boot.listener,
      datagrams: boot.datagrams,
      pins: PINS,
      light: (pin) => {
        if (pin === this.badPin) throw new Error('no such pin');
        return { set: (isOn) => this.light.push(isOn ? 'on' : 'off') };
      },
      button: () => this.#button(),
      networks: () => {
        const { network } = this;
        return { mqtt: network, mqtts: this.secure ?? network, ws: network, wss: network };
      },
      bus: () => this.bus,
      inputs: this.inputs,
      time: this.isCold ? { clock, resolve } : undefined,
      routes: (model) => new Routes(model, RESOURCES, ['192.168.4.1']),
    };
  }

  #button(): Button {
    const until = this.buttonIsHeld ? this.queue.now + this.pressMs : Number.NEGATIVE_INFINITY;
    const { queue } = this;
    return {
      get isHeld() {
        return queue.now < until;
      },
    };
  }

  /** A power cut inside a call ends the call; whatever else it throws is a defect. */
  #guard(boot: Boot, call: () => void): void {
    if (this.#boot !== boot) return;
    try {
      call();
    } catch (error) {
      if (error instanceof PowerCut) return;
      if (this.aborts === undefined) throw error;
      this.aborts += 1;
      this.cutPower(RESET.software);
    }
  }

  #alarm(boot: Boot, clock: VirtualClock, ring: () => void): VirtualAlarm {
    const alarm = new VirtualAlarm(this.queue, clock, () => this.#guard(boot, ring));
    boot.alarms.push(alarm);
    return alarm;
  }
}
