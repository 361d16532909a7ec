/**
 * Holds the conformance table against the standards' own numbering, and the tests against the
 * table: a clause that claims to be tested has a test whose title names it, and no title names a
 * clause that does not exist.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { CLAUSES, clauseKey } from './clauses.ts';
import {
  coverageOf,
  markdownOf,
  staleClaims,
  testFilesIn,
  uncovered,
  unknownTags,
} from './coverage.ts';
import { LEFT_OUT, STATEMENT_COUNTS } from './left-out.ts';

const coverage = coverageOf(testFilesIn(fileURLToPath(new URL('..', import.meta.url))));
const leftOutKeys = LEFT_OUT.flatMap(([version, , ids]) => ids.map((id) => clauseKey(version, id)));
const tableKeys = CLAUSES.map(([version, id]) => clauseKey(version, id));

function assertNone(findings: readonly string[]): void {
  assert.equal(findings.length, 0, `${findings.length} findings:\n${findings.join('\n')}`);
}

test('no clause is in the table twice or both in the table and left out', () => {
  const seen = new Set<string>();
  const repeated = [...tableKeys, ...leftOutKeys].filter((key) => seen.size === seen.add(key).size);
  assertNone(repeated);
});

test('table and left-out clauses together are as many as the statements of each version', () => {
  for (const [version, count] of Object.entries(STATEMENT_COUNTS)) {
    const keys = [...tableKeys, ...leftOutKeys].filter((key) => key.startsWith(`${version} `));
    assert.equal(keys.length, count, `MQTT ${version}`);
  }
});

test('the numbers of each section run without a gap, but for 2.2.1-1 of 5.0, never assigned', () => {
  const keys = new Set([...tableKeys, ...leftOutKeys, '5.0 MQTT-2.2.1-1']);
  const missing = [...keys].flatMap((key) => {
    const dash = key.lastIndexOf('-');
    const number = Number(key.slice(dash + 1));
    const previous = `${key.slice(0, dash)}-${number - 1}`;
    return number === 1 || keys.has(previous) ? [] : [previous];
  });
  assertNone(missing);
});

test('every paraphrase is one line of at most fifteen words', () => {
  const long = CLAUSES.filter(
    ([, , , text]) => text.split(/\s+/).length > 15 || /[\r\n]/.test(text),
  );
  assertNone(long.map(([version, id, , text]) => `${clauseKey(version, id)}: ${text}`));
});

test('every claim that a clause is not tested gives a reason', () => {
  const reasons = CLAUSES.flatMap(([, , , , claim]) => {
    return claim === 'tested' ? [] : Object.values(claim);
  });
  assert.ok(reasons.every((reason) => reason.trim().length > 0));
});

test('every clause that claims to be tested has a test that always runs', () => {
  assertNone(uncovered(CLAUSES, coverage));
});

test('every clause tag in a test title names a clause of the table', () => {
  assertNone(unknownTags(CLAUSES, coverage));
});

test('every clause tag is literal and names its version', () => {
  assertNone(coverage.malformed);
});

test('no clause that claims not to be tested has a test', () => {
  assertNone(staleClaims(CLAUSES, coverage));
});

test('clauses.md is what print.ts prints for the present table and titles', () => {
  const expected = markdownOf(CLAUSES, LEFT_OUT, coverage);
  const found = readFileSync(new URL('clauses.md', import.meta.url), 'utf8').replaceAll('\r', '');
  const command = 'npx tsx tests/conformance/print.ts > tests/conformance/clauses.md';
  assert.ok(found === expected, `clauses.md is out of date; run: ${command}`);
});
