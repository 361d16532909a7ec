import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tagsOf, titlesOf, withoutTags } from './titles.ts';
import { UNKNOWN } from './tokens.ts';

/** The titles of the tests that always run. */
function proofs(source: string): string[] {
  return titlesOf(source)
    .filter((title) => title.always)
    .map((title) => title.text);
}

test('titles are found in single, double and backtick quotes and in every kind of call', () => {
  const source = [
    "test('one', () => {});",
    'it("two", async () => {});',
    'test(`three`, function () {});',
    "test.only('four', check);",
    "await t.test('five', async (t) => {});",
    "describe('six', () => { it('seven', () => {}); });",
    "suite(\n  'eight',\n  () => { test(\n    'nine',\n    () => {},\n  ); },\n);",
  ].join('\n');
  const names = ['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'];
  assert.deepEqual(proofs(source), names);
});

test('titles in comments, strings, templates and regular expressions are not titles', () => {
  const source = [
    "// test('one', () => {});",
    "/* test('two', () => {}); */",
    `const text = "test('three', () => {})";`,
    `const made = \`test('four', () => {}); \${run(\`test('five', () => {})\`)}\`;`,
    "const found = /test('six', [/'])/.exec(line);",
    "const divided = a / b; test('seven', () => {}); const c = d / e;",
  ].join('\n');
  assert.deepEqual(proofs(source), ['seven']);
});

test('a regular expression that tries a text is not a test', () => {
  assert.deepEqual(titlesOf("assert.ok(/a/.test('b')); assert.ok(pattern.test('c'), 'd');"), []);
});

test('a title escapes its quotes and may be joined from several texts', () => {
  const source = "test('it\\'s ' + \"one \" + `title`, () => {}); test(NAME + ' x', () => {});";
  assert.deepEqual(proofs(source), ["it's one title"]);
});

test('what a template or a join does not spell out is marked as unknown', () => {
  const source = `test(\`a \${names[\`\${i}\`]} b\`, f); test('c ' + name(1, 'd') + ' e', f);`;
  assert.deepEqual(proofs(source), [`a ${UNKNOWN} b`, `c ${UNKNOWN} e`]);
});

test('a test that may be skipped proves nothing', () => {
  const source = [
    "test.skip('one', () => {});",
    "test.todo('two', () => {});",
    "test('three', { skip: !broker }, () => {});",
    "test('four', { ...options }, () => {});",
    "test('five', options, () => {});",
    "test('six', (t) => { if (!broker) t.skip('no broker'); });",
    "describe.skip('seven', () => { test('eight', () => {}); });",
    "describe('nine', { todo: true }, () => { test('ten', () => {}); });",
    "test('eleven', { timeout: limits.long }, () => {});",
  ].join('\n');
  assert.deepEqual(proofs(source), ['eleven']);
  assert.equal(titlesOf(source).length, 11);
});

test('a suite without a test that runs proves nothing', () => {
  const source = "describe('empty', () => {}); describe('off', () => { it.skip('one', f); });";
  assert.deepEqual(proofs(source), []);
});

test('tags are read with one or several clauses of a version', () => {
  const title = 'it works [5.0 MQTT-3.4.2-2, 3.10.4-12] [3.1.1 MQTT-2.3.1-1]';
  const keys = ['5.0 MQTT-3.4.2-2', '5.0 MQTT-3.10.4-12', '3.1.1 MQTT-2.3.1-1'];
  assert.deepEqual(tagsOf(title), { keys, malformed: [] });
  assert.equal(withoutTags(title), 'it works');
});

test('tags without a version, with another version or with a substitution are malformed', () => {
  const titles = [
    'a [MQTT-3.1.2-20]',
    'a [3.1 MQTT-3.1.2-20]',
    'a [5.0 MQTT 3.1.2-20]',
    'a [5.0 3.1.2-20]',
    'a [5.0 MQTT-3.1.2-20; 3.1.2-21]',
    'a [5.0 MQTT-3.1.2]',
    'a MQTT-3.1.2-20',
    `a [${UNKNOWN} MQTT-3.1.2-20]`,
    `a [5.0 MQTT-${UNKNOWN}]`,
    `a [5.0 MQTT-3.1.2-${UNKNOWN}]`,
  ];
  for (const title of titles) {
    const { keys, malformed } = tagsOf(title);
    assert.deepEqual([keys.length, malformed.length], [0, 1], title);
  }
});

test('titles that only speak of MQTT or of versions carry no tag', () => {
  const titles = [
    'an MQTT-5 broker',
    'MQTT 3.1.1 falls back [5.0 first]',
    'values [3.1.1] and [5.0]',
  ];
  for (const title of titles) assert.deepEqual(tagsOf(title), { keys: [], malformed: [] }, title);
});
