/**
 * Sensors on a digital pin: a contact, and a counter of pulses with its total and rate.
 *
 * The port counts, so that no round has to come in time for a pulse.
 */
import type { DigitalInput, PulseInput, Quantity, Sensor } from '../sensor.ts';

/** A contact, a motion detector, a leak sensor: 0 or 1. */
export class Digital implements Sensor {
  readonly quantities: readonly Quantity[];
  private readonly input: DigitalInput;
  private readonly isInverted: boolean;

  /** @param isInverted a low level is 1, as of a contact to ground */
  constructor(input: DigitalInput, name: string, isInverted = false) {
    this.input = input;
    this.isInverted = isInverted;
    this.quantities = [{ name, kind: 'contact', unit: '', decimals: 0 }];
  }

  trigger(): number {
    return 0;
  }

  collect(into: Float64Array): boolean {
    into[0] = (this.input.read() !== 0) === this.isInverted ? 0 : 1;
    return true;
  }

  close(): void {
    this.input.close();
  }
}

/** What is counted. */
export interface PulseMeaning {
  /** Of the total; the rate's name is this with `_rate`. */
  readonly name: string;
  readonly unit: string;
  /** Of the total; the rate has two more, and six at most. */
  readonly decimals: number;
  /** Units per pulse: 0.2794 for a rain gauge in mm. */
  readonly perPulse: number;
}

const MINUTE_MS = 60_000;

/**
 * A water meter, a rain gauge, an anemometer: the total since the start, and the rate per minute
 * since the last round; the first round has no rate.
 */
export class Pulses implements Sensor {
  readonly quantities: readonly Quantity[];
  private readonly input: PulseInput;
  private readonly perPulse: number;
  private readonly now: () => number;
  private lastCount: number;
  private lastMs = Number.NaN;
  private total = 0;

  /** @param now a monotonic clock in ms */
  constructor(input: PulseInput, meaning: PulseMeaning, now: () => number) {
    const { decimals, name, unit } = meaning;
    const rate = `${name}_rate`;
    this.quantities = [
      { name, kind: 'total', unit, decimals },
      { name: rate, kind: 'rate', unit: `${unit}/min`, decimals: Math.min(6, decimals + 2) },
    ];
    this.input = input;
    this.perPulse = meaning.perPulse;
    this.now = now;
    this.lastCount = input.read();
  }

  trigger(): number {
    return 0;
  }

  collect(into: Float64Array): boolean {
    const count = this.input.read();
    const now = this.now();
    // Modulo 2^32. A counter that goes backwards was started anew.
    const step = (count - this.lastCount) | 0;
    const pulses = step >= 0 ? step : Math.max(0, count);
    const elapsedMs = now - this.lastMs;
    this.lastCount = count;
    this.lastMs = now;
    this.total += pulses;
    into[0] = this.total * this.perPulse;
    into[1] = elapsedMs > 0 ? (pulses * this.perPulse * MINUTE_MS) / elapsedMs : Number.NaN;
    return true;
  }

  close(): void {
    this.input.close();
  }
}
