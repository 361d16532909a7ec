/**
 * `npm run soak`: seeds that nobody has tried, until there is no more time or the last one is done.
 * A seed that breaks a rule ends nothing, and neither does one that kills its thread.
 */

import { randomInt } from 'node:crypto';
import { onInterrupt } from '../cli/interrupt.ts';
import { isGood, type SeedResult, shortOf, Totals } from '../cli/sim-report.ts';
import type { SoakOptions } from '../cli/soak-options.ts';
import { Crew } from './crew.ts';

const FRESH_MAX = 2 ** 47;
/** A seed that takes longer for each of its hours hangs. */
const SECONDS_PER_HOUR_MAX = 30;
const SECONDS_MIN = 120;
const TELL_MS = 500;
/** Where nobody watches, a line now and then is enough. */
const TELL_LOG_MS = 60_000;

export class Soak {
  readonly #options: SoakOptions;
  readonly #first: number;
  /** The options that `npm run sim` reproduces a seed with. */
  readonly #given: string;
  readonly #crew: Crew;
  readonly #totals = new Totals();
  readonly #startedAt = performance.now();
  #count = 0;
  #isOver = false;
  #toldAt = performance.now();

  /** @param program what a thread runs */
  constructor(options: SoakOptions, program?: string) {
    this.#options = options;
    this.#first = options.first ?? randomInt(FRESH_MAX);
    this.#given = ` --hours ${options.hours}`;
    const orders = {
      next: () => this.#next(),
      take: (result: SeedResult) => this.#take(result),
    };
    const argv = ['--hours', `${options.hours}`];
    this.#crew = new Crew({ argv, scenario: undefined }, orders, program);
  }

  /** @returns the exit code */
  async run(): Promise<number> {
    const { jobs, minutes, seeds, hours } = this.#options;
    process.stdout.write(`first seed ${this.#first}, ${hours} hours each\n`);
    const clock = Number.isFinite(minutes)
      ? setTimeout(() => this.#end(), minutes * 60_000)
      : undefined;
    onInterrupt(() => this.#end());
    const used = Math.min(jobs, seeds);
    await this.#crew.run(used, Math.max(SECONDS_MIN, hours * SECONDS_PER_HOUR_MAX));
    clearTimeout(clock);
    const last = this.#first + Math.max(0, this.#count - 1);
    this.#print(`seeds ${this.#first} to ${last}\n${this.#totals.text(used, false)}`);
    return this.#totals.failed === 0 ? 0 : 1;
  }

  #next(): number | undefined {
    if (this.#isOver || this.#count === this.#options.seeds) return undefined;
    this.#count += 1;
    return this.#first + this.#count - 1;
  }

  #take(result: SeedResult): void {
    this.#totals.add(result);
    if (!isGood(result)) this.#print(shortOf(result, this.#given));
    this.#tell();
  }

  /** No further seed; those under way are given up. */
  #end(): void {
    this.#isOver = true;
    this.#crew.end();
  }

  #print(text: string): void {
    if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
    process.stdout.write(text);
  }

  #tell(): void {
    const now = performance.now();
    const { isTTY } = process.stderr;
    if (now - this.#toldAt < (isTTY ? TELL_MS : TELL_LOG_MS)) return;
    this.#toldAt = now;
    const minutes = ((now - this.#startedAt) / 60_000).toFixed(1);
    const { seeds, failed } = this.#totals;
    const text = `${seeds} seeds in ${minutes} minutes, ${failed} failed`;
    process.stderr.write(isTTY ? `\r\x1b[K${text}` : `${text}\n`);
  }
}
