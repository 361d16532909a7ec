/** Whatever comes from a one-wire bus, a thermometer on it gives what it measured, or says why not. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isWhole, OneWireLine } from '../../firmware/sensors/bus/one-wire.ts';
import { Ds18b20 } from '../../firmware/sensors/drivers/ds18b20.ts';
import {
  createDs18b20s,
  isDs18b20Name,
  searchDs18b20s,
} from '../../firmware/sensors/drivers/ds18b20-names.ts';
import type { OneWireBus } from '../../firmware/sensors/sensor.ts';
import { oneWireChecksum, romCode } from '../../host-sim/chips/one-wire-talk.ts';
import { DS18B20, DS18S20, DS1822, OneWireBench } from '../unit/sensors/bus/one-wire-bench.ts';

const families = fc.constantFrom(DS18B20, DS18S20, DS1822);
const serials = fc.integer({ min: 0, max: 2 ** 48 - 1 });
const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });

/** Waits until the sensor gives a value or throws. @returns undefined for the latter */
function measured(sensor: Ds18b20): number | undefined {
  const values = new Float64Array(1);
  try {
    const ms = sensor.trigger();
    assert.ok(ms > 0 && ms < 1000);
    for (let i = 0; i < 3; i += 1) if (sensor.collect(values)) return values[0];
  } catch (error) {
    assert.ok(error instanceof Error && !(error instanceof assert.AssertionError));
    assert.match(error.message, /^[A-Za-z][ -~°]{4,150}[^.\s]$/);
    return undefined;
  }
  throw new assert.AssertionError({ message: 'it is never ready' });
}

test('one to three wrong bits, and bursts of eight, never change a reading', () => {
  const bits = fc.uniqueArray(fc.integer({ min: 0, max: 71 }), { minLength: 1, maxLength: 3 });
  const burst = fc
    .tuple(fc.integer({ min: 0, max: 64 }), fc.integer({ min: 1, max: 255 }))
    .map(([from, mask]) =>
      [0, 1, 2, 3, 4, 5, 6, 7].flatMap((i) => ((mask >> i) & 1 ? from + i : [])),
    );
  const sixteenths = fc.integer({ min: -55 * 16, max: 125 * 16 });
  fc.assert(
    fc.property(families, sixteenths, fc.oneof(bits, burst), (family, count, wrong) => {
      const bench = new OneWireBench();
      bench.plug(1, family);
      bench.celsius[1] = count / 16;
      bench.boot('ds18b20-4');
      bench.bus.garble = (read) => {
        for (const bit of wrong) read[bit >> 3] ^= 1 << (bit & 7);
      };
      assert.deepEqual(bench.sample(), {});
      assert.match(bench.reasons()[0], /wrong checksum|does not answer/);
      bench.bus.garble = () => {};
      const isHidden = family === DS18S20 && count === 85 * 16;
      assert.deepEqual(bench.sample(), isHidden ? {} : { temperature: count / 16 });
    }),
    { numRuns: 300 },
  );
});

test('any nine bytes are a temperature within the range, or refused with a sentence', () => {
  let readings = 0;
  const any = fc.oneof(
    bytes(9),
    bytes(8).map((body) => [...body, oneWireChecksum(body)]),
  );
  fc.assert(
    fc.property(families, any, (family, scratchpad) => {
      const bus: OneWireBus = {
        reset: () => true,
        write() {},
        read: (into) => into.set(scratchpad),
        search: () => [],
        close() {},
      };
      const celsius = measured(new Ds18b20(new OneWireLine(() => bus), romCode(family, 1)));
      if (celsius === undefined) return;
      readings += 1;
      assert.ok(celsius >= -55 && celsius <= 125);
      assert.ok(isWhole(new Uint8Array(scratchpad)));
    }),
    { numRuns: 2000 },
  );
  assert.ok(readings > 20, `${readings} readings`);
});

/** A bus that does anything, by its next number each time. */
function anyBus(fates: readonly number[]): OneWireBus {
  let turn = 0;
  const next = (): number => fates[turn++ % fates.length];
  const stumble = (): void => {
    if (next() % 7 === 0) throw new Error('the bus is broken');
  };
  return {
    reset: () => {
      stumble();
      return next() % 3 !== 0;
    },
    write: stumble,
    read: (into) => {
      stumble();
      for (let i = 0; i < into.length; i += 1) into[i] = next();
      if (next() % 2 === 0) into[8] = oneWireChecksum(into.subarray(0, 8));
    },
    search: () => {
      stumble();
      return Array.from({ length: next() % 20 }, (_, i) => romCode(next() % 2 ? DS18B20 : 9, i));
    },
    close: () => {},
  };
}

test('on a bus that does anything, rounds end, and a search gives names that can be used', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(255), { minLength: 1, maxLength: 60 }), (fates) => {
      const pins = { oneWire: () => anyBus(fates) };
      const names = searchDs18b20s(['ds18b20-4', 'ds18b20-5'], pins, ['bme280', 'ds18b20-4-00']);
      assert.ok(names.every(isDs18b20Name));
      const made = createDs18b20s(names, pins);
      assert.deepEqual(
        made.map(({ name }) => name),
        names,
      );
      for (let round = 0; round < 5; round += 1) {
        for (const { sensor } of made) measured(sensor as Ds18b20);
      }
    }),
    { numRuns: 300 },
  );
});

test('every code is found under its name, and the name leads to the chip', () => {
  const some = fc.uniqueArray(fc.tuple(families, serials), {
    maxLength: 12,
    selector: ([family, serial]) => `${family} ${serial}`,
  });
  fc.assert(
    fc.property(some, (chips) => {
      const bench = new OneWireBench();
      for (const [i, [family, serial]] of chips.entries()) {
        bench.plug(serial, family);
        bench.celsius[serial] = i;
      }
      const used = bench.boot('ds18b20-4');
      assert.equal(used.length, Math.max(1, chips.length));
      const seen = Object.values(bench.sample()).sort((a, b) => a - b);
      const expected = chips.map(([, serial]) => bench.celsius[serial]).sort((a, b) => a - b);
      assert.deepEqual(seen, expected);
    }),
    { numRuns: 60 },
  );
});
