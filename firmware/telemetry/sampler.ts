/**
 * Takes readings: triggers all sensors on a fixed grid of times, collects each when it is ready.
 *
 * Sans-IO: its timer, `Timer.sampler`, says when `wake` is due, and `wake` says whether a round is
 * over. A sensor that throws or does not answer in time is dead for this round, with its
 * reason in `health`; the others go on, and the next round asks it again. No reading comes from a
 * round in which nothing was measured.
 *
 * Invariants: one round at a time; ticks of the grid never shift with the time that rounds take;
 * a late wake takes one sample, never a burst: `ticks sampled + missedTicks` is the number of grid
 * times that have passed.
 */
import { type Deadlines, Timer } from '../base/deadlines.ts';
import type { NamedSensor } from '../sensors/probe.ts';
import type { Quantity, Sensor } from '../sensors/sensor.ts';
import { FragmentWriter } from './reading.ts';

/** How one sensor does, for diagnostics. The object lives as long as the sampler. */
export interface SensorHealth {
  readonly name: string;
  /** False after a round in which it gave nothing; true before the first. */
  readonly ok: boolean;
  /** Why not, in words; empty when `ok`. */
  readonly reason: string;
  /** Rounds that it failed since the start. */
  readonly failures: number;
  /** How many of the sampler's quantities are its own; in their order. */
  readonly quantityCount: number;
}

/** A late sensor is asked again after this, or after as long as it is late, whichever is more. */
const POLL_MS = 5;
/** What a sensor may take beyond the time that it announced. */
const GRACE_MS = 1000;
/** The longest time that a sensor may announce. */
const ANNOUNCED_MS_MAX = 60_000;
const REASON_LENGTH_MAX = 160;

/** A sensor and its part in the round under way. */
class Slot implements SensorHealth {
  readonly name: string;
  readonly sensor: Sensor;
  /** Its part of the reading's values. */
  readonly values: Float64Array;
  readonly quantityCount: number;
  ok = true;
  reason = '';
  failures = 0;
  pending = false;
  /** When to ask whether it is ready. */
  askAt = 0;
  /** When it is given up. */
  giveUpAt = 0;

  constructor(named: NamedSensor, values: Float64Array) {
    this.name = named.name;
    this.sensor = named.sensor;
    this.values = values;
    this.quantityCount = values.length;
  }

  trigger(now: number): void {
    this.values.fill(Number.NaN);
    try {
      const ms = this.sensor.trigger();
      if (!(ms >= 0 && ms <= ANNOUNCED_MS_MAX)) {
        this.die('announced an impossible measuring time');
        return;
      }
      this.pending = true;
      this.askAt = now + ms;
      this.giveUpAt = this.askAt + GRACE_MS;
    } catch (error) {
      this.die(reasonOf(error));
    }
  }

  collect(now: number): void {
    try {
      if (this.sensor.collect(this.values)) {
        this.pending = false;
        this.ok = true;
        this.reason = '';
      } else if (now >= this.giveUpAt) {
        this.die('did not finish its measurement in time');
      } else {
        const lateMs = now - this.giveUpAt + GRACE_MS;
        this.askAt = Math.min(now + Math.max(POLL_MS, lateMs), this.giveUpAt);
      }
    } catch (error) {
      this.die(reasonOf(error));
    }
  }

  private die(reason: string): void {
    this.values.fill(Number.NaN);
    this.pending = false;
    this.ok = false;
    this.reason = reason;
    this.failures += 1;
  }
}

/** The board's sensors, sampled together. */
export class Sampler {
  /** What a reading holds, in order, under the names that are published. */
  readonly quantities: readonly Quantity[];
  /** One entry per sensor, in their order, kept up to date. */
  readonly health: readonly SensorHealth[];
  /** The values of the last reading, one per quantity, NaN where absent; until the next `wake`. */
  readonly values: Float64Array;
  /** When the sensors of the last reading were triggered. */
  sampledAt = 0;
  /** Grid times that passed without a sample, the device being late or a round under way. */
  missedTicks = 0;
  /** No sensor gave a value in the last round: no reading comes of it. */
  isEmpty = false;
  private readonly slots: readonly Slot[];
  private readonly writer: FragmentWriter;
  private readonly deadlines: Deadlines;
  private intervalMs: number;
  /** The next grid time is `gridAt + ticks * intervalMs`; Infinity before the start. */
  private gridAt = Number.POSITIVE_INFINITY;
  private ticks = 0;
  /** The last grid time that has passed; -Infinity before the first. */
  private lastTickAt = Number.NEGATIVE_INFINITY;
  /** When a sample out of turn was asked for; Infinity for not at all. */
  private askedAt = Number.POSITIVE_INFINITY;
  private sampling = false;
  /** The sensors are still to be told of another interval. */
  private isRhythmDue = false;

