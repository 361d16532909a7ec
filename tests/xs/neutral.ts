/**
 * Which test files can run in XS: those that import, directly or not, nothing but our own modules,
 * `node:test` and `node:assert`, and whose own helpers use nothing that Node alone has. Chosen by
 * reading imports, so a new test file joins by itself.
 */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './host-build.ts';
import { type Graph, importGraph, reached } from './pack.ts';

/** The module of a pack that stands in for each module of Node. */
export const shims: Readonly<Record<string, string>> = Object.freeze({
  'node:test': 'tests/xs/shims/node-test.ts',
  'node:assert': 'tests/xs/shims/node-assert.ts',
  'node:assert/strict': 'tests/xs/shims/node-assert.ts',
});

/** Globals that Node has and XS has not (nor the shims). */
const nodeGlobals =
  /\b(?:Buffer|setTimeout|setInterval|setImmediate|structuredClone|process|console|performance|Intl|queueMicrotask)\b(?=[.(])|\bnew URL\(/;

/** On XS the built-ins are frozen, and an assignment to an inherited, frozen property throws. */
const frozenAssignment = /\bextends \w*Error\b[\s\S]*\bthis\.name = /;

/** Exhaustive tests that take long in XS, and show there what others show in a second. */
const tooLong: readonly string[] = Object.freeze([
  'tests/unit/outbox/power-cut.test.ts',
  'tests/unit/mqtt/session/in-flight-session.test.ts',
  'tests/unit/link/herd.test.ts',
  'tests/unit/outbox/damage.test.ts',
  'tests/unit/outbox/model.test.ts',
  'tests/unit/outbox/window.test.ts',
  'tests/unit/outbox/ledger.test.ts',
  'tests/unit/alarms/unusual-series.test.ts',
  'tests/unit/alarms/unusual-year.test.ts',
]);

const folders = Object.freeze(['tests/unit', 'tests/vectors', 'tests/conformance', 'tests/xs']);

export interface Neutral {
  readonly graph: Graph;
  /** Paths of the test files that can run in XS. */
  readonly files: readonly string[];
  /** For the others, what holds each back. */
  readonly heldBack: ReadonlyMap<string, string>;
}

function testFiles(): string[] {
  return folders
    .flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('.test.ts'))
        .map((name) => `${folder}/${name}`),
    )
    .sort();
}

/** A comment may name what the code does not use. */
function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
}

/** What keeps the file out of XS, or undefined. */
function obstacle(graph: Graph, entry: string): string | undefined {
  for (const path of reached(graph, entry)) {
    const foreign = graph.get(path)?.find((name) => !graph.has(name) && !(name in shims));
    if (foreign !== undefined) return `${foreign}, imported by ${path}`;
    const text = withoutComments(readFileSync(join(root, path), 'utf8'));
    const used = text.match(nodeGlobals);
    if (used !== null) return `${used[0]} in ${path}`;
    if (frozenAssignment.test(text)) return `an assignment to an error's name in ${path}`;
  }
  return undefined;
}

/** Sorts the test files into those that can run in XS and those that cannot. */
export async function neutralTests(): Promise<Neutral> {
  const all = testFiles();
  const graph = await importGraph(all);
  const heldBack = new Map<string, string>();
  for (const file of all) {
    const reason = tooLong.includes(file) ? 'it takes too long in XS' : obstacle(graph, file);
    if (reason !== undefined) heldBack.set(file, reason);
  }
  return { graph, files: all.filter((file) => !heldBack.has(file)), heldBack };
}
