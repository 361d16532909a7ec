/**
 * A check of settings that also measures once with every sensor and shows the values on the set-up
 * page, so that whoever wires a board sees what was found before closing it. A dead sensor does not
 * fail the check: it may be plugged in later.
 */

import { type Deadlines, Timer } from '../base/deadlines.ts';
import { NUMBER_BYTES_MAX, writeNumber } from '../base/decimal.ts';
import { decodeUtf8 } from '../base/utf8.ts';
import type { Clock } from '../ports.ts';
import type { Finding } from '../provisioning/model.ts';
import type { Check } from '../provisioning/portal/doors.ts';
import type { NamedSensor } from '../sensors/probe.ts';
import { Sampler } from '../telemetry/sampler.ts';

/** Longer than any check lasts: there is only one round. */
const ONCE_MS = 86_400_000;
/** The most findings that are shown. */
const FINDINGS_MAX = 24;

export class CheckWithSensors implements Check {
  private readonly check: Check;
  private readonly clock: Clock;
  private readonly sensors: readonly NamedSensor[];
  private readonly sampler: Sampler;
  private readonly deadlines: Deadlines;
  private readonly told: (findings: readonly Finding[]) => void;
  private isMeasuring = false;

  /**
   * @param deadlines the check's, in which the sensors have their timer
   * @param told what was found, once, from inside `wake`
   */
  constructor(
    check: Check,
    sensors: readonly NamedSensor[],
    clock: Clock,
    deadlines: Deadlines,
    told: (findings: readonly Finding[]) => void,
  ) {
    this.check = check;
    this.clock = clock;
    this.sensors = sensors;
    this.deadlines = deadlines;
    this.sampler = new Sampler(sensors, ONCE_MS, deadlines);
    this.told = told;
  }

  start(): void {
    this.isMeasuring = true;
    this.sampler.start(this.clock.now());
    this.check.start();
  }

  cancel(): void {
    this.stop();
    this.check.cancel();
  }

  deadline(): number {
    return this.check.deadline();
  }

  wake(): void {
    const now = this.clock.now();
    if (now >= this.deadlines.at[Timer.sampler]) this.measure(now);
    if (now >= this.check.deadline()) this.check.wake();
  }

  private measure(now: number): void {
    const { sampler } = this;
    if (!sampler.wake(now)) return;
    this.stop();
    this.told(findingsOf(sampler));
  }

  private stop(): void {
    if (!this.isMeasuring) return;
    this.isMeasuring = false;
    this.deadlines.set(Timer.sampler, Number.POSITIVE_INFINITY);
    for (const { sensor } of this.sensors) {
      try {
        sensor.close();
      } catch {
        // A bus that cannot even be closed is opened anew.
      }
    }
  }
}

function findingsOf({ health, quantities, values }: Sampler): Finding[] {
  const findings: Finding[] = [];
  let at = 0;
  for (let i = 0; i < health.length && i < FINDINGS_MAX; i += 1) {
    const { name, ok, reason, quantityCount } = health[i];
    let fact = ok ? '' : reason;
    for (const end = at + quantityCount; at < end; at += 1) {
      if (Number.isNaN(values[at])) continue;
      const { unit, decimals } = quantities[at];
      const value = numberText(values[at], decimals);
      fact += `${fact === '' ? '' : ', '}${value}${unit === '' ? '' : ` ${unit}`}`;
    }
    findings.push({ sensor: name, fact: fact === '' ? 'no value yet' : fact });
  }
  return findings;
}

function numberText(value: number, decimals: number): string {
  const bytes = new Uint8Array(NUMBER_BYTES_MAX);
  return decodeUtf8(bytes, 0, writeNumber(bytes, 0, value, decimals));
}
