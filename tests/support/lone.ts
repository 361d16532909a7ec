/** Components with a table of deadlines that is theirs alone, and what stands in it. */

import { Deadlines, Timer } from '../../firmware/base/deadlines.ts';
import { Supervisor } from '../../firmware/link/supervisor.ts';
import type { SupervisorOptions } from '../../firmware/link/supervisor-options.ts';
import type { NamedSensor } from '../../firmware/sensors/probe.ts';
import { Sampler } from '../../firmware/telemetry/sampler.ts';

export class LoneSampler extends Sampler {
  /** Rounds that gave no reading because no sensor gave a value. */
  emptyRounds = 0;
  private readonly alone: Deadlines;

  constructor(sensors: readonly NamedSensor[], intervalMs: number, alone = Deadlines.ofDevice()) {
    super(sensors, intervalMs, alone);
    this.alone = alone;
  }

  /** @returns true when this completed a reading */
  override wake(now: number): boolean {
    if (!super.wake(now)) return false;
    if (this.isEmpty) this.emptyRounds += 1;
    return !this.isEmpty;
  }

  deadline(): number {
    return this.alone.at[Timer.sampler];
  }
}

export class LoneSupervisor extends Supervisor {
  private readonly alone: Deadlines;

  constructor(options: SupervisorOptions, alone = Deadlines.ofDevice()) {
    super(options, alone);
    this.alone = alone;
  }

  deadline(): number {
    return this.alone.at[Timer.link];
  }
}
