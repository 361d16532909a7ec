/** Between two readings: means, the least and the greatest, and what is not stored. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeUtf8 } from '../../../firmware/base/utf8.ts';
import type { Quantity } from '../../../firmware/sensors/sensor.ts';
import { Between, type BetweenOptions } from '../../../firmware/telemetry/between.ts';
import { readChanges } from '../../../firmware/telemetry/on-change.ts';

const QUANTITIES: readonly Quantity[] = [
  { name: 'temperature', kind: 'temperature', unit: '°C', decimals: 2 },
  { name: 'contact_4', kind: 'contact', unit: '', decimals: 0 },
];
const MINUTE = 60_000;

/** Samples at fixed times, and the readings that are stored of them. */
class Bench {
  readonly between: Between;
  readonly readings: string[] = [];
  now = 0;

  constructor(options: Partial<BetweenOptions> & { readonly onChange?: string }) {
    const { changes } = readChanges(options.onChange ?? '');
    const usual = { intervalMs: MINUTE, sampleMs: 0, spread: false, silenceMs: 60 * MINUTE };
    this.between = new Between(QUANTITIES, { ...usual, ...options, changes });
  }

  feed(celsius: number, contact = 0): this {
    const { between } = this;
    if (between.take(Float64Array.of(celsius, contact), this.now)) {
      const into = new Uint8Array(200);
      this.readings.push(decodeUtf8(into, 0, between.write(into, 0)));
    }
    this.now += between.sampleMs;
    return this;
  }
}

test('a reading is the mean of its interval, and a contact what it was last', () => {
  const bench = new Bench({ sampleMs: 15_000 });
  bench.feed(20).feed(21).feed(22, 1).feed(23, 0).feed(24, 1);
  assert.deepEqual(bench.readings, [
    '"temperature":20,"contact_4":0',
    '"temperature":22.5,"contact_4":1',
  ]);
});

test('the least and the greatest stand beside the mean, but of a contact', () => {
  const bench = new Bench({ sampleMs: 20_000, spread: true });
  bench.feed(20).feed(19.5).feed(22).feed(21.5);
  assert.deepEqual(bench.readings, [
    '"temperature":20,"temperature_min":20,"temperature_max":20,"contact_4":0',
    '"temperature":21,"temperature_min":19.5,"temperature_max":22,"contact_4":0',
  ]);
});

test('samples without a value are left out of the mean, and a value without samples of the reading', () => {
  const bench = new Bench({ sampleMs: 20_000, spread: true });
  bench.feed(20).feed(Number.NaN).feed(22).feed(Number.NaN);
  assert.match(bench.readings[1], /^"temperature":22,"temperature_min":22/);
  bench.feed(Number.NaN).feed(Number.NaN).feed(Number.NaN);
  assert.equal(bench.readings[2], '"contact_4":0');
  bench.feed(Number.NaN, Number.NaN).feed(Number.NaN, Number.NaN).feed(Number.NaN, Number.NaN);
  assert.equal(bench.readings.length, 3);
});

test('readings keep their interval where it is no multiple of the samples', () => {
  const bench = new Bench({ sampleMs: 7000 });
  for (let i = 0; i < 8572; i += 1) bench.feed(20);
  assert.equal(bench.readings.length, 1000 + 1);
});

test('a reading is stored when a quantity moved so far since the last that was, and counted else', () => {
  const bench = new Bench({ onChange: 'temperature 0.5' });
  bench.feed(20).feed(20.2).feed(20.4).feed(20.5).feed(20.3, 1).feed(19.99);
  assert.deepEqual(
    bench.readings.map((text) => /:([\d.]+),/.exec(text)?.[1]),
    ['20', '20.5', '19.99'],
  );
  assert.equal(bench.between.unchanged, 3);
});

test('a value that goes away, or comes back, is a change', () => {
  const bench = new Bench({ onChange: 'temperature 5' });
  bench.feed(20).feed(Number.NaN).feed(Number.NaN).feed(20).feed(20);
  assert.equal(bench.readings.length, 3);
});

test('after the longest silence a reading is stored whatever it shows, and so is one that was asked for', () => {
  const bench = new Bench({ onChange: 'temperature 5', silenceMs: 10 * MINUTE });
  for (let i = 0; i < 31; i += 1) bench.feed(20);
  assert.equal(bench.readings.length, 4);
  bench.between.ask();
  bench.feed(20);
  assert.equal(bench.readings.length, 5);
});

test('a reading that was asked for comes at once, and the others at their times', () => {
  const bench = new Bench({ sampleMs: 20_000 }).feed(20).feed(20);
  bench.between.ask();
  bench.feed(30).feed(40);
  assert.equal(bench.readings.length, 3);
});

test('another interval counts from the last reading', () => {
  const bench = new Bench({ sampleMs: 20_000 }).feed(20);
  assert.equal(bench.between.changeInterval(40_000), 20_000);
  bench.feed(20).feed(20);
  assert.equal(bench.readings.length, 2);
  bench.feed(20);
  assert.equal(bench.between.changeInterval(10_000), 10_000);
  bench.feed(20).feed(20);
  assert.equal(bench.readings.length, 4, 'at once where that has passed, then in its interval');
});

test('what has to move is read from words, and what cannot be read is named', () => {
  const { changes } = readChanges('temperature 0.2, Humidity 1,co2 50 ');
  assert.deepEqual(
    changes.map(({ quantity, by }) => `${quantity} ${by}`),
    ['temperature 0.2', 'humidity 1', 'co2 50'],
  );
  assert.deepEqual(readChanges(' '), { changes: [], what: '', known: '' });
  for (const [text, what] of [
    ['temperature', '1: temperature'],
    ['temperature 0.2, humidity', '2: humidity'],
    ['temperature 0', '1: temperature 0'],
    ['temperature -1', '1: temperature -1'],
    ['temperature 0.2,', '2: …'],
    ['temperature 0.2; humidity 1', '1: temperature 0.2; humidit'],
    [`${'a 1,'.repeat(16)}b 1`, '17: b 1'],
  ] as const) {
    assert.equal(readChanges(text).what, what);
  }
});
