/** Several thermometers on one-wire buses: their names, their turns, and what becomes of the dead. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { OneWireLine } from '../../../../firmware/sensors/bus/one-wire.ts';
import { Ds18b20 } from '../../../../firmware/sensors/drivers/ds18b20.ts';
import {
  isDs18b20Name,
  searchDs18b20s,
} from '../../../../firmware/sensors/drivers/ds18b20-names.ts';
import { romCode } from '../../../../host-sim/chips/one-wire-talk.ts';
import { DS18B20, DS18S20, nameOf, OneWireBench } from './one-wire-bench.ts';

const TOO_MANY = 'a board has 2 one-wire buses and 16 sensors on them at most';
/** Serial numbers that part at their first, a middle and their last bit. */
const [A, B, C] = [0x10, 0x11, 0x8000_0000_0010];

describe('a name', () => {
  test('is that of a pin, or of a pin and a ROM code with its checksum', () => {
    const good = ['ds18b20-4', 'ds18b20-0', 'ds18b20-48', nameOf(A), nameOf(C, DS18S20, 21)];
    const typo = nameOf(A).replace('-2810', '-2811');
    const bad = ['ds18b20', 'ds18b20-', 'ds18b20-49', 'ds18b20-04', 'ds18b20-4-', 'ds18b20-4-28'];
    const foreign = nameOf(A, 0x01);
    for (const name of good) assert.equal(isDs18b20Name(name), true, name);
    for (const name of [...bad, typo, foreign, nameOf(A).slice(0, -1), `${nameOf(A)}00`]) {
      assert.equal(isDs18b20Name(name), false, name);
    }
  });
});

describe('a search', () => {
  test('finds every chip of every set of eight, whatever their codes', () => {
    const serials = [0, 1, 2, 3, 0x8000_0000_0000, 0xffff_ffff_ffff, 0x5555_5555_5555, 256];
    for (let set = 0; set < 256; set += 1) {
      const own = serials.filter((_, i) => (set >> i) & 1);
      const found = new OneWireBench(...own).boot('ds18b20-4');
      const expected = own.length === 0 ? ['ds18b20-4'] : own.map((serial) => nameOf(serial));
      assert.deepEqual([...found].sort(), expected.sort());
    }
  });

  test('leaves out what is no thermometer, and what was garbled', () => {
    const bench = new OneWireBench(A);
    bench.plug(B, 0x2d);
    assert.deepEqual(bench.boot('ds18b20-4'), [nameOf(A)]);
    const garbled = romCode(DS18B20, B);
    garbled[3] ^= 4;
    const bus = { ...bench.bus.open(), search: () => [garbled, romCode(DS18B20, C)] };
    assert.deepEqual(searchDs18b20s(['ds18b20-4'], { oneWire: () => bus }, []), [nameOf(C)]);
  });

  test('replaces its own name only, keeps the order, and closes the bus', () => {
    const bench = new OneWireBench(A, B);
    bench.plug(C, DS18B20, {}, 5);
    const names = ['bme280', 'ds18b20-5', 'contact-7', 'ds18b20-4'];
    assert.deepEqual(searchDs18b20s(names, bench, []), [
      'bme280',
      nameOf(C, DS18B20, 5),
      'contact-7',
      nameOf(A),
      nameOf(B),
    ]);
    assert.equal(bench.bus.openMasters, 0);
  });

  test('leaves a chip to the name that has its code', () => {
    const bench = new OneWireBench(A, B);
    assert.deepEqual(bench.boot('ds18b20-4', nameOf(A)), [nameOf(B), nameOf(A)]);
    assert.deepEqual(bench.boot('ds18b20-4', nameOf(A)), [nameOf(B), nameOf(A)]);
  });

  test('on a pin that cannot be opened finds nothing, and the reason is told each round', () => {
    const bench = new OneWireBench(A);
    bench.refusal = 'input only';
    assert.deepEqual(bench.boot('ds18b20-4'), ['ds18b20-4']);
    assert.deepEqual(bench.sample(), {});
    assert.deepEqual(bench.reasons(), ['input only']);
    bench.refusal = '';
    assert.deepEqual(bench.sample(), { temperature: 20 });
  });
});

describe('what was found', () => {
  test('keeps its place when it is dead at a boot, and newcomers come behind', () => {
    const bench = new OneWireBench(A, B);
    const dead = bench.plug(C);
    const before = bench.boot('ds18b20-4');
    bench.bus.unplug(dead);
    assert.deepEqual(bench.boot('ds18b20-4'), before);
    bench.plug(7);
    bench.plug(8);
    assert.deepEqual(bench.boot('ds18b20-4').slice(0, 3), before);
    assert.equal(bench.remembered.length, 5);
  });

  test('is replaced when one is new and one is gone', () => {
    const bench = new OneWireBench(B);
    const gone = bench.plug(A);
    assert.deepEqual(bench.boot('ds18b20-4'), [nameOf(A), nameOf(B)]);
    bench.bus.unplug(gone);
    bench.plug(C);
    assert.deepEqual(bench.boot('ds18b20-4'), [nameOf(C), nameOf(B)]);
  });

  test('is of its own pin', () => {
    const bench = new OneWireBench(A);
    bench.plug(B, DS18B20, {}, 40);
    bench.boot('ds18b20-40', 'ds18b20-4');
    assert.deepEqual(bench.remembered, [nameOf(B, DS18B20, 40), nameOf(A)]);
    assert.deepEqual(bench.boot('ds18b20-4'), [nameOf(A)]);
  });
});

