/** A chip on a simulated bus and its driver, in virtual time; and a device that says what it must. */
import assert from 'node:assert/strict';
import type { I2CDevice, Sensor } from '../../../firmware/sensors/sensor.ts';
import { boardBus } from '../../../host-sim/chips/board-sensors.ts';
import { constant, type Surroundings } from '../../../host-sim/chips/curves.ts';
import { type I2CChip, SimulatedI2CBus } from '../../../host-sim/chips/i2c-bus.ts';
import type { LoneSampler } from '../../support/lone.ts';

export const ROOM: Surroundings = {
  temperature: constant(21.37),
  humidity: constant(44.12),
  pressure: constant(1008.63),
  co2: constant(612),
  illuminance: constant(345),
  voltage: constant(12.136),
  current: constant(0.4321),
};

export const ADDRESS = 0x44;
const POLL_MS = 5;

export class Bench<Chip extends I2CChip> {
  now = 1000;
  readonly bus = new SimulatedI2CBus(() => this.now);
  readonly chip: Chip;
  readonly sensor: Sensor;
  readonly values: Float64Array;

  constructor(chip: Chip, driver: (device: I2CDevice, now: () => number) => Sensor) {
    this.chip = chip;
    this.bus.attach(ADDRESS, chip);
    this.sensor = driver(this.bus.open(ADDRESS), () => this.now);
    this.values = new Float64Array(this.sensor.quantities.length);
    chip.powerUp(0);
  }

  /** One round as the sampler does it. @returns ms that it took, or undefined: given up. */
  round(): number | undefined {
    const from = this.now;
    this.values.fill(Number.NaN);
    this.now += this.sensor.trigger();
    const last = this.now + 1000;
    for (; this.now <= last; this.now += POLL_MS) {
      if (this.sensor.collect(this.values)) return this.now - from;
    }
    return undefined;
  }

  /** A round that must give values. */
  measure(): number {
    const took = this.round();
    assert.ok(took !== undefined, 'gave no values in time');
    return took;
  }

  /** What a round throws. */
  failure(): string {
    try {
      this.round();
    } catch (error) {
      assert.ok(error instanceof Error);
      return error.message;
    }
    return 'nothing';
  }

  unplug(): void {
    this.bus.setFault(ADDRESS, 'absent');
  }

  garble(): void {
    this.bus.setFault(ADDRESS, 'garbled');
  }

  repair(): void {
    this.bus.setFault(ADDRESS);
  }
}

/** Acknowledges all, and answers with what it is given, in turn; the last one again and again. */
export class Scripted implements I2CDevice {
  readonly written: number[][] = [];
  closes = 0;
  private readonly answers: (readonly number[])[];

  constructor(...answers: readonly (readonly number[])[]) {
    this.answers = [...answers];
  }

  write(from: Uint8Array): void {
    this.written.push([...from]);
  }

  read(into: Uint8Array): void {
    const answer = this.answers.length > 1 ? this.answers.shift() : this.answers[0];
    into.set(answer ?? []);
  }

  close(): void {
    this.closes += 1;
  }
}

export function near(actual: number, expected: number, within: number): void {
  assert.ok(Math.abs(actual - expected) <= within, `${actual} is not ${expected} ± ${within}`);
}

/** The names and units of a sensor, in one line. */
export function shown(sensor: Sensor): string {
  return sensor.quantities
    .map(({ decimals, name, unit }) => `${name} ${unit} ${decimals}`)
    .join(', ');
}

/** The values of a sensor that needs no time, as those on pins. */
export function valuesOf(sensor: Sensor): number[] {
  const values = new Float64Array(sensor.quantities.length);
  assert.equal(sensor.trigger(), 0);
  assert.equal(sensor.collect(values), true);
  return [...values];
}

/** When a bus of `busWith` is looked at first. */
export const START_MS = 200;

/** A bus on which these have been powered for a while, and its clock. */
export function busWith(names: readonly string[]) {
  const clock = { now: 0 };
  const bus = boardBus(names, ROOM, () => clock.now);
  clock.now = START_MS;
  return { bus, clock };
}

/** Samples `rounds` times, 10 s apart. @returns the last values by name */
export function sample(
  sampler: LoneSampler,
  clock: { now: number },
  rounds: number,
): Record<string, number> {
  sampler.start(clock.now);
  let seen: Record<string, number> = {};
  for (let taken = 0; taken < rounds; ) {
    clock.now = Math.max(clock.now, sampler.deadline());
    if (!sampler.wake(clock.now)) continue;
    taken += 1;
    const entries = sampler.quantities.map(({ name }, i) => [name, sampler.values[i]] as const);
    seen = Object.fromEntries(entries.filter(([, value]) => !Number.isNaN(value)));
  }
  return seen;
}
