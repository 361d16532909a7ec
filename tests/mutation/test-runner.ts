/**
 * What test files see as `node:test` here: their tests are kept, so that they can be run again and
 * again in one process. It knows what they use of Node's runner, and no more.
 */

type Body = (context: Context) => unknown;
type Hook = () => unknown;

/** A test that was declared. */
export interface Test {
  readonly name: string;
  readonly body: Body;
  readonly suite: Suite;
  readonly isSkipped: boolean;
}

interface Suite {
  readonly parent?: Suite;
  readonly before: Hook[];
  readonly after: Hook[];
  readonly beforeEach: Hook[];
  readonly afterEach: Hook[];
}

interface Context {
  readonly name: string;
  after(hook: Hook): void;
  diagnostic(): void;
  skip(): void;
  test(name: string, ...rest: unknown[]): Promise<void>;
}

function newSuite(parent?: Suite): Suite {
  return { parent, before: [], after: [], beforeEach: [], afterEach: [] };
}

/** The tests of one evaluation of one file. */
export class TestRunner {
  readonly tests: Test[] = [];
  private suite = newSuite();

  /** The module that a test file imports. */
  get module(): Record<string, unknown> {
    const test = Object.assign((...given: unknown[]) => this.declare(given), {
      skip: () => {},
      todo: () => {},
    });
    const describe = Object.assign((...given: unknown[]) => this.group(given), { skip: () => {} });
    const hook = (kind: 'before' | 'after' | 'beforeEach' | 'afterEach') => (run: Hook) =>
      void this.suite[kind].push(run);
    return {
      default: test,
      test,
      it: test,
      describe,
      suite: describe,
      before: hook('before'),
      after: hook('after'),
      beforeEach: hook('beforeEach'),
      afterEach: hook('afterEach'),
    };
  }

  private declare(given: readonly unknown[]): void {
    const { name, options, body } = partsOf(given);
    const isSkipped = Boolean(options.skip) || Boolean(options.todo) || body === undefined;
    this.tests.push({ name, body: body ?? (() => {}), suite: this.suite, isSkipped });
  }

  private group(given: readonly unknown[]): void {
    const { options, body } = partsOf(given);
    if (options.skip || body === undefined) return;
    const outer = this.suite;
    this.suite = newSuite(outer);
    (body as () => void)();
    this.suite = outer;
  }

  /**
   * Runs tests in order until one fails.
   * @param wanted some of `tests`
   * @returns the error of the first that failed, or undefined
   */
  async run(wanted: readonly Test[]): Promise<unknown> {
    const entered: Suite[] = [];
    let failure: unknown;
    try {
      for (const test of wanted) {
        const path = pathTo(test.suite);
        for (const suite of path.filter((each) => !entered.includes(each))) {
          entered.push(suite);
          for (const hook of suite.before) await hook();
        }
        await runOne(test, path);
      }
    } catch (error) {
      failure = error ?? new Error('nothing was thrown');
    }
    for (const suite of entered.reverse()) {
      for (const hook of suite.after) await settled(hook);
    }
    return failure;
  }
}

async function runOne({ name, body }: Test, path: readonly Suite[]): Promise<void> {
  const hooks: Hook[] = [];
  const context: Context = {
    name,
    after: (hook) => void hooks.push(hook),
    diagnostic() {},
    skip() {},
    async test(...given) {
      const inner = partsOf(given);
      if (!inner.options.skip) await inner.body?.(context);
    },
  };
  try {
    for (const suite of path) for (const hook of suite.beforeEach) await hook();
    await body(context);
  } finally {
    for (const hook of [...hooks, ...path.flatMap((suite) => suite.afterEach)]) await settled(hook);
  }
}

async function settled(hook: Hook): Promise<void> {
  try {
    await hook();
  } catch {
    // What a failed test leaves behind is not tidied for sure.
  }
}

function pathTo(suite: Suite): Suite[] {
  return suite.parent === undefined ? [suite] : [...pathTo(suite.parent), suite];
}

function partsOf(given: readonly unknown[]) {
  const options = (given.find((part) => typeof part === 'object' && part !== null) ?? {}) as Record<
    string,
    unknown
  >;
  const body = given.find((part) => typeof part === 'function') as Body | undefined;
  return { name: typeof given[0] === 'string' ? given[0] : '', options, body };
}
