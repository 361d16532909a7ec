/**
 * `node:assert/strict` in XS: just what the engine-neutral tests use of it. Values are compared as
 * Node's strict mode compares them: same type, same prototype, `Object.is` for primitives.
 */

type Expected = ((error: unknown) => unknown) | RegExp | Record<string, unknown>;

export class AssertionError extends Error {
  override name = 'AssertionError';
}

/** A value as text for a message; bounded, because typed arrays and books can be long. */
function shown(value: unknown): string {
  const text = describe(value, 0);
  return text.length > 600 ? `${text.slice(0, 600)}…` : text;
}

function describe(value: unknown, depth: number): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value !== 'object' || value === null) return String(value);
  if (depth > 4) return '…';
  if (value instanceof Error) return `${value.name}: ${value.message}`;
  if (ArrayBuffer.isView(value)) return `[${Array.from(value as Uint8Array).join(' ')}]`;
  const items = Array.isArray(value) ? value : Object.entries(value).map(([k, v]) => [k, v]);
  const parts = items.map((item: unknown) => describe(item, depth + 1));
  return `[${parts.join(', ')}]`;
}

function fail(message: string | Error | undefined, text: string): never {
  if (message instanceof Error) throw message;
  throw new AssertionError(message === undefined ? text : `${message}: ${text}`);
}

function sameMembers(a: object, b: object): boolean {
  const keys = Object.keys(a);
  const others = new Set(Object.keys(b));
  return keys.length === others.size && keys.every((key) => others.has(key) && sameAt(a, b, key));
}

function sameAt(a: object, b: object, key: string): boolean {
  return same((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key]);
}

/** By index: XS 13.3 gives the items of `Array.from({ length }, …)` the wrong keys. */
function sameItems(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((item, i) => same(item, b[i]));
}

function sameMaps(a: Map<unknown, unknown>, b: Map<unknown, unknown>): boolean {
  if (a.size !== b.size) return false;
  for (const [key, value] of a) if (!b.has(key) || !same(value, b.get(key))) return false;
  return true;
}

function sameSets(a: Set<unknown>, b: Set<unknown>): boolean {
  if (a.size !== b.size) return false;
  const others = [...b];
  return [...a].every((item) => b.has(item) || others.some((other) => same(item, other)));
}

function same(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return false;
  if (Array.isArray(a)) return sameItems(a, b as unknown[]);
  if (a instanceof Map) return sameMaps(a, b as Map<unknown, unknown>);
  if (a instanceof Set) return sameSets(a, b as Set<unknown>);
  if (a instanceof Error && a.message !== (b as Error).message) return false;
  if (a instanceof ArrayBuffer) return same(new Uint8Array(a), new Uint8Array(b as ArrayBuffer));
  if (a instanceof Date || a instanceof RegExp) return String(a) === String(b);
  return sameMembers(a, b);
}

function isPlainPattern(expected: unknown): expected is Record<string, unknown> {
  return typeof expected === 'object' && expected !== null && !(expected instanceof RegExp);
}

function isErrorClass(expected: unknown): expected is new () => Error {
  return (
    typeof expected === 'function' &&
    (expected === Error || Object.prototype.isPrototypeOf.call(Error, expected))
  );
}

/** Whether an error is the expected one, in any of the ways `throws` takes it. */
function matches(error: unknown, expected: Expected): boolean {
  if (expected instanceof RegExp) return expected.test(String(error));
  if (isErrorClass(expected)) return error instanceof expected;
  if (!isPlainPattern(expected)) return expected(error) === true;
  return Object.entries(expected).every(([key, value]) => {
    const found = (error as Record<string, unknown>)[key];
    return value instanceof RegExp ? value.test(String(found)) : same(found, value);
  });
}

function checkThrown(error: unknown, expected: Expected | string | undefined): void {
  if (expected === undefined || typeof expected === 'string') return;
  if (!matches(error, expected)) fail(undefined, `threw ${shown(error)}, not as expected`);
}

function ok(value: unknown, message?: string | Error): void {
  if (!value) fail(message, `${shown(value)} is not truthy`);
}

const functions = {
  ok,
  fail: (message?: string | Error) => fail(message, 'failed'),
  equal(actual: unknown, expected: unknown, message?: string | Error) {
    if (!Object.is(actual, expected)) fail(message, `${shown(actual)} is not ${shown(expected)}`);
  },
  notEqual(actual: unknown, expected: unknown, message?: string | Error) {
    if (Object.is(actual, expected)) fail(message, `is ${shown(actual)}`);
  },
  deepEqual(actual: unknown, expected: unknown, message?: string | Error) {
    if (!same(actual, expected)) fail(message, `${shown(actual)} is not ${shown(expected)}`);
  },
  notDeepEqual(actual: unknown, expected: unknown, message?: string | Error) {
    if (same(actual, expected)) fail(message, `is ${shown(actual)}`);
  },
  match(text: string, pattern: RegExp, message?: string | Error) {
    if (!pattern.test(text)) fail(message, `${shown(text)} does not match ${pattern}`);
  },
  doesNotMatch(text: string, pattern: RegExp, message?: string | Error) {
    if (pattern.test(text)) fail(message, `${shown(text)} matches ${pattern}`);
  },
  throws(action: () => unknown, expected?: Expected | string, message?: string) {
    try {
      action();
    } catch (error) {
      checkThrown(error, expected);
      return;
    }
    fail(message, 'did not throw');
  },
  doesNotThrow(action: () => unknown) {
    action();
  },
  async rejects(action: Promise<unknown> | (() => Promise<unknown>), expected?: Expected) {
    try {
      await (typeof action === 'function' ? action() : action);
    } catch (error) {
      checkThrown(error, expected);
      return;
    }
    fail(undefined, 'did not reject');
  },
};

export const {
  equal,
  notEqual,
  deepEqual,
  notDeepEqual,
  match,
  doesNotMatch,
  throws,
  doesNotThrow,
  rejects,
} = functions;
export { ok };
export const strictEqual = equal;
export const deepStrictEqual = deepEqual;

export default Object.assign((value: unknown, message?: string) => ok(value, message), functions, {
  AssertionError,
  strictEqual: functions.equal,
  deepStrictEqual: functions.deepEqual,
});
