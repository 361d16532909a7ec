/** Thermometers on simulated one-wire buses, sampled as a board does it, in virtual time. */
import {
  createDs18b20s,
  searchDs18b20s,
} from '../../../../firmware/sensors/drivers/ds18b20-names.ts';
import type { OneWireBus } from '../../../../firmware/sensors/sensor.ts';
import { Ds18b20Chip, type Ds18b20Make } from '../../../../host-sim/chips/ds18b20-chip.ts';
import { SimulatedOneWireBus } from '../../../../host-sim/chips/one-wire-bus.ts';
import { romCode } from '../../../../host-sim/chips/one-wire-talk.ts';
import { LoneSampler } from '../../../support/lone.ts';

export const DS18B20 = 0x28;
export const DS1822 = 0x22;
export const DS18S20 = 0x10;
const INTERVAL_MS = 10_000;

export class OneWireBench {
  now = 1000;
  /** What the chips measure, by their serial number; 20 °C unless it is set. */
  readonly celsius: Record<number, number> = {};
  readonly buses: Record<number, SimulatedOneWireBus> = {};
  /** A pin that cannot be opened says this. */
  refusal = '';
  /** What earlier boots remember. */
  remembered: string[] = [];
  sampler = new LoneSampler([], INTERVAL_MS);

  /** @param serials of the DS18B20s at pin 4 */
  constructor(...serials: readonly number[]) {
    for (const serial of serials) this.plug(serial);
  }

  get bus(): SimulatedOneWireBus {
    return this.busAt(4);
  }

  busAt(pin: number): SimulatedOneWireBus {
    this.buses[pin] ??= new SimulatedOneWireBus(() => this.now);
    return this.buses[pin];
  }

  plug(serial: number, family = DS18B20, make: Ds18b20Make = {}, pin = 4): Ds18b20Chip {
    const temperature = () => this.celsius[serial] ?? 20;
    const chip = new Ds18b20Chip(romCode(family, serial), temperature, make);
    this.busAt(pin).plug(chip);
    return chip;
  }

  oneWire(pin: number): OneWireBus {
    if (this.refusal !== '') throw new Error(this.refusal);
    return this.busAt(pin).open();
  }

  /** The board starts with these names in its settings. @returns the names that it uses */
  boot(...names: readonly string[]): string[] {
    const used = searchDs18b20s(names, this, this.remembered);
    this.remembered = used;
    this.sampler = new LoneSampler(createDs18b20s(used, this), INTERVAL_MS);
    this.sampler.start(this.now);
    return used;
  }

  /** One round. @returns its values by the names that are published; the absent ones are left out */
  sample(): Record<string, number> {
    const { sampler } = this;
    sampler.values.fill(Number.NaN);
    const rounds = sampler.emptyRounds;
    this.now = Math.max(this.now, sampler.deadline());
    while (!sampler.wake(this.now) && sampler.emptyRounds === rounds) {
      this.now = Math.max(this.now, sampler.deadline());
    }
    const entries = sampler.quantities.map(({ name }, i) => [name, sampler.values[i]] as const);
    return Object.fromEntries(entries.filter(([, value]) => !Number.isNaN(value)));
  }

  /** Why each of the sensors failed in the last round; empty for those that did not. */
  reasons(): string[] {
    return this.sampler.health.map(({ reason }) => reason);
  }
}

/** The name of a sensor at pin 4 in diagnostics. */
export function nameOf(serial: number, family = DS18B20, pin = 4): string {
  const digits = Array.from(romCode(family, serial), (byte) => byte.toString(16).padStart(2, '0'));
  return `ds18b20-${pin}-${digits.join('')}`;
}
