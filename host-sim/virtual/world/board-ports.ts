/**
 * The ports of one boot of a board in the world, beside those that its watches wrap: a radio whose
 * air is the world's, a set-up network that nobody joins, a light that is counted, and the bus with
 * its one chip. Whatever calls into the firmware from here does so under the board's guard.
 */

import type { MotePorts } from '../../../firmware/mote/ports.ts';
import type {
  AccessPointHandler,
  AccessPointSettings,
  Cancel,
  FoundNetwork,
  Light,
  Radio,
  WiFi,
} from '../../../firmware/ports.ts';
import { Routes } from '../../../firmware/provisioning/portal/routes.ts';
import type { Bme280Chip } from '../../chips/bme280-chip.ts';
import { SimulatedI2CBus } from '../../chips/i2c-bus.ts';
import { RegisterChip } from '../../chips/register-chip.ts';
import { BOARDS, pinsOf } from '../../esp32-tools/boards.ts';
import { SimulatedInputs } from '../../live/inputs.ts';
import { readPageResources } from '../../live/resources.ts';
import { Air, VirtualDatagrams } from '../datagrams.ts';
import type { EventQueue } from '../event-queue.ts';
import { PORTAL_ADDRESS, VirtualListener } from '../listener.ts';
import { Internet } from '../network.ts';
import type { SeededRandom } from '../random.ts';
import type { Guard } from './watched-network.ts';

const SCAN_MS = 2500;
const CHIP_ADDRESS = 0x76;
const PINS = Object.freeze(pinsOf(BOARDS[0]));
const RESOURCES = readPageResources();

/** The radio of a board: one network at work, none in sight when it scans. */
export class WorldRadio implements Radio {
  readonly mac: Uint8Array;
  /** The set-up network is on the air. */
  isOpen = false;
  readonly #queue: EventQueue;
  readonly #station: WiFi;
  readonly #guard: Guard;
  #scan: Cancel | undefined;
  #opening: Cancel | undefined;

  /** @param index of the board: its MAC is its own */
  constructor(queue: EventQueue, index: number, station: WiFi, guard: Guard) {
    this.mac = Uint8Array.of(0x24, 0x6f, 0x28, index >> 16, index >> 8, index);
    this.#queue = queue;
    this.#station = station;
    this.#guard = guard;
  }

  station(): WiFi {
    return this.#station;
  }

  scan(done: (networks: readonly FoundNetwork[]) => void): Cancel {
    this.#scan?.cancel();
    this.#scan = this.#queue.after(SCAN_MS, () => this.#guard(() => done([])));
    return this.#scan;
  }

  openAccessPoint(_settings: AccessPointSettings, handler: AccessPointHandler): void {
    this.isOpen = true;
    this.#opening?.cancel();
    this.#opening = this.#queue.after(0, () => this.#guard(() => handler.opened()));
  }

  closeAccessPoint(): void {
    this.isOpen = false;
    this.#opening?.cancel();
  }

  powerOff(): void {
    this.#scan?.cancel();
    this.closeAccessPoint();
  }
}

/** What a board has for all its boots, apart from flash, clock and link. */
/** A pin that crashes the board when the light is put on it. */
export const CRASH_PIN = 4;

/** What using it throws. */
export class PinCrash extends Error {
  override name = 'PinCrash';
}

export class WorldBench {
  /** How often the light was switched, over all boots. */
  blinks = 0;
  readonly #inside: Internet;
  readonly #air: Air;
  readonly #bus: SimulatedI2CBus;
  readonly #inputs: SimulatedInputs;
  #listener: VirtualListener | undefined;
  #datagrams: VirtualDatagrams | undefined;
  readonly #light: Light = {
    set: () => {
      this.blinks += 1;
    },
  };

  constructor(queue: EventQueue, random: SeededRandom, chip: Bme280Chip) {
    this.#inside = new Internet(queue);
    this.#air = new Air(queue, random.fork('air'));
    this.#bus = new SimulatedI2CBus(() => queue.now);
    this.#bus.attach(CHIP_ADDRESS, new RegisterChip(chip));
    this.#inputs = new SimulatedInputs(() => queue.now);
  }

  /** What a boot has of it. */
  boot(): Omit<
    MotePorts,
    'clock' | 'alarm' | 'random' | 'radio' | 'power' | 'memory' | 'values' | 'outbox' | 'networks'
  > {
    const listener = new VirtualListener(this.#inside);
    const datagrams = new VirtualDatagrams(this.#air);
    this.#listener = listener;
    this.#datagrams = datagrams;
    return {
      listener,
      datagrams,
      pins: PINS,
      light: (pin) => {
        if (pin === CRASH_PIN) throw new PinCrash(`GPIO ${pin} is the flash's`);
        return this.#light;
      },
      button: () => ({ isHeld: false }),
      bus: () => this.#bus,
      inputs: this.#inputs,
      routes: (model) => new Routes(model, RESOURCES, [PORTAL_ADDRESS]),
    };
  }

  /** The power is on: the chips wake. */
  powerUp(): void {
    this.#bus.dipPower();
  }

  powerOff(): void {
    this.#listener?.vanishAll();
    this.#datagrams?.vanishAll();
  }
}
