/** The changes that mutation testing makes, each as a reader would write it. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Mutant, schemataOf } from './mutants.ts';

const changesOf = (source: string) => schemataOf(source).mutants.map(({ change }) => change);

/** What a function's source gives with a mutant, or as it is. */
function resultOf(
  source: string,
  mutant: Mutant | undefined,
  ...given: readonly number[]
): unknown {
  const code = schemataOf(source).code.replaceAll('export ', '');
  const own = code.replace('globalThis.isMutant', 'isMutant');
  const make = new Function('isMutant', `${own}\nreturn f;`);
  return make((id: number) => id === mutant?.id)(...given);
}

test('a comparison loses and gains its border, and a condition is turned round', () => {
  assert.deepEqual(
    changesOf('export const f = (a: number) => { if (a < b) return; };'),
    ['!(a < b)', '(a) <= (b)'].map((change) => `a < b → ${change}`),
  );
});

test('each term of a condition is taken out, and its operator exchanged', () => {
  const changes = changesOf('export const f = (a: boolean, b: boolean) => a && b;');
  assert.deepEqual(changes, ['a && b → (a) || (b)', 'a && b → a', 'a && b → b']);
});

test('numbers move by one, truth is turned, and what programs read is emptied, but not prose', () => {
  const changes = changesOf("export const f = [7, true, 'utf8', 'words for people'];");
  assert.deepEqual(changes, ['7 → 8', '7 → (6)', 'true → false', `"utf8" → ''`]);
});

test('a call or an assignment that stands alone is left out', () => {
  const changes = changesOf('export function f() { g(); at = a; }');
  assert.deepEqual(changes, ['g(); → ;', 'at = a; → ;']);
});

test('a property that begins as false may as well not begin', () => {
  const changes = changesOf('class A { isOver = false; count = 0; f() { this.isOver = false; } }');
  assert.deepEqual(
    changes.filter((change) => change.endsWith('→ ;')),
    ['this.count = 0; → ;', 'this.isOver = false; → ;'],
  );
});

test('a type, a name of a property and the name of a module have no mutants', () => {
  const source = "import { a } from './a.ts';\ntype T = 1 | 2;\nexport const f = { 5: a as T };";
  assert.deepEqual(changesOf(source), []);
});

test('a mutant tells its line, its function, and which of several alike it is', () => {
  const { mutants } = schemataOf(
    'class A {\n  // here\n  f(a: number) {\n    return [a + b, a + b];\n  }\n}',
  );
  const sums = mutants.filter(({ change }) => change.startsWith('a + b'));
  assert.deepEqual(
    sums.map(({ line, within, change }) => [line, within, change]),
    [
      [4, 'f', 'a + b → (a) - (b)'],
      [4, 'f', 'a + b → (a) - (b) #2'],
    ],
  );
});

test('the compiled source does what it did until a mutant is chosen, then what that one says', () => {
  const source = 'export function f(a: number, b: number) { let n = 0; n += a * 2; return n > b; }';
  const { mutants } = schemataOf(source);
  const chosen = (change: string) => mutants.find((each) => each.change === change);
  assert.equal(resultOf(source, undefined, 2, 4), false);
  assert.equal(resultOf(source, undefined, 3, 4), true);
  assert.equal(resultOf(source, chosen('n > b → (n) >= (b)'), 2, 4), true);
  assert.equal(resultOf(source, chosen('a * 2 → (a) / (2)'), 3, 4), false);
  assert.equal(resultOf(source, chosen('2 → 3'), 2, 4), true);
  assert.equal(resultOf(source, chosen('n += a * 2; → ;'), 3, 4), false);
});