  /**
   * Reads nothing before `start`. A quantity name that an earlier sensor has gets a suffix: `_2`.
   * @param intervalMs 1 or more.
   * @throws RangeError for another interval, or a quantity that cannot be published.
   */
  constructor(sensors: readonly NamedSensor[], intervalMs: number, deadlines: Deadlines) {
    this.deadlines = deadlines;
    this.intervalMs = checkedInterval(intervalMs);
    this.quantities = publishedQuantities(sensors);
    this.writer = new FragmentWriter(this.quantities);
    this.values = new Float64Array(this.quantities.length);
    let at = 0;
    this.slots = sensors.map((named) => {
      const start = at;
      at += named.sensor.quantities.length;
      return new Slot(named, this.values.subarray(start, at));
    });
    this.health = this.slots;
  }

  /** Begins the grid at `now`: the first sample is due at once. */
  start(now: number): void {
    this.gridAt = now;
    this.ticks = 0;
    this.wait();
  }

  /**
   * Does what is due. Waking early or late is harmless.
   * @returns true when this ended a round: `values` and `sampledAt` hold it, `write` writes it.
   */
  wake(now: number): boolean {
    if (!this.sampling) {
      if (now < this.deadlines.at[Timer.sampler]) return false;
      this.begin(now);
    }
    let next = Number.POSITIVE_INFINITY;
    for (let i = 0; i < this.slots.length; i += 1) {
      const slot = this.slots[i];
      if (slot.pending && now >= slot.askAt) slot.collect(now);
      if (slot.pending && slot.askAt < next) next = slot.askAt;
    }
    if (next === Number.POSITIVE_INFINITY) return this.finish();
    this.deadlines.set(Timer.sampler, next);
    return false;
  }

  /** Writes the last reading's values, up to the next `wake`. @returns the position after them */
  write(into: Uint8Array, at: number): number {
    return this.writer.write(into, at, this.values);
  }

  /** Asks for a sample out of turn; `wake` takes it. The round under way answers it, if any. */
  sampleNow(now: number): void {
    if (this.sampling || now >= this.askedAt) return;
    this.askedAt = now;
    this.wait();
  }

  /**
   * Changes the interval. The next sample comes one new interval after the last grid time, or now
   * if that has passed. The same interval again changes nothing.
   * @throws RangeError unless `intervalMs` is 1 or more.
   */
  changeInterval(intervalMs: number, now: number): void {
    if (checkedInterval(intervalMs) === this.intervalMs) return;
    this.intervalMs = intervalMs;
    // A round that is under way ends as it began.
    if (this.sampling) this.isRhythmDue = true;
    else this.tellSensors();
    if (this.lastTickAt === Number.NEGATIVE_INFINITY) return;
    this.gridAt = Math.max(now, this.lastTickAt + intervalMs);
    this.ticks = 0;
    if (!this.sampling) this.wait();
  }

  private nextTick(): number {
    return this.gridAt + this.ticks * this.intervalMs;
  }

  /** Until the next round. */
  private wait(): void {
    this.deadlines.set(Timer.sampler, Math.min(this.nextTick(), this.askedAt));
  }

  private begin(now: number): void {
    this.askedAt = Number.POSITIVE_INFINITY;
    const tickAt = this.nextTick();
    if (now >= tickAt && now < this.gridAt + (this.ticks + 1) * this.intervalMs) {
      this.ticks += 1;
      this.lastTickAt = tickAt;
    } else if (now >= tickAt) {
      const latest = Math.floor((now - this.gridAt) / this.intervalMs);
      const missed = Math.max(0, latest - this.ticks);
      this.missedTicks += missed;
      this.ticks += missed + 1;
      if (this.nextTick() <= now) {
        // With fractions of a millisecond the division may come out just below a grid time.
        this.missedTicks += 1;
        this.ticks += 1;
      }
      this.lastTickAt = this.gridAt + (this.ticks - 1) * this.intervalMs;
    }
    this.sampling = true;
    this.sampledAt = now;
    for (let i = 0; i < this.slots.length; i += 1) this.slots[i].trigger(now);
  }

  private tellSensors(): void {
    this.isRhythmDue = false;
    for (let i = 0; i < this.slots.length; i += 1) {
      this.slots[i].sensor.changeInterval?.(this.intervalMs);
    }
  }

  private finish(): boolean {
    this.sampling = false;
    this.wait();
    if (this.isRhythmDue) this.tellSensors();
    this.isEmpty = !this.writer.hasValue(this.values);
    return true;
  }
}

function publishedQuantities(sensors: readonly NamedSensor[]): Quantity[] {
  const published: Quantity[] = [];
  const taken = new Set<string>();
  for (const { sensor } of sensors) {
    for (const { name, kind, unit, decimals } of sensor.quantities) {
      let unique = name;
      for (let n = 2; taken.has(unique); n += 1) unique = `${name}_${n}`;
      taken.add(unique);
      published.push({ name: unique, kind, unit, decimals });
    }
  }
  return published;
}

function checkedInterval(intervalMs: number): number {
  if (!(intervalMs >= 1 && intervalMs < Number.POSITIVE_INFINITY)) {
    throw new RangeError('the sampling interval must be 1 ms or more');
  }
  return intervalMs;
}

function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : '';
  return text === '' ? 'failed without a reason' : text.slice(0, REASON_LENGTH_MAX);
}
