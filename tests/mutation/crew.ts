/** One thread that runs tests with mutants, and is started anew where it had to be ended. */

import { Worker } from 'node:worker_threads';
import type { Coverage, Covering, Noticed, Question } from './worker.ts';

/** What a thread gives back; words where it had to be ended. */
type Answer = Coverage | Noticed | undefined | string;

const HEAP_MB = 1_500;
/** How much longer than they work tests may take, on a machine that does other things too. */
const SLOWER_FACTOR = 30;
const SLOWER_MS = 8_000;

/** What the thread has to know. */
export interface Crew {
  /** The compiled `worker.ts`. */
  readonly program: string;
  readonly root: string;
  /** How many mutants the source has. */
  readonly count: number;
}

/** See the file's header. */
export class Member {
  private worker?: Worker;

  private readonly crew: Crew;

  constructor(crew: Crew) {
    this.crew = crew;
  }

  /** Runs a test file as it is. Undefined where it takes longer than `msMax` or ends the thread. */
  async cover(script: string, msMax: number): Promise<Coverage | undefined> {
    const answer = await this.ask({ kind: 'cover', script }, msMax);
    return typeof answer === 'string' ? undefined : (answer as Coverage);
  }

  /** @returns the test that fails with a mutant, or what ended the thread; undefined where none does */
  async judge(mutant: number, covering: readonly Covering[]): Promise<Noticed | undefined> {
    const ms = covering.reduce((sum, each) => sum + each.ms, 0);
    const question = { kind: 'judge', mutant, covering } as const;
    const answer = await this.ask(question, ms * SLOWER_FACTOR + SLOWER_MS);
    return typeof answer === 'string'
      ? { script: '', at: 0, name: answer }
      : (answer as Noticed | undefined);
  }

  async end(): Promise<void> {
    await this.worker?.terminate();
    this.worker = undefined;
  }

  private ask(question: Question, msMax: number): Promise<Answer> {
    if (this.worker === undefined) {
      const { program, ...workerData } = this.crew;
      this.worker = new Worker(program, {
        workerData,
        resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
        stdout: true,
        stderr: true,
      });
    }
    const worker = this.worker;
    return new Promise((resolve) => {
      const finish = (answer: Answer, isOver: boolean) => {
        clearTimeout(timer);
        worker.off('message', answered).off('error', failed).off('exit', ended);
        if (isOver) {
          // An error that comes on the way out is nobody's.
          worker.on('error', () => {});
          void worker.terminate();
          this.worker = undefined;
        }
        resolve(answer);
      };
      const timer = setTimeout(() => finish('time limit', true), msMax);
      const answered = (answer: Answer) => finish(answer, false);
      const failed = (error: Error) => finish(`thread: ${error.message}`, true);
      const ended = () => finish('thread: ended', true);
      worker.on('message', answered).on('error', failed).on('exit', ended);
      worker.postMessage(question);
    });
  }
}
