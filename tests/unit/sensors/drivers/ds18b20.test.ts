import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isWhole, OneWireLine } from '../../../../firmware/sensors/bus/one-wire.ts';
import { Ds18b20 } from '../../../../firmware/sensors/drivers/ds18b20.ts';
import type { OneWireBus } from '../../../../firmware/sensors/sensor.ts';
import { near, shown } from '../bench.ts';
import { DS18B20, DS18S20, DS1822, OneWireBench } from '../bus/one-wire-bench.ts';

const DID_NOT_CONVERT = 'DS18B20: did not convert, is its supply connected?';

/** A bus on which every scratchpad reads like this. */
function showing(...scratchpad: readonly number[]): { sensor: Ds18b20; reads: number } {
  const seen = { reads: 0 };
  const bus: OneWireBus = {
    reset: () => true,
    write() {},
    read: (into) => {
      seen.reads += 1;
      into.set(scratchpad);
    },
    search: () => [],
    close() {},
  };
  const sensor = new Ds18b20(new OneWireLine(() => bus), new Uint8Array(8).fill(DS18B20, 0, 1));
  return Object.assign(seen, { sensor });
}

/** Nine bytes whose last is the checksum of the rest. */
function whole(...bytes: readonly number[]): number[] {
  for (let crc = 0; crc < 256; crc += 1) {
    if (isWhole(new Uint8Array([...bytes, crc]))) return [...bytes, crc];
  }
  throw new Error('no checksum fits');
}

function measure(sensor: Ds18b20): number {
  const values = new Float64Array(1);
  sensor.trigger();
  for (let i = 0; i < 10; i += 1) if (sensor.collect(values)) return values[0];
  throw new Error('never ready');
}

describe('the checksum', () => {
  test('is that of the worked example of application note 27', () => {
    assert.ok(isWhole(new Uint8Array([0x02, 0x1c, 0xb8, 0x01, 0, 0, 0, 0xa2])));
  });

  test('finds each single wrong bit', () => {
    const rom = [0x28, 0xff, 0x64, 0x1e, 0x83, 0x16, 0x03];
    const good = whole(...rom);
    for (let bit = 0; bit < 64; bit += 1) {
      const bad = new Uint8Array(good);
      bad[bit >> 3] ^= 1 << (bit & 7);
      assert.equal(isWhole(bad), false, `bit ${bit}`);
    }
  });
});