describe('several on one bus', () => {
  test('convert at once, one reset for all of them, and give their own values', () => {
    const bench = new OneWireBench(A, B, C);
    Object.assign(bench.celsius, { [A]: 1, [B]: -2, [C]: 3.5 });
    const used = bench.boot('ds18b20-4');
    const order = [A, B, C].sort((a, b) => used.indexOf(nameOf(a)) - used.indexOf(nameOf(b)));
    const expected = order.map((serial) => bench.celsius[serial]);
    for (let round = 0; round < 3; round += 1) {
      const { resets } = bench.bus;
      assert.deepEqual(Object.values(bench.sample()), expected);
      assert.equal(bench.bus.resets - resets, 1 + 3);
    }
    assert.equal(bench.bus.openMasters, 1);
  });

  test('go on while one is unplugged, and have it back when it is plugged in', () => {
    const bench = new OneWireBench(B);
    const chip = bench.plug(A);
    bench.boot('ds18b20-4');
    bench.bus.unplug(chip);
    assert.deepEqual(bench.sample(), { temperature_2: 20 });
    assert.deepEqual(bench.reasons(), ['DS18B20: does not answer', '']);
    bench.bus.plug(chip);
    assert.deepEqual(bench.sample(), { temperature: 20, temperature_2: 20 });
  });

  test('give nothing that one of them did not measure, when it is plugged in amid a round', () => {
    const bench = new OneWireBench(B);
    const chip = bench.plug(A);
    bench.boot('ds18b20-4');
    bench.sample();
    bench.bus.unplug(chip);
    bench.now = bench.sampler.deadline();
    bench.sampler.wake(bench.now);
    bench.bus.plug(chip);
    assert.deepEqual(bench.sample(), { temperature_2: 20 });
    assert.match(bench.reasons()[0], /did not convert/);
  });

  test('fail together, at the price of one reset, when the line is shorted, and come back', () => {
    const bench = new OneWireBench(A, B, C);
    bench.boot('ds18b20-4');
    bench.sample();
    bench.bus.isShorted = true;
    const { resets } = bench.bus;
    assert.deepEqual(bench.sample(), {});
    assert.equal(bench.bus.resets - resets, 1);
    assert.equal(bench.bus.openMasters, 0);
    assert.deepEqual(bench.reasons(), new Array(3).fill('nothing answers on the one-wire bus'));
    bench.bus.isShorted = false;
    assert.equal(Object.keys(bench.sample()).length, 3);
  });

  test('fail at the price of one more reset when the line is shorted amid a round', () => {
    const bench = new OneWireBench(A, B);
    bench.boot('ds18b20-4');
    bench.now = bench.sampler.deadline();
    bench.sampler.wake(bench.now);
    bench.bus.isShorted = true;
    const { resets } = bench.bus;
    assert.deepEqual(bench.sample(), {});
    assert.equal(bench.bus.resets - resets, 1);
    bench.bus.isShorted = false;
    assert.equal(Object.keys(bench.sample()).length, 2);
  });
});

test('a bus that fails without a word has failed all the same', () => {
  const fail = () => {
    throw new Error('');
  };
  const bus = { reset: fail, write: fail, read: fail, search: fail, close() {} };
  const sensor = new Ds18b20(new OneWireLine(() => bus));
  assert.throws(() => sensor.trigger(), { message: 'the one-wire bus has failed' });
});

describe('a bus on which nothing was found', () => {
  test('says so each round, and takes the first that is plugged in', () => {
    const bench = new OneWireBench();
    assert.deepEqual(bench.boot('ds18b20-4'), ['ds18b20-4']);
    bench.sample();
    assert.deepEqual(bench.reasons(), ['nothing answers on the one-wire bus']);
    bench.plug(B, 0x2d);
    bench.sample();
    assert.deepEqual(bench.reasons(), ['DS18B20: not found on the bus']);
    bench.plug(A);
    assert.deepEqual(bench.sample(), { temperature: 20 });
  });

  test('takes another one when that is gone', () => {
    const bench = new OneWireBench();
    bench.boot('ds18b20-4');
    const first = bench.plug(A);
    bench.sample();
    bench.bus.unplug(first);
    bench.celsius[B] = 30;
    bench.plug(B);
    bench.sample();
    assert.deepEqual(bench.sample(), { temperature: 30 });
  });
});

test('a name that is given twice is one sensor', () => {
  const bench = new OneWireBench(A);
  bench.boot(nameOf(A), 'ds18b20-4', nameOf(A), 'ds18b20-4');
  assert.deepEqual(
    bench.sampler.health.map(({ name }) => name),
    [nameOf(A), 'ds18b20-4'],
  );
});

test('sixteen can be read, and those beyond say why they are not', () => {
  const bench = new OneWireBench(...Array.from({ length: 12 }, (_, i) => i));
  for (let serial = 0; serial < 6; serial += 1) bench.plug(serial, DS18S20, {}, 5);
  assert.equal(bench.boot('ds18b20-4', 'ds18b20-5').length, 18);
  assert.equal(Object.keys(bench.sample()).length, 16);
  assert.deepEqual(bench.reasons().slice(16), [TOO_MANY, TOO_MANY]);
  bench.sample();
  assert.equal(bench.reasons().filter((reason) => reason === '').length, 16);
});

test('a third bus is refused, and the two before it work', () => {
  const bench = new OneWireBench(A);
  for (const pin of [5, 6]) bench.plug(B, DS18B20, {}, pin);
  bench.boot('ds18b20-4', 'ds18b20-5', 'ds18b20-6');
  assert.deepEqual(bench.sample(), { temperature: 20, temperature_2: 20 });
  assert.deepEqual(bench.reasons(), ['', '', TOO_MANY]);
});
