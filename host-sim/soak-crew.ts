/**
 * The processes of `npm run soak` and what they are given: seeds, one after the other, until there
 * is no more time or the last one is done. A seed that breaks a rule ends nothing, and neither does
 * one that kills its process.
 *
 * Invariants: each seed is given once; `run` resolves once every process is gone.
 */

import { type ChildProcess, fork } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { shortOf, type Timed, totalsOf } from './sim-report.ts';
import type { SoakOptions } from './soak-options.ts';
import type { SoakResult, SoakTask } from './soak-worker.ts';

const WORKER = fileURLToPath(new URL('./soak-worker.ts', import.meta.url));
/** As `npm run sim`: a world makes little garbage that lives for long. */
const NODE_OPTIONS = Object.freeze(['--max-semi-space-size=64', '--import', 'tsx']);
const FRESH_MAX = 2 ** 47;
/** A seed that takes longer for each of its hours hangs. */
const SECONDS_PER_HOUR_MAX = 30;
const SECONDS_MIN = 120;
const TELL_MS = 500;
/** Where nobody watches, a line now and then is enough. */
const TELL_LOG_MS = 60_000;

/** One process and the seed that it runs. */
interface Worker {
  readonly child: ChildProcess;
  seed: number | undefined;
  guard: NodeJS.Timeout | undefined;
}

export class Soak {
  readonly #options: SoakOptions;
  readonly #first: number;
  readonly #worker: string;
  readonly #workers = new Set<Worker>();
  readonly #runs: Timed[] = [];
  readonly #startedAt = performance.now();
  /** Seeds whose process died or hung: they have no outcome. */
  #broken = 0;
  #given = 0;
  #isOver = false;
  #toldAt = performance.now();
  #finished: () => void = () => {};

  /** @param worker the program of a process */
  constructor(options: SoakOptions, worker = WORKER) {
    this.#options = options;
    this.#worker = worker;
    this.#first = options.first ?? randomInt(FRESH_MAX);
  }

  /** @returns the exit code */
  async run(): Promise<number> {
    const { jobs, minutes, seeds, hours } = this.#options;
    process.stdout.write(`first seed ${this.#first}, ${hours} hours each\n`);
    const done = new Promise<void>((resolve) => {
      this.#finished = resolve;
    });
    const clock = Number.isFinite(minutes)
      ? setTimeout(() => this.#end(), minutes * 60_000)
      : undefined;
    process.on('SIGINT', () => (this.#isOver ? process.exit(130) : this.#end()));
    process.on('SIGTERM', () => this.#end());
    for (let i = 0; i < Math.min(jobs, seeds); i += 1) this.#hire();
    await done;
    clearTimeout(clock);
    return this.#sum();
  }

  #hire(): void {
    const child = fork(this.#worker, { execArgv: [...NODE_OPTIONS] });
    const worker: Worker = { child, seed: undefined, guard: undefined };
    this.#workers.add(worker);
    child.on('message', (result: SoakResult) => this.#take(worker, result));
    child.on('exit', (code, signal) => this.#left(worker, signal ?? `exit code ${code}`));
    this.#give(worker);
  }

  /** The next seed, or the end of it. */
  #give(worker: Worker): void {
    const { seeds, hours } = this.#options;
    if (this.#isOver || this.#given === seeds) {
      worker.child.disconnect();
      return;
    }
    const seed = this.#first + this.#given;
    this.#given += 1;
    worker.seed = seed;
    const seconds = Math.max(SECONDS_MIN, hours * SECONDS_PER_HOUR_MAX);
    worker.guard = setTimeout(() => worker.child.kill('SIGKILL'), seconds * 1000);
    const task: SoakTask = { seed, hours };
    worker.child.send(task);
  }

  #take(worker: Worker, { outcome, seconds }: SoakResult): void {
    clearTimeout(worker.guard);
    worker.seed = undefined;
    const timed: Timed = { outcome, seconds, reproduce: this.#line(outcome.seed, outcome.events) };
    this.#runs.push(timed);
    if (outcome.verdict !== 'OK') this.#print(shortOf(timed));
    this.#tell();
    this.#give(worker);
  }

  /** A process is gone: in order, or under its seed. */
  #left(worker: Worker, how: string): void {
    clearTimeout(worker.guard);
    this.#workers.delete(worker);
    const { seed } = worker;
    if (seed !== undefined && !this.#isOver) {
      this.#broken += 1;
      this.#print(`BROKEN  seed ${seed}  its process ended with ${how}\n  ${this.#line(seed)}\n`);
      this.#hire();
    }
    if (this.#workers.size === 0) this.#finished();
  }

  #line(seed: number, events?: number): string {
    const until = events === undefined ? '' : ` --until ${events}`;
    return `npm run sim -- --seed ${seed} --hours ${this.#options.hours}${until}`;
  }

  /** No further seed; those under way are given up. */
  #end(): void {
    this.#isOver = true;
    for (const { child } of this.#workers) child.kill('SIGKILL');
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
    const failed = this.#failures();
    const text = `${this.#runs.length} seeds in ${minutes} minutes, ${failed} failed`;
    process.stderr.write(isTTY ? `\r\x1b[K${text}` : `${text}\n`);
  }

  #failures(): number {
    return this.#broken + this.#runs.filter(({ outcome }) => outcome.verdict !== 'OK').length;
  }

  #sum(): number {
    const last = this.#first + Math.max(0, this.#given - 1);
    this.#print(`seeds ${this.#first} to ${last}\n${totalsOf(this.#runs, false)}`);
    if (this.#broken > 0)
      process.stdout.write(`${this.#broken} processes ended under their seed\n`);
    return this.#failures() === 0 ? 0 : 1;
  }
}