describe('a DS18B20', () => {
  test('gives the temperatures of the table in its data sheet', () => {
    const table = [
      [0x07d0, 125],
      [0x0191, 25.0625],
      [0x00a2, 10.125],
      [0x0008, 0.5],
      [0x0000, 0],
      [0xfff8, -0.5],
      [0xff5e, -10.125],
      [0xfe6f, -25.0625],
      [0xfc90, -55],
    ];
    for (const [count, celsius] of table) {
      const scratchpad = whole(count & 0xff, count >> 8, 0x4b, 0x46, 0x7f, 0xff, 0x04, 0x10);
      assert.equal(measure(showing(...scratchpad).sensor), celsius);
    }
  });

  test('measures within a sixteenth of a degree, in one round of 800 ms', () => {
    const bench = new OneWireBench(1);
    bench.boot('ds18b20-4');
    for (const celsius of [-55, -10.3, -0.06, 0, 21.37, 84.9, 125]) {
      bench.celsius[1] = celsius;
      const from = bench.sampler.deadline();
      near(bench.sample().temperature, celsius, 1 / 32 + 1e-9);
      assert.equal(bench.now - Math.max(from, 1000), 800);
    }
  });

  test('has one quantity, with two decimals', () => {
    assert.equal(shown(showing().sensor), 'temperature °C 2');
  });

  test('that was set to less resolution gives nothing for the bits that are left out', () => {
    for (const bits of [9, 10, 11, 12]) {
      const bench = new OneWireBench();
      bench.plug(1, DS18B20, { bits });
      bench.celsius[1] = 21.37;
      bench.boot('ds18b20-4');
      const step = 2 ** (8 - bits);
      assert.equal(bench.sample().temperature, Math.floor(21.375 / step) * step);
    }
  });

  test('that did not convert is not taken at its word, and one that measured 85 °C is', () => {
    const bench = new OneWireBench(1);
    bench.boot('ds18b20-4');
    bench.celsius[1] = 85;
    assert.deepEqual(bench.sample(), { temperature: 85 });
    bench.now = bench.sampler.deadline();
    bench.sampler.wake(bench.now);
    bench.bus.dipPower();
    assert.deepEqual(bench.sample(), {});
    assert.deepEqual(bench.reasons(), [DID_NOT_CONVERT]);
  });

  test('whose supply is not connected says so', () => {
    const bench = new OneWireBench();
    bench.plug(1, DS18B20, { isParasite: true });
    bench.boot('ds18b20-4');
    assert.deepEqual(bench.sample(), {});
    assert.deepEqual(bench.reasons(), [DID_NOT_CONVERT]);
  });

  test('that is a clone gives all but 85 °C', () => {
    const bench = new OneWireBench();
    bench.plug(1, DS18B20, { isClone: true });
    bench.boot('ds18b20-4');
    for (const celsius of [84.9375, 85.0625]) {
      bench.celsius[1] = celsius;
      assert.deepEqual(bench.sample(), { temperature: celsius });
    }
    bench.celsius[1] = 85;
    assert.deepEqual(bench.sample(), {});
  });

  test('beyond its range is refused, as after a conversion without enough power', () => {
    for (const count of [0x07ff, 0x07d1, 0xfc8f, 0x8000]) {
      const scratchpad = whole(count & 0xff, count >> 8, 0, 0, 0x7f, 0xff, 0x01, 0x10);
      assert.throws(() => measure(showing(...scratchpad).sensor), /outside its range/);
    }
  });

  test('is read again when the checksum is wrong, three times in all', () => {
    const good = whole(0x91, 0x01, 0x4b, 0x46, 0x7f, 0xff, 0x0f, 0x10);
    const bad = [0x90, ...good.slice(1)];
    const wrong = showing(...bad);
    assert.throws(() => measure(wrong.sensor), { message: 'DS18B20: wrong checksum' });
    assert.equal(wrong.reads, 3);
    const bench = new OneWireBench(1);
    bench.boot('ds18b20-4');
    let reads = 0;
    bench.bus.garble = (bytes) => {
      reads += 1;
      if (reads < 3) bytes[reads] ^= 0x10;
    };
    assert.deepEqual(bench.sample(), { temperature: 20 });
    assert.equal(reads, 3);
  });

  test('is not there when all bits are ones, and has said nothing when all are zeros', () => {
    const ones = new Array<number>(9).fill(0xff);
    assert.throws(() => measure(showing(...ones).sensor), { message: 'DS18B20: does not answer' });
    const zeros = new Array<number>(9).fill(0);
    assert.ok(isWhole(new Uint8Array(zeros)));
    assert.throws(() => measure(showing(...zeros).sensor), { message: 'DS18B20: wrong checksum' });
  });

  test('gives nothing that it was not asked for', () => {
    const good = whole(0x91, 0x01, 0x4b, 0x46, 0x7f, 0xff, 0x0f, 0x10);
    const { sensor } = showing(...good);
    assert.throws(() => sensor.collect(new Float64Array(1)), /without trigger/);
    measure(sensor);
    assert.throws(() => sensor.collect(new Float64Array(1)), /without trigger/);
    sensor.trigger();
    sensor.close();
    assert.throws(() => sensor.collect(new Float64Array(1)), /without trigger/);
  });
});

test('a DS1822 is read like a DS18B20', () => {
  const bench = new OneWireBench();
  bench.plug(1, DS1822);
  bench.celsius[1] = -3.25;
  bench.boot('ds18b20-4');
  assert.deepEqual(bench.sample(), { temperature: -3.25 });
});

describe('a DS18S20', () => {
  test('gives sixteenths of a degree from the rest of its count, and never 85 °C', () => {
    const bench = new OneWireBench();
    bench.plug(1, DS18S20);
    bench.boot('ds18b20-4');
    for (let sixteenths = -55 * 16; sixteenths <= 125 * 16; sixteenths += 5) {
      bench.celsius[1] = sixteenths / 16;
      const expected = sixteenths === 85 * 16 ? {} : { temperature: sixteenths / 16 };
      assert.deepEqual(bench.sample(), expected);
    }
  });

  test('that did not convert is not taken at its word', () => {
    const bench = new OneWireBench();
    bench.plug(1, DS18S20, { isParasite: true });
    bench.boot('ds18b20-4');
    assert.deepEqual(bench.sample(), {});
    assert.deepEqual(bench.reasons(), [DID_NOT_CONVERT]);
  });

  test('without a count per degree is refused', () => {
    const bench = new OneWireBench();
    bench.plug(1, DS18S20);
    bench.boot('ds18b20-4');
    bench.bus.garble = (bytes) => {
      bytes.set(whole(0x32, 0, 0x4b, 0x46, 0xff, 0xff, 0x0c, 0));
    };
    assert.deepEqual(bench.sample(), {});
    assert.deepEqual(bench.reasons(), ['DS18B20: temperature is outside its range']);
  });
});
