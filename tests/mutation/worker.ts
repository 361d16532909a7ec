/**
 * Runs compiled test files with one mutant after another. The main thread ends it when a mutant
 * does not come to an end.
 */

import nodeAssert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Script } from 'node:vm';
import { parentPort, workerData } from 'node:worker_threads';
import { type Test, TestRunner } from './test-runner.ts';

/** A test that comes to a mutant. */
export interface Covering {
  readonly script: string;
  /** The test's place in the file. */
  readonly at: number;
  readonly ms: number;
  /** How often the test came to a place with a mutant. */
  readonly asked: number;
}

/** One test of a file, and the mutants that it comes to. */
export interface CoveringTest {
  readonly at: number;
  readonly ms: number;
  readonly ids: readonly number[];
  readonly asked: number;
}

/** The coverage of one file. */
export interface Coverage {
  readonly script: string;
  /** Why nothing of it can be used, or ''. */
  readonly fault: string;
  /** Its tests that pass. */
  readonly tests: readonly CoveringTest[];
  /** What the file comes to while it is evaluated. */
  readonly ids: readonly number[];
  readonly evaluationMs: number;
}

/** Which test noticed a mutant: its file and place, or 'evaluation'. */
export interface Noticed {
  readonly script: string;
  readonly at: number;
  readonly name: string;
}

/** What the main thread asks for. */
export type Question =
  | { readonly kind: 'cover'; readonly script: string }
  | { readonly kind: 'judge'; readonly mutant: number; readonly covering: readonly Covering[] };

interface Asking {
  isMutant: (id: number) => boolean;
}

/** Far more often than the test comes to mutants without one: it does not end. */
const ASKED_FACTOR = 20;
const ASKED_MIN = 1_000_000;

const { root, count } = workerData as { readonly root: string; readonly count: number };
const realRequire = createRequire(`${root}/package.json`);
const seen = new Uint8Array(count);
const world = globalThis as unknown as Asking;
let asked = 0;
let active = -1;
let askedMax = Number.POSITIVE_INFINITY;

/** No text is made from the source around a failed assertion: that takes longer than the test. */
const ok = (value: unknown, message?: string | Error) => {
  if (!value) throw message instanceof Error ? message : new Error(`not ok: ${message ?? ''}`);
};
const quickAssert = Object.assign((value: unknown, message?: string) => ok(value, message), {
  ...nodeAssert,
  ok,
});

world.isMutant = (id) => {
  asked += 1;
  seen[id] = 1;
  if (asked > askedMax) throw new Error('comes to no end');
  return id === active;
};

type Evaluate = (require: (name: string) => unknown, module: object, exports: object) => void;
const compiled = new Map<string, Evaluate>();

/** What the thread has worked, whatever else the machine does meanwhile. */
function workedMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

/** Evaluates a test file anew: no mutant leaves anything behind for the next. */
function evaluated(script: string): TestRunner {
  let evaluate = compiled.get(script);
  if (evaluate === undefined) {
    const head = '(function (require, module, exports) {';
    const source = `${head}${readFileSync(script, 'utf8')}\n})`;
    evaluate = new Script(source, { filename: script }).runInThisContext() as Evaluate;
    compiled.set(script, evaluate);
  }
  const runner = new TestRunner();
  const require = (name: string) => {
    if (name === 'node:test') return runner.module;
    if (name === 'node:assert/strict')
      return { __esModule: true, default: quickAssert, ...quickAssert };
    return realRequire(name);
  };
  const exports = {};
  evaluate(require, { exports }, exports);
  return runner;
}

function takeSeen(): number[] {
  const ids: number[] = [];
  for (let id = 0; id < count; id += 1) if (seen[id] !== 0) ids.push(id);
  seen.fill(0);
  return ids;
}

/** Runs them backwards: a test that needs another before it fails, and cannot pass for one that notices. */
async function cover(script: string): Promise<Coverage> {
  active = -1;
  asked = 0;
  askedMax = Number.POSITIVE_INFINITY;
  takeSeen();
  const began = workedMs();
  const tests: CoveringTest[] = [];
  let runner: TestRunner;
  try {
    runner = evaluated(script);
  } catch (error) {
    return { script, fault: String(error), tests, ids: [], evaluationMs: 0 };
  }
  const evaluationMs = workedMs() - began;
  const ids = takeSeen();
  let fault = '';
  for (const [at, test] of [...runner.tests.entries()].reverse()) {
    if (test.isSkipped) continue;
    const start = workedMs();
    asked = 0;
    const failure = await runner.run([test]);
    const own = takeSeen();
    if (failure === undefined) tests.push({ at, ms: workedMs() - start, ids: own, asked });
    else fault = `"${test.name}" fails as it is: ${String(failure).split('\n')[0]}`;
  }
  return { script, fault, tests, ids, evaluationMs };
}

/** A file is evaluated once for each mutant, whatever the order of its tests. */
async function judge(mutant: number, covering: readonly Covering[]): Promise<Noticed | undefined> {
  active = mutant;
  const runners = new Map<string, TestRunner>();
  for (const { script, at, asked: usually } of covering) {
    asked = 0;
    askedMax = usually * ASKED_FACTOR + ASKED_MIN;
    let runner = runners.get(script);
    if (runner === undefined) {
      try {
        runner = evaluated(script);
      } catch {
        return { script, at, name: 'evaluation' };
      }
      runners.set(script, runner);
    }
    const test: Test | undefined = runner.tests[at];
    if (test === undefined) return { script, at, name: 'evaluation' };
    if ((await runner.run([test])) !== undefined) return { script, at, name: test.name || 'hook' };
  }
  return undefined;
}

try {
  // A failed property is enough: no smaller one is looked for.
  const fc = realRequire('fast-check');
  fc.configureGlobal({ endOnFailure: true });
} catch {
  // Nothing here uses it then.
}
for (const name of ['log', 'error', 'warn', 'info'] as const) console[name] = () => {};

parentPort!.on('message', async (question: Question) => {
  const isCover = question.kind === 'cover';
  const answer = isCover ? cover(question.script) : judge(question.mutant, question.covering);
  parentPort!.postMessage(await answer);
});
