/**
 * Threads that run seeds side by side, for `npm run sim` and `npm run soak`. A thread keeps its
 * compiled code warm from one seed to the next; one that dies under its seed is replaced.
 *
 * Invariants: each seed is given once and has one answer, or none where `end` gave it up; `run`
 * resolves once every thread is gone.
 */

import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { SeedResult } from '../cli/sim-report.ts';
import { compileProgram } from './program.ts';
import type { Work } from './run.ts';
import type { Told } from './worker.ts';

const SOURCE = fileURLToPath(new URL('./worker.ts', import.meta.url));

/** Who gives seeds to a crew and takes what came of them. */
export interface Orders {
  /** The next seed; undefined: there is no more. */
  next(): number | undefined;
  /** A seed whose thread died, or took too long, has no outcome. */
  take(result: SeedResult): void;
  /** @param part of a seed that is done, 0 to 1 */
  onPart?(seed: number, part: number): void;
}

/** One thread and the seed that it runs. */
interface Hand {
  readonly thread: Worker;
  seed: number | undefined;
  guard: NodeJS.Timeout | undefined;
  why: string | undefined;
}

export class Crew {
  readonly #work: Work;
  readonly #orders: Orders;
  readonly #source: string;
  #program = '';
  readonly #hands = new Set<Hand>();
  #secondsMax = Number.POSITIVE_INFINITY;
  #isOver = false;
  #finished: () => void = () => {};

  /** @param source the file that a thread runs */
  constructor(work: Work, orders: Orders, source = SOURCE) {
    this.#work = work;
    this.#orders = orders;
    this.#source = source;
  }

  /**
   * Runs what `orders` has.
   * @param jobs threads at most
   * @param secondsMax a seed that takes longer hangs and is given up
   */
  async run(jobs: number, secondsMax = Number.POSITIVE_INFINITY): Promise<void> {
    this.#secondsMax = secondsMax;
    this.#program = await compileProgram(this.#source);
    const done = new Promise<void>((resolve) => {
      this.#finished = resolve;
    });
    for (let i = 0; i < jobs; i += 1) this.#hire();
    if (this.#hands.size > 0) await done;
  }

  /** No further seed; those under way are given up. */
  end(): void {
    this.#isOver = true;
    for (const { thread } of this.#hands) void thread.terminate();
  }

  #hire(): void {
    const seed = this.#isOver ? undefined : this.#orders.next();
    if (seed === undefined) return;
    const options = { eval: true, execArgv: [], workerData: this.#work };
    const thread = new Worker(this.#program, options);
    const hand: Hand = { thread, seed: undefined, guard: undefined, why: undefined };
    this.#hands.add(hand);
    thread.on('message', (told: Told) => this.#hear(hand, told));
    thread.on('error', ({ message }) => {
      hand.why = message;
    });
    thread.on('exit', (code) => this.#left(hand, code));
    this.#give(hand, seed);
  }

  #give(hand: Hand, seed: number): void {
    hand.seed = seed;
    hand.thread.postMessage(seed);
    if (!Number.isFinite(this.#secondsMax)) return;
    hand.guard = setTimeout(() => {
      hand.why = `it took longer than ${this.#secondsMax} seconds`;
      void hand.thread.terminate();
    }, this.#secondsMax * 1000);
  }

  #hear(hand: Hand, told: Told): void {
    const { seed } = hand;
    if (seed === undefined || this.#isOver) return;
    if ('part' in told) {
      this.#orders.onPart?.(seed, told.part);
      return;
    }
    clearTimeout(hand.guard);
    hand.seed = undefined;
    this.#orders.take(told.result);
    const next = this.#isOver ? undefined : this.#orders.next();
    if (next === undefined) void hand.thread.terminate();
    else this.#give(hand, next);
  }

  /** A thread is gone: in order, or under its seed. */
  #left(hand: Hand, code: number): void {
    clearTimeout(hand.guard);
    this.#hands.delete(hand);
    const { seed, why } = hand;
    if (seed !== undefined && !this.#isOver) {
      this.#orders.take({ seed, why: why ?? `its thread ended with exit code ${code}` });
      this.#hire();
    }
    if (this.#hands.size === 0) this.#finished();
  }
}
