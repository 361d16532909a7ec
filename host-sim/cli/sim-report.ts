/** How `npm run sim` tells what came out: for people, as JSON, and as a line of progress. */

import type { Outcome } from '../virtual/world/world-plan.ts';

/** A seed with its outcome, and what it took on the wall clock. */
export interface Timed {
  readonly seed: number;
  readonly outcome: Outcome;
  readonly seconds: number;
}

/** A seed that has no outcome, because the simulator failed. */
export interface Broken {
  readonly seed: number;
  readonly outcome?: undefined;
  readonly why: string;
  readonly cause?: unknown;
}

export type SeedResult = Timed | Broken;

const HOUR_S = 3600;
const SHOW_EVERY_MS = 500;

function speedOf(hours: number, seconds: number): number {
  return seconds > 0 ? hours / seconds : 0;
}

export function isGood({ outcome }: SeedResult): boolean {
  return outcome?.verdict === 'OK';
}

/** The command that ends in the same state; `given` are the options that decide how a seed runs. */
function reproduce({ seed, outcome }: SeedResult, given: string): string {
  const until = outcome === undefined ? '' : ` --until ${outcome.events}`;
  return `npm run sim -- --seed ${seed}${given}${until}`;
}

/** Several lines about one seed. */
export function reportOf(result: SeedResult, given: string): string {
  const { seed, outcome } = result;
  const cause = outcome === undefined ? result.cause : outcome.cause;
  const stack = cause instanceof Error ? `${cause.stack}\n` : '';
  if (outcome === undefined) return shortOf(result, given) + stack;
  const speed = speedOf(outcome.deviceHours, result.seconds);
  const years = outcome.yearsOfLife;
  const life = Number.isFinite(years) ? `${Math.round(years)} years of life` : 'no wear yet';
  const lines = [
    `${outcome.verdict}  seed ${seed}  hash ${outcome.hash}  ${outcome.events} events`,
    `readings    ${outcome.accepted} accepted, ${outcome.delivered} delivered, ` +
      `${outcome.dropped} dropped, ${outcome.duplicates} duplicates`,
    `link        ${outcome.reconnects} reconnects`,
    `commands    ${outcome.commands} sent, ${outcome.answers} answers`,
    `power       ${outcome.powerCuts} cuts`,
    `flash       ${outcome.flashErases} erases, ${life}`,
    `speed       ${Math.round(speed)} device-hours per second, ` +
      `${Math.round(speed * HOUR_S)} devices per core at real-time speed`,
  ];
  if (outcome.violation !== undefined) {
    lines.push(`violation   ${outcome.violation}`, `reproduce   ${reproduce(result, given)}`);
  }
  return `${lines.join('\n')}\n${stack}`;
}

/** One line about a seed that failed, and one that reproduces it. */
export function shortOf(result: SeedResult, given: string): string {
  const { seed, outcome } = result;
  const verdict = outcome?.verdict ?? 'BROKEN';
  const why = outcome === undefined ? result.why : outcome.violation;
  return `${verdict}  seed ${seed}  ${why}\n  ${reproduce(result, given)}\n`;
}

/** One JSON object in a line. */
export function jsonOf(result: SeedResult, given: string): string {
  const { seed, outcome } = result;
  const line = reproduce(result, given);
  if (outcome === undefined) {
    const { why } = result;
    return `${JSON.stringify({ seed, verdict: 'BROKEN', why, reproduce: line })}\n`;
  }
  const { deviceHours, cause: _cause, violation, yearsOfLife, ...figures } = outcome;
  const failed = violation === undefined ? {} : { violation, reproduce: line };
  return `${JSON.stringify({
    ...figures,
    yearsOfLife: Number.isFinite(yearsOfLife) ? Math.round(yearsOfLife) : null,
    deviceHoursPerSecond: Math.round(speedOf(deviceHours, result.seconds)),
    ...failed,
  })}\n`;
}

const NOTHING = Object.freeze({
  accepted: 0,
  delivered: 0,
  dropped: 0,
  duplicates: 0,
  reconnects: 0,
  powerCuts: 0,
});
const SUMMED = Object.freeze(Object.keys(NOTHING) as (keyof typeof NOTHING)[]);

/** All seeds of a sweep together, from its first to its last. */
export class Totals {
  seeds = 0;
  failed = 0;
  #broken = 0;
  #hours = 0;
  #seconds = 0;
  readonly #startedAt = performance.now();
  readonly #sums = { ...NOTHING };

  add(result: SeedResult): void {
    const { outcome } = result;
    this.seeds += 1;
    if (!isGood(result)) this.failed += 1;
    if (outcome === undefined) {
      this.#broken += 1;
      return;
    }
    this.#hours += outcome.deviceHours;
    this.#seconds += result.seconds;
    for (const name of SUMMED) this.#sums[name] += outcome[name];
  }

  /** @param jobs threads that ran side by side */
  text(jobs: number, isJson: boolean): string {
    const { seeds, failed } = this;
    const verdict = failed === 0 ? 'OK' : 'VIOLATION';
    const sums = this.#sums;
    const speed = Math.round(speedOf(this.#hours, this.#seconds));
    const together = Math.round(speedOf(this.#hours, (performance.now() - this.#startedAt) / 1000));
    if (isJson) {
      const told = { verdict, seeds, failed, broken: this.#broken, ...sums };
      const speeds = { deviceHoursPerSecond: speed, jobs, deviceHoursPerSecondTogether: together };
      return `${JSON.stringify({ ...told, ...speeds })}\n`;
    }
    const broken = this.#broken === 0 ? '' : `, ${this.#broken} of them without an outcome`;
    const all = jobs === 1 ? '' : `, ${together} with ${jobs} jobs`;
    return (
      `${verdict}  ${seeds} seeds, ${failed} failed${broken}\n` +
      `readings    ${sums.accepted} accepted, ${sums.delivered} delivered, ` +
      `${sums.dropped} dropped, ${sums.duplicates} duplicates\n` +
      `world       ${sums.reconnects} reconnects, ${sums.powerCuts} power cuts\n` +
      `speed       ${speed} device-hours per second on one core${all}\n`
    );
  }
}

/** A line on a terminal that says how far a sweep is. */
export class Progress {
  readonly #out: NodeJS.WriteStream;
  readonly #seeds: number;
  #shownAt = performance.now();
  #isShown = false;

  /** @param seeds of the whole sweep */
  constructor(out: NodeJS.WriteStream, seeds: number) {
    this.#out = out;
    this.#seeds = seeds;
  }

  /**
   * @param done seeds that are done
   * @param part of `seed` that is done, 0 to 1
   */
  show(seed: number, done: number, part: number): void {
    const now = performance.now();
    if (!this.#out.isTTY || now - this.#shownAt < SHOW_EVERY_MS) return;
    this.#shownAt = now;
    this.#isShown = true;
    const percent = Math.min(100, Math.floor(part * 100));
    this.#out.write(`\r\x1b[Kseed ${seed} ${percent} % (${done} of ${this.#seeds} done)`);
  }

  /** Before something else is printed. */
  clear(): void {
    if (this.#isShown) this.#out.write('\r\x1b[K');
    this.#isShown = false;
  }
}
