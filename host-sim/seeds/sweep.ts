/**
 * The seeds of `npm run sim`: those of a sweep side by side in threads of their own, one that is
 * looked at in this thread. What is printed is in the order of the seeds either way.
 */

import { setImmediate } from 'node:timers/promises';
import { INTERRUPTED, onInterrupt } from '../cli/interrupt.ts';
import {
  isGood,
  jsonOf,
  Progress,
  reportOf,
  type SeedResult,
  shortOf,
  Totals,
} from '../cli/sim-report.ts';
import { Trace, type TraceLine } from '../virtual/world/trace.ts';
import { Crew } from './crew.ts';
import { runSeed, type Setting, settingOf, type Work } from './run.ts';

export class Sweep {
  readonly #work: Work;
  readonly #setting: Setting;
  readonly #program: string | undefined;
  /** Threads beside this one; none where somebody looks at what happens. */
  readonly #threads: number;
  readonly #progress: Progress;
  readonly #totals = new Totals();
  /** Results that wait until those of the seeds before them are printed. */
  readonly #early = new Map<number, SeedResult>();
  #given: number;
  #printed: number;
  #isInterrupted = false;

  /** @param program the file that a thread runs */
  constructor(work: Work, program?: string) {
    this.#work = work;
    this.#setting = settingOf(work);
    this.#program = program;
    const { seeds, jobs, isSweep, trace, until } = this.#setting.options;
    const [first, last] = seeds;
    const count = last - first + 1;
    this.#given = first;
    this.#printed = first;
    this.#progress = new Progress(process.stderr, count);
    const isLookedAt = !isSweep || trace.length > 0 || Number.isFinite(until);
    this.#threads = isLookedAt ? 0 : Math.min(jobs, count);
  }

  /** @returns the exit code */
  async run(): Promise<number> {
    const { isSweep, json } = this.#setting.options;
    await (this.#threads > 0 ? this.#sideBySide() : this.#oneByOne());
    this.#progress.clear();
    if (this.#isInterrupted) this.#printEarly();
    if (isSweep) process.stdout.write(this.#totals.text(Math.max(1, this.#threads), json));
    if (this.#isInterrupted) return INTERRUPTED;
    return this.#totals.failed === 0 ? 0 : 1;
  }

  async #oneByOne(): Promise<void> {
    onInterrupt(() => {
      this.#isInterrupted = true;
    });
    const { trace: kinds, json } = this.#setting.options;
    const trace = kinds.length === 0 ? undefined : new Trace(json ? traceObject : traceLine, kinds);
    for (let seed = this.#next(); seed !== undefined; seed = this.#next()) {
      const goOn = async (part: number) => {
        this.#show(seed, part);
        // A signal is heard between two turns of the event loop only.
        await setImmediate();
        return !this.#isInterrupted;
      };
      const result = await runSeed(seed, this.#setting, goOn, trace);
      if (result !== undefined) this.#take(result);
    }
  }

  async #sideBySide(): Promise<void> {
    const orders = {
      next: () => this.#next(),
      take: (result: SeedResult) => this.#take(result),
      onPart: (seed: number, part: number) => this.#show(seed, part),
    };
    const crew = new Crew(this.#work, orders, this.#program);
    onInterrupt(() => {
      this.#isInterrupted = true;
      crew.end();
    });
    await crew.run(this.#threads);
  }

  #next(): number | undefined {
    const [, last] = this.#setting.options.seeds;
    if (this.#isInterrupted || this.#given > last) return undefined;
    this.#given += 1;
    return this.#given - 1;
  }

  #show(seed: number, part: number): void {
    // One line, one seed: that for which the others wait.
    if (seed !== this.#printed) return;
    this.#progress.show(seed, this.#totals.seeds + this.#early.size, part);
  }

  #take(result: SeedResult): void {
    this.#early.set(result.seed, result);
    for (;;) {
      const next = this.#early.get(this.#printed);
      if (next === undefined) return;
      this.#early.delete(this.#printed);
      this.#printed += 1;
      this.#print(next);
    }
  }

  /** What was found is told, though seeds before it were given up. */
  #printEarly(): void {
    const results = [...this.#early.values()].sort((a, b) => a.seed - b.seed);
    for (const result of results) this.#print(result);
  }

  #print(result: SeedResult): void {
    const { isSweep, json, given } = this.#setting.options;
    this.#progress.clear();
    this.#totals.add(result);
    if (isSweep && isGood(result)) return;
    const text = isSweep ? shortOf : reportOf;
    process.stdout.write(json ? jsonOf(result, given) : text(result, given));
  }
}

const traceLine: TraceLine = (timeMs, events, what, text) => {
  const seconds = (timeMs / 1000).toFixed(3).padStart(12);
  process.stdout.write(`${seconds} s ${String(events).padStart(8)}  ${what}  ${text}\n`);
};

const traceObject: TraceLine = (timeMs, event, what, text) => {
  process.stdout.write(`${JSON.stringify({ timeMs, event, what, text })}\n`);
};
