/**
 * Compares the conformance table with the test titles, and renders both as Markdown.
 *
 * A statement is covered by titles that carry its tag; a conditional test (see `titles.ts`) is
 * listed but proves nothing alone. Every finding is one line that names what to change.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import type { Bound, Clause, LeftOut, Version } from './clause.ts';
import { clauseKey } from './clauses.ts';
import { tagsOf, titlesOf, withoutTags } from './titles.ts';

/** One test title with its file, relative to the tests folder. */
export interface Place {
  readonly file: string;
  readonly title: string;
  readonly always: boolean;
}

/** What the titles of all test files claim. */
export interface Coverage {
  /** By key ("5.0 MQTT-3.1.2-20"). */
  readonly places: ReadonlyMap<string, readonly Place[]>;
  /** Tags that are not well-formed, one line each. */
  readonly malformed: readonly string[];
}

/** A source file's name and text. */
export type SourceFile = readonly [file: string, source: string];

/** Every `*.test.ts` under a folder, sorted by name, with slashes as separators. */
export function testFilesIn(folder: string): SourceFile[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.test.ts'))
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path): SourceFile => {
      return [relative(folder, path).split(sep).join('/'), readFileSync(path, 'utf8')];
    })
    .sort(([a], [b]) => (a < b ? -1 : 1));
}

/** Collects the tags in the titles of some test files. */
export function coverageOf(files: readonly SourceFile[]): Coverage {
  const places = new Map<string, Place[]>();
  const malformed: string[] = [];
  for (const [file, source] of files) {
    for (const { text, always } of titlesOf(source)) {
      const tags = tagsOf(text);
      const place: Place = { file, title: withoutTags(text), always };
      for (const key of new Set(tags.keys)) places.set(key, [...(places.get(key) ?? []), place]);
      for (const tag of tags.malformed) malformed.push(`${file}: "${tag}" is no clause tag`);
    }
  }
  return { places, malformed };
}

/** Statements that claim to be tested and have no test that always runs. */
export function uncovered(clauses: readonly Clause[], coverage: Coverage): string[] {
  return clauses
    .filter(([, , , , claim]) => claim === 'tested')
    .map(([version, id, , text]) => ({ key: clauseKey(version, id), text }))
    .filter(({ key }) => !coverage.places.get(key)?.some((place) => place.always))
    .map(({ key, text }) => `[${key}] has no test that always runs: ${text}`);
}

/** Tags that name no statement of the table. */
export function unknownTags(clauses: readonly Clause[], coverage: Coverage): string[] {
  const known = new Set(clauses.map(([version, id]) => clauseKey(version, id)));
  return [...coverage.places]
    .filter(([key]) => !known.has(key))
    .flatMap(([key, places]) => places.map(({ file }) => `${file}: [${key}] is not in the table`));
}

/** Statements that are said not to be testable, but have a test. */
export function staleClaims(clauses: readonly Clause[], coverage: Coverage): string[] {
  return clauses
    .filter(([, , , , claim]) => claim !== 'tested')
    .map(([version, id]) => clauseKey(version, id))
    .filter((key) => coverage.places.has(key))
    .map((key) => `[${key}] claims not to be tested, and a test carries its tag`);
}

const BOUND_WORDS: Readonly<Record<Bound, string>> = Object.freeze({
  sends: 'sender',
  receives: 'receiver',
  both: 'both',
  checks: 'server; client checks',
});

/** The whole table as Markdown, ending in a line break. */
export function markdownOf(
  clauses: readonly Clause[],
  leftOut: readonly LeftOut[],
  coverage: Coverage,
): string {
  const versions: readonly Version[] = ['5.0', '3.1.1'];
  const lines = [
    '# MQTT conformance of the client',
    '',
    'Every normative statement of MQTT 5.0 and 3.1.1 (Appendix B of each) that reaches a client,',
    'in this project’s own words, with the tests that cover it. Generated: change',
    '`clauses-v3.ts`, `clauses-v5.ts` or a test title, then run',
    '`npx tsx tests/conformance/print.ts > tests/conformance/clauses.md`.',
    '',
    '“server; client checks” binds the server: the client has to notice a breach or to act on it.',
    '“(where available)” marks tests that need a broker or tool which may be missing.',
  ];
  for (const version of versions) {
    const own = clauses.filter(([of]) => of === version);
    const others = leftOut.filter(([of]) => of === version);
    lines.push('', `## MQTT ${version}`, '', ...summaryOf(own, others));
    lines.push('', '| Clause | Binds | In short | Tests |', '| --- | --- | --- | --- |');
    for (const clause of own) lines.push(rowOf(clause, coverage));
  }
  return `${lines.join('\n')}\n`;
}

function summaryOf(own: readonly Clause[], others: readonly LeftOut[]): string[] {
  const counts = new Map<string, number>();
  for (const [, reason, ids] of others) counts.set(reason, (counts.get(reason) ?? 0) + ids.length);
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  const tested = own.filter(([, , , , claim]) => claim === 'tested').length;
  return [
    `${own.length} statements reach a client, ${tested} of them claim tests. ` +
      `${total} bind the server alone and are left out:`,
    '',
    ...[...counts].map(([reason, count]) => `- ${count}: ${reason}`),
  ];
}

function rowOf([version, id, bound, text, claim]: Clause, coverage: Coverage): string {
  const places = coverage.places.get(clauseKey(version, id)) ?? [];
  return `| ${id} | ${BOUND_WORDS[bound]} | ${cell(text)} | ${cell(testsOf(claim, places))} |`;
}

function testsOf(claim: Clause[4], places: readonly Place[]): string {
  if (claim !== 'tested') {
    return 'application' in claim
      ? `left to the application: ${claim.application}`
      : `not applicable: ${claim.notApplicable}`;
  }
  if (places.length === 0) return '**none**';
  const unique = new Map(places.map((place) => [`${place.file}\n${place.title}`, place]));
  return [...unique.values()]
    .map(({ file, title, always }) => `${title} (\`${file}\`)${always ? '' : ' (where available)'}`)
    .join('<br>');
}

/** Makes a text safe inside a table cell, whatever a title holds. */
function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}
