import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { JsonObjectWriter } from '../../../firmware/telemetry/json.ts';

/** What a writer with this capacity makes of the calls. */
function written(capacity: number, fill: (json: JsonObjectWriter) => void): string {
  const bytes = new Uint8Array(capacity);
  const json = new JsonObjectWriter(bytes);
  json.begin();
  fill(json);
  const length = json.end();
  assert.ok(length <= capacity, `${length} of ${capacity} bytes`);
  return Buffer.from(bytes.subarray(0, length)).toString('utf8');
}

test('an object without fields is an empty object', () => {
  assert.equal(
    written(2, () => {}),
    '{}',
  );
});

test('fields stand in the order in which they were added', () => {
  const text = written(200, (json) => {
    json.text('b', 'x');
    json.number('a', 1);
    json.number('c', 21.399999, 1);
  });
  assert.equal(text, '{"b":"x","a":1,"c":21.4}');
});

test('a field that is undefined, infinite or no number is left out', () => {
  const text = written(200, (json) => {
    json.number('a', undefined);
    json.number('b', Number.NaN);
    json.number('c', Number.POSITIVE_INFINITY);
    json.number('d', Number.NEGATIVE_INFINITY);
    json.text('e', undefined);
    json.number('f', 0);
    json.text('g', '');
  });
  assert.equal(text, '{"f":0,"g":""}');
});

test('a field without room is left out, and a later one that fits is kept', () => {
  const text = written(40, (json) => {
    json.text('long', 'x'.repeat(30));
    json.text('short', 'y');
  });
  assert.equal(text, '{"short":"y"}');
});

test('quotes, backslashes and control characters are escaped', () => {
  const value = 'a"b\\c\n\t\u0000\u001f\u007f';
  const text = written(200, (json) => json.text('k"', value));
  assert.deepEqual(JSON.parse(text), { 'k"': value });
});

test('a writer is used again from the start', () => {
  const bytes = new Uint8Array(100);
  const json = new JsonObjectWriter(bytes);
  json.begin();
  json.text('first', 'message');
  json.end();
  json.begin();
  json.number('n', 2);
  const length = json.end();
  assert.equal(Buffer.from(bytes.subarray(0, length)).toString(), '{"n":2}');
});

test('whatever the fields and the room, the result is JSON with a part of the fields', () => {
  const field = fc.tuple(
    fc.string({ maxLength: 12, unit: 'grapheme' }),
    fc.oneof(fc.string({ maxLength: 30, unit: 'grapheme' }), fc.integer()),
  );
  fc.assert(
    fc.property(
      fc.array(field, { maxLength: 12 }),
      fc.integer({ min: 2, max: 300 }),
      (fields, capacity) => {
        const text = written(capacity, (json) => {
          fields.forEach(([name, value], i) => {
            if (typeof value === 'number') json.number(`${i}${name}`, value);
            else json.text(`${i}${name}`, value);
          });
        });
        const parsed = JSON.parse(text) as Record<string, unknown>;
        const all = new Map(fields.map(([name, value], i) => [`${i}${name}`, value]));
        for (const [name, value] of Object.entries(parsed)) assert.equal(value, all.get(name));
      },
    ),
    { numRuns: 300 },
  );
});
