/**
 * `node:test` in XS: just what the engine-neutral tests use of it. Tests are collected while their
 * modules run and executed in order by `runAll`; each prints one line, and its error below it.
 */

type Step = () => unknown;

interface Context {
  after(step: Step): void;
  diagnostic(text: string): void;
  test(name: string, body: Body): Promise<void>;
}

type Body = (context: Context) => unknown;

interface Options {
  readonly skip?: boolean | string;
}

interface Declared {
  readonly title: string;
  readonly body: Body;
  readonly suite: Suite;
}

interface Suite {
  readonly title: string;
  readonly beforeEach: Step[];
  readonly afterEach: Step[];
  readonly before: Step[];
  readonly after: Step[];
}

function suiteNamed(title: string): Suite {
  return { title, beforeEach: [], afterEach: [], before: [], after: [] };
}

const state = { suites: [suiteNamed('')], declared: [] as Declared[], before: 0 };
const current = () => state.suites[state.suites.length - 1];

/** Sorts out `(name, body)` and `(name, options, body)`. */
function parse(rest: readonly unknown[]): { body: Body; skip: boolean } {
  const body = rest.find((item) => typeof item === 'function') as Body;
  const options = rest.find((item) => typeof item === 'object') as Options | undefined;
  return { body, skip: options?.skip !== undefined && options.skip !== false };
}

export function test(name: string, ...rest: readonly unknown[]): void {
  const { body, skip } = parse(rest);
  const suite = current();
  const title = suite.title === '' ? name : `${suite.title} > ${name}`;
  if (!skip) state.declared.push({ title, body, suite });
}

test.skip = (): void => {};

export function describe(name: string, ...rest: readonly unknown[]): void {
  const { body, skip } = parse(rest);
  if (skip) return;
  const outer = current();
  state.suites.push(suiteNamed(outer.title === '' ? name : `${outer.title} > ${name}`));
  (body as Step)();
  state.suites.pop();
}

export const it = test;
export const suite = describe;
export default test;

export function before(step: Step): void {
  current().before.push(step);
}

export function after(step: Step): void {
  current().after.push(step);
}

export function beforeEach(step: Step): void {
  current().beforeEach.push(step);
}

export function afterEach(step: Step): void {
  current().afterEach.push(step);
}

/** Comes after each test file. @throws Error when it declared no test */
export function endFile(path: string): void {
  if (state.declared.length === state.before) throw new Error(`no test is in ${path}`);
  state.before = state.declared.length;
}

async function runBody(body: Body): Promise<void> {
  const last: Step[] = [];
  const context: Context = {
    after: (step) => last.push(step),
    diagnostic: print,
    test: async (_name, inner) => runBody(inner),
  };
  try {
    await body(context);
  } finally {
    for (const step of last) await step();
  }
}

async function runOne({ body, suite }: Declared): Promise<void> {
  for (const step of suite.before.splice(0)) await step();
  for (const step of suite.beforeEach) await step();
  try {
    await runBody(body);
  } finally {
    for (const step of suite.afterEach) await step();
  }
}

/** Runs all that was declared and prints `ok` or `not ok` for each; the last line counts them. */
export async function runAll(): Promise<void> {
  let failed = 0;
  for (const declared of state.declared) {
    try {
      await runOne(declared);
      print(`ok ${declared.title}`);
    } catch (error) {
      failed += 1;
      const text = error instanceof Error ? `${error.message}\n${error.stack}` : String(error);
      print(`not ok ${declared.title}\n${text}`);
    }
  }
  for (const suite of new Set(state.declared.map((declared) => declared.suite))) {
    for (const step of suite.after) await step();
  }
  print(`ran ${state.declared.length}, failed ${failed}`);
  if (failed > 0) exit(1);
}
