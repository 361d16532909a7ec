/** How `npm run sim` tells what came out: for people, as JSON, and as a line of progress. */

import type { Outcome } from './virtual/world/world-plan.ts';

/** A run with what it took on the wall clock. */
export interface Timed {
  readonly outcome: Outcome;
  readonly seconds: number;
  /** The command that ends in the same state. */
  readonly reproduce: string;
}

const HOUR_S = 3600;
const SHOW_EVERY_MS = 500;

function speedOf(hours: number, seconds: number): number {
  return seconds > 0 ? hours / seconds : 0;
}

/** Several lines about one seed. */
export function reportOf(timed: Timed): string {
  const { outcome, seconds, reproduce } = timed;
  const speed = speedOf(outcome.deviceHours, seconds);
  const years = outcome.yearsOfLife;
  const life = Number.isFinite(years) ? `${Math.round(years)} years of life` : 'no wear yet';
  const lines = [
    `${outcome.verdict}  seed ${outcome.seed}  hash ${outcome.hash}  ${outcome.events} events`,
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
    lines.push(`violation   ${outcome.violation}`, `reproduce   ${reproduce}`);
    if (outcome.cause instanceof Error) lines.push(String(outcome.cause.stack));
  }
  return `${lines.join('\n')}\n`;
}

/** One line about a seed that failed. */
export function shortOf({ outcome, reproduce }: Timed): string {
  return `${outcome.verdict}  seed ${outcome.seed}  ${outcome.violation}\n  ${reproduce}\n`;
}

/** One JSON object in a line. */
export function jsonOf({ outcome, seconds, reproduce }: Timed): string {
  const { deviceHours, cause: _cause, violation, yearsOfLife, ...figures } = outcome;
  const failed = violation === undefined ? {} : { violation, reproduce };
  return `${JSON.stringify({
    ...figures,
    yearsOfLife: Number.isFinite(yearsOfLife) ? Math.round(yearsOfLife) : null,
    deviceHoursPerSecond: Math.round(speedOf(deviceHours, seconds)),
    ...failed,
  })}\n`;
}

/** All seeds of a sweep together. */
export function totalsOf(runs: readonly Timed[], isJson: boolean): string {
  const sum = (of: (timed: Timed) => number) => runs.reduce((all, run) => all + of(run), 0);
  const failed = runs.filter(({ outcome }) => outcome.verdict !== 'OK').length;
  const totals = {
    verdict: failed === 0 ? 'OK' : 'VIOLATION',
    seeds: runs.length,
    failed,
    accepted: sum(({ outcome }) => outcome.accepted),
    delivered: sum(({ outcome }) => outcome.delivered),
    dropped: sum(({ outcome }) => outcome.dropped),
    duplicates: sum(({ outcome }) => outcome.duplicates),
    reconnects: sum(({ outcome }) => outcome.reconnects),
    powerCuts: sum(({ outcome }) => outcome.powerCuts),
    deviceHoursPerSecond: Math.round(
      speedOf(
        sum(({ outcome }) => outcome.deviceHours),
        sum(({ seconds }) => seconds),
      ),
    ),
  };
  if (isJson) return `${JSON.stringify(totals)}\n`;
  return (
    `${totals.verdict}  ${totals.seeds} seeds, ${failed} failed\n` +
    `readings    ${totals.accepted} accepted, ${totals.delivered} delivered, ` +
    `${totals.dropped} dropped, ${totals.duplicates} duplicates\n` +
    `world       ${totals.reconnects} reconnects, ${totals.powerCuts} power cuts\n` +
    `speed       ${totals.deviceHoursPerSecond} device-hours per second on one core\n`
  );
}

/** A line on a terminal that says how far a long run is. */
export class Progress {
  readonly #out: NodeJS.WriteStream;
  readonly #seeds: number;
  #shownAt = performance.now();
  #isShown = false;
  #count = 0;

  constructor(out: NodeJS.WriteStream, seeds: number) {
    this.#out = out;
    this.#seeds = seeds;
  }

  /** @param part of this seed that is done, 0 to 1 */
  show(seed: number, part: number): void {
    const now = performance.now();
    if (!this.#out.isTTY || now - this.#shownAt < SHOW_EVERY_MS) return;
    this.#shownAt = now;
    this.#isShown = true;
    const percent = Math.min(100, Math.floor(part * 100));
    this.#out.write(`\r\x1b[Kseed ${seed} (${this.#count + 1} of ${this.#seeds}) ${percent} %`);
  }

  /** A seed is done. */
  clear(): void {
    this.#count += 1;
    if (this.#isShown) this.#out.write('\r\x1b[K');
    this.#isShown = false;
  }
}
