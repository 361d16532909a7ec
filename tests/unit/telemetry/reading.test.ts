import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Quantity } from '../../../firmware/sensors/sensor.ts';
import { FragmentWriter, TelemetryWriter } from '../../../firmware/telemetry/reading.ts';
import type { ReadingStamp } from '../../../firmware/telemetry/stamp.ts';

const AIR: readonly Quantity[] = [
  { name: 'temperature', unit: '°C', decimals: 2 },
  { name: 'humidity', unit: '%', decimals: 1 },
  { name: 'pressure', unit: 'hPa', decimals: 1 },
];

function fragmentOf(values: readonly number[], quantities = AIR): string {
  const writer = new FragmentWriter(quantities);
  const into = new Uint8Array(writer.bytesMax + 2);
  const end = writer.write(into, 2, Float64Array.from(values));
  assert.ok(end <= writer.bytesMax + 2);
  return new TextDecoder().decode(into.subarray(2, end));
}

function messageOf(stamp: Partial<ReadingStamp>, fragment: string): string {
  const writer = new TelemetryWriter();
  const bytes = new TextEncoder().encode(`#${fragment}#`);
  const into = new Uint8Array(writer.bytesMax(fragment.length));
  const full = { sequence: 1042, boot: 17, quality: 'sync', unixMs: 1795204800000, upMs: 0 };
  const given = { ...full, ...stamp } as ReadingStamp;
  const view = new DataView(into.buffer);
  const from = new DataView(bytes.buffer, bytes.byteOffset);
  const end = writer.write(into, 0, view, given, from, 1, bytes.length - 1);
  assert.ok(end <= into.length);
  return new TextDecoder().decode(into.subarray(0, end));
}

describe('a fragment', () => {
  test('names each value and writes it with the decimals of its quantity', () => {
    const text = fragmentOf([21.399999, 44.12, 1008.9999]);
    assert.equal(text, '"temperature":21.4,"humidity":44.1,"pressure":1009');
  });

  test('leaves absent values out, wherever they stand', () => {
    const no = Number.NaN;
    assert.equal(fragmentOf([no, 44.1, no]), '"humidity":44.1');
    assert.equal(fragmentOf([21.4, no, 1009]), '"temperature":21.4,"pressure":1009');
    assert.equal(fragmentOf([no, no, no]), '');
  });

  test('leaves out what no JSON number can say', () => {
    assert.equal(fragmentOf([Number.POSITIVE_INFINITY, 44.1, -1e300]), '"humidity":44.1');
  });

  test('is a JSON object between braces for any values, and fits its maximum', () => {
    fc.assert(
      fc.property(fc.array(fc.double(), { minLength: 3, maxLength: 3 }), (values) => {
        const read = JSON.parse(`{${fragmentOf(values)}}`);
        for (const [i, { name, decimals }] of AIR.entries()) {
          const present = Math.abs(values[i]) <= 2 ** 53;
          assert.equal(name in read, present);
          if (present) assert.ok(Math.abs(read[name] - values[i]) <= 0.51 * 10 ** -decimals + 1e-9);
        }
      }),
      { numRuns: 1000, seed: 1 },
    );
  });

  test('a name or precision that cannot be published is refused by name', () => {
    for (const name of ['', 'Temp', '2nd', 'a"b', 'größe']) {
      const quantity = { name, unit: '', decimals: 1 };
      assert.throws(() => new FragmentWriter([quantity]), { name: 'RangeError' });
    }
    for (const decimals of [-1, 7, 0.5, Number.NaN]) {
      const quantity = { name: 'light', unit: 'lx', decimals };
      assert.throws(() => new FragmentWriter([quantity]), /quantity "light": decimals/);
    }
  });
});

describe('a telemetry message', () => {
  test('has the documented shape while the time is known', () => {
    assert.equal(
      messageOf({}, '"temperature":21.4,"humidity":44.1'),
      '{"seq":1042,"boot":17,"ts":1795204800,"tq":"sync","temperature":21.4,"humidity":44.1}',
    );
  });

  test('gives whole seconds, never a second that has not begun', () => {
    const text = messageOf({ unixMs: 1795204800999.9, quality: 'estimated' }, '"a":1');
    assert.equal(text, '{"seq":1042,"boot":17,"ts":1795204800,"tq":"estimated","a":1}');
  });

  test('gives the time since boot instead while the time is unknown', () => {
    const text = messageOf({ quality: 'none', unixMs: 0, upMs: 90_500.7 }, '"a":1');
    assert.equal(text, '{"seq":1042,"boot":17,"up":90500,"tq":"none","a":1}');
  });

  test('stays valid JSON without any value', () => {
    const text = messageOf({}, '');
    assert.equal(text, '{"seq":1042,"boot":17,"ts":1795204800,"tq":"sync"}');
    assert.equal(JSON.parse(text).seq, 1042);
  });

  test('the largest stamp fits the documented room', () => {
    const text = messageOf(
      { sequence: 2 ** 32 - 1, boot: 2 ** 32 - 1, quality: 'estimated', unixMs: 8.64e15 },
      '"a":1',
    );
    assert.equal(JSON.parse(text).ts, 8.64e12);
  });

  test('tells by its end when it did not fit', () => {
    const writer = new TelemetryWriter();
    const stamp: ReadingStamp = { sequence: 1, boot: 1, quality: 'sync', unixMs: 1e12, upMs: 0 };
    const fragment = new TextEncoder().encode('"a":1');
    const into = new Uint8Array(20);
    const from = new DataView(fragment.buffer, fragment.byteOffset);
    const view = new DataView(into.buffer);
    const end = writer.write(into, 0, view, stamp, from, 0, fragment.length);
    assert.equal(end, '{"seq":1,"boot":1,"ts":1000000000,"tq":"sync","a":1}'.length);
  });

  test('a time that is not a number is refused instead of published', () => {
    assert.throws(() => messageOf({ unixMs: Number.NaN }, ''), RangeError);
  });
});
