import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clausesOf } from './clause.ts';
import { coverageOf, markdownOf, staleClaims, uncovered, unknownTags } from './coverage.ts';

const { sends, receives } = clausesOf('5.0');
const CLAUSE = sends('9.1.0-1', 'First of all | something');
const OTHER = receives('9.1.0-2', 'Then something else', { notApplicable: 'never sent' });

test('a clause without a test is reported, and so is one whose only test may be skipped', () => {
  assert.equal(uncovered([CLAUSE], coverageOf([])).length, 1);
  const skipped = coverageOf([['a.test.ts', "test.skip('x [5.0 MQTT-9.1.0-1]', f);"]]);
  assert.equal(uncovered([CLAUSE], skipped).length, 1);
  const tested = coverageOf([['a.test.ts', "test('x [5.0 MQTT-9.1.0-1]', f);"]]);
  assert.deepEqual(uncovered([CLAUSE], tested), []);
});

test('the same number in the other version does not cover a clause and is unknown', () => {
  const coverage = coverageOf([['a.test.ts', "test('x [3.1.1 MQTT-9.1.0-1]', f);"]]);
  assert.equal(uncovered([CLAUSE], coverage).length, 1);
  const [finding, ...more] = unknownTags([CLAUSE], coverage);
  assert.equal(finding, 'a.test.ts: [3.1.1 MQTT-9.1.0-1] is not in the table');
  assert.deepEqual(more, []);
});

test('a test of a clause that claims not to be tested is reported', () => {
  const coverage = coverageOf([['a.test.ts', "test('x [5.0 MQTT-9.1.0-2]', f);"]]);
  assert.equal(staleClaims([CLAUSE, OTHER], coverage).length, 1);
  assert.deepEqual(staleClaims([CLAUSE, OTHER], coverageOf([])), []);
});

test('a malformed tag is reported with its file', () => {
  const { malformed } = coverageOf([['a.test.ts', "test('x [MQTT-9.1.0-2]', f);"]]);
  assert.deepEqual(malformed, ['a.test.ts: "[MQTT-9.1.0-2]" is no clause tag']);
});

test('the table lists titles without tags, files, reasons and what is left out', () => {
  const source = "test('a | b [5.0 MQTT-9.1.0-1]', f); test.skip('c [5.0 MQTT-9.1.0-1]', f);";
  const leftOut = [['5.0', 'the server does it', ['9.1.0-3', '9.1.0-4']]] as const;
  const text = markdownOf([CLAUSE, OTHER], leftOut, coverageOf([['a.test.ts', source]]));
  const lines = text.split('\n');
  const tests = 'a \\| b (`a.test.ts`)<br>c (`a.test.ts`) (where available)';
  assert.ok(lines.includes(`| 9.1.0-1 | sender | First of all \\| something | ${tests} |`));
  const reason = 'not applicable: never sent';
  assert.ok(lines.includes(`| 9.1.0-2 | receiver | Then something else | ${reason} |`));
  assert.ok(lines.includes('- 2: the server does it'));
});
