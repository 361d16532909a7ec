/** `docs/payloads.md` says what the schemas say, and its examples are right. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { CHOICES, FIELDS } from '../../firmware/config/fields.ts';
import { faultsOf, SCHEMAS, validator } from './schemas.ts';
import { DOCUMENT, printed } from './tables.ts';

const TEXT = readFileSync(DOCUMENT, 'utf8');
const README = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
/** A block of JSON that names its schema. */
const EXAMPLE = /^```json ([^\n]+)\n([\s\S]*?)^```$/gm;

test('each example of the document is what its schema says', () => {
  const examples = [...TEXT.matchAll(EXAMPLE)];
  assert.ok(examples.length >= 9, `${examples.length} examples`);
  for (const [, name, text] of examples) assert.equal(faultsOf(name, JSON.parse(text)), '', text);
});

test('each schema has an example, or is a single word', () => {
  const shown = new Set([...TEXT.matchAll(EXAMPLE)].map(([, name]) => name.split('#')[0]));
  const others = [...SCHEMAS.keys()].filter((name) => !shown.has(name));
  assert.deepEqual(others, ['status']);
  for (const word of SCHEMAS.get('status')!.enum!) assert.ok(TEXT.includes(`| \`${word}\` |`));
});

test('the readings and alarms that the README shows are what their schemas say', () => {
  const readings = README.match(/\{"seq":.*?\}/g) ?? [];
  assert.ok(readings.length >= 2);
  for (const text of readings) {
    const message = JSON.parse(text);
    assert.equal(faultsOf('alarm' in message ? 'alarm' : 'telemetry', message), '', text);
  }
});

test('the tables of fields are printed from the schemas', () => {
  const { before, after } = printed();
  assert.equal(before, after, 'run: npx tsx tests/payloads/print.ts');
  assert.ok(before.includes('| `humidity` | number, 0 to 100 |'));
});

test('each setting has a row in the table of settings, with its range or its choices', () => {
  const rows = new Map<string, string>();
  for (const [line, names] of TEXT.matchAll(/^\| ((?:`\w+`(?:, )?)+) \| .*$/gm)) {
    for (const [, name] of names.matchAll(/`(\w+)`/g)) rows.set(name, line);
  }
  for (const { name, kind, min, max } of FIELDS) {
    const row = rows.get(name);
    assert.ok(row, name);
    if (kind === 'whole number' || kind === 'number') {
      assert.ok(row.includes(`${min} to ${max}`), row);
    }
    if (name in CHOICES)
      assert.ok(
        CHOICES[name].every((choice) => row.includes(`\`${choice}\``)),
        row,
      );
  }
});

test('each schema is one of draft 2020-12, with its file as the last part of its identifier', () => {
  for (const [name, schema] of SCHEMAS) {
    assert.equal(schema.$id, `urn:mote:v1:${name}`);
    assert.ok(validator(name));
    assert.ok(TEXT.includes(`](schemas/v1/${name}.json)`), name);
  }
});
