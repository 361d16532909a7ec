import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { KNOWN_SENSORS } from '../../../firmware/sensors/known-sensors.ts';
import { create, isSensorName, probe } from '../../../firmware/sensors/probe.ts';
import type { I2CBus } from '../../../firmware/sensors/sensor.ts';
import { boardSensors, SIMULATED_SENSORS } from '../../../host-sim/chips/board-sensors.ts';
import { type I2CChip, SimulatedI2CBus } from '../../../host-sim/chips/i2c-bus.ts';
import { Scd4xChip } from '../../../host-sim/chips/scd4x-chip.ts';
import { Sht3xChip, Sht4xChip } from '../../../host-sim/chips/sht-chips.ts';
import { LoneSampler } from '../../support/lone.ts';
import { busWith, ROOM, START_MS, sample } from './bench.ts';

/** Each byte that is read is this one: a port expander, a bus that floats or is shorted. */
function constantChip(byte: number): I2CChip & { written: number } {
  return {
    written: 0,
    write(bytes) {
      this.written += bytes.length;
      return true;
    },
    read: (into) => into.fill(byte).length > 0,
    powerUp() {},
  };
}

describe('a probe', () => {
  test('finds any three chips, and all of them, and each by its name', () => {
    const kinds = SIMULATED_SENSORS;
    const sets = kinds.flatMap((one, i) =>
      kinds.slice(i).flatMap((two, j) => kinds.slice(i + j).map((three) => [one, two, three])),
    );
    for (const set of [...sets, kinds]) {
      const names = [...new Set(set)];
      const { bus } = busWith(names);
      const found = probe(bus);
      assert.deepEqual(found.map((name) => name.split('-')[0]).sort(), names.sort());
      assert.equal(bus.openDevices, 0);
    }
  });

  test('takes a bounded number of transfers, whatever is connected', () => {
    assert.ok(busWith([]).bus.transfers === 0);
    for (const names of [[], SIMULATED_SENSORS]) {
      const { bus } = busWith(names);
      probe(bus);
      const asked = KNOWN_SENSORS.flatMap(({ addresses }) => addresses).length;
      assert.ok(bus.transfers < 3 * asked, `${bus.transfers} transfers`);
      assert.ok(bus.time - START_MS < asked, `${bus.time - START_MS} ms`);
    }
  });

  test('finds several chips of a kind, each by its address', () => {
    for (const { addresses, name } of KNOWN_SENSORS) {
      const expected = addresses.map((address, i) =>
        i === 0 ? name : `${name}-${address.toString(16)}`,
      );
      assert.deepEqual(probe(busWith(addresses.map(() => name)).bus), expected);
    }
  });

  test('tells an SHT4x from an SHT3x, and heats neither', () => {
    for (const [chip, name] of [
      [new Sht4xChip(ROOM), 'sht4x-45'],
      [new Sht3xChip(ROOM), 'sht3x-45'],
    ] as const) {
      const clock = { now: START_MS };
      const bus = new SimulatedI2CBus(() => clock.now);
      bus.attach(0x45, chip);
      assert.deepEqual(probe(bus), [name]);
      const sampler = new LoneSampler(create(['sht3x', 'sht4x'], bus, 10_000), 10_000);
      sample(sampler, clock, 3);
      assert.deepEqual(
        sampler.health.map(({ name, ok }) => [name, ok]),
        [
          ['sht3x', name === 'sht3x-45'],
          ['sht4x', name === 'sht4x-45'],
        ],
      );
      if (chip instanceof Sht4xChip) assert.equal(chip.heaterStarts, 0);
    }
  });

  test('finds an SCD4x that measures already, and does not disturb it', () => {
    const clock = { now: START_MS };
    const chip = new Scd4xChip(ROOM);
    const bus = new SimulatedI2CBus(() => clock.now);
    bus.attach(0x62, chip);
    chip.write(new Uint8Array([0x21, 0xb1]), 100);
    assert.deepEqual(probe(bus), ['scd4x']);
    assert.equal(chip.period, 5000);
  });

  test('finds all again after they were used', () => {
    const { bus, clock } = busWith(SIMULATED_SENSORS);
    const found = probe(bus);
    sample(new LoneSampler(create(found, bus, 10_000), 10_000), clock, 3);
    clock.now += 1000;
    assert.deepEqual(probe(bus), found);
  });

  test('takes neither port expanders nor shorted lines for sensors, and writes to none', () => {
    for (const byte of [0xff, 0x5a, 0x18, 0x01]) {
      const bus = new SimulatedI2CBus(() => START_MS);
      const chips = [0x23, 0x38, 0x40, 0x44, 0x48, 0x5c, 0x62, 0x76].map((address) => {
        const chip = constantChip(byte);
        bus.attach(address, chip);
        return [address, chip] as const;
      });
      assert.deepEqual(probe(bus), []);
      for (const [address, { written }] of chips) {
        if (address === 0x23 || address === 0x38 || address === 0x5c) assert.equal(written, 0);
        assert.ok(written <= 4);
      }
    }
  });

  test('never throws: not on a bus that is held low, nor on one that cannot be opened', () => {
    const { bus } = busWith(SIMULATED_SENSORS);
    bus.isHeldLow = true;
    assert.deepEqual(probe(bus), []);
    assert.ok(bus.transfers <= KNOWN_SENSORS.flatMap(({ addresses }) => addresses).length);
    const none: I2CBus = {
      open() {
        throw new Error('no such pin');
      },
    };
    assert.deepEqual(probe(none), []);
  });

  test('passes over a dead chip and finds the others', () => {
    const { bus } = busWith(['bme280', 'sht4x', 'bh1750']);
    bus.setFault(0x44, 'absent');
    assert.deepEqual(probe(bus), ['bme280', 'bh1750']);
    bus.setFault(0x44, 'garbled');
    assert.deepEqual(probe(bus), ['bme280', 'bh1750']);
  });

  test('keeps what an earlier probe found in its place, dead or not', () => {
    const { bus } = busWith(['bme280', 'sht4x', 'aht20']);
    const before = ['sht4x', 'bme280'];
    bus.setFault(0x76, 'absent');
    assert.deepEqual(probe(bus, before), ['sht4x', 'bme280', 'aht20']);
  });
});

describe('sensors by name', () => {
  test('publish under names that do not depend on which of them is alive', () => {
    for (const dead of [undefined, 0x76, 0x44]) {
      const { bus, clock } = busWith(['bme280', 'sht4x']);
      if (dead !== undefined) bus.setFault(dead, 'absent');
      const sampler = new LoneSampler(create(['bme280', 'sht4x'], bus, 10_000), 10_000);
      assert.deepEqual(
        sampler.quantities.map(({ name }) => name),
        ['temperature', 'humidity', 'pressure', 'temperature_2', 'humidity_2'],
      );
      const seen = Object.keys(sample(sampler, clock, 1));
      assert.equal(seen.includes('temperature'), dead !== 0x76);
      assert.equal(seen.includes('temperature_2'), dead !== 0x44);
    }
  });

  test('are all read together, and one that dies stops no other', () => {
    const { bus, clock } = busWith(SIMULATED_SENSORS);
    const names = probe(bus);
    const sampler = new LoneSampler(create(names, bus, 10_000), 10_000);
    const all = sample(sampler, clock, 3);
    assert.equal(Object.keys(all).length, sampler.quantities.length);
    names.forEach((name, i) => {
      const [kind, digits] = name.split('-');
      const usual = KNOWN_SENSORS.find((known) => known.name === kind)!.addresses[0];
      const address = digits === undefined ? usual : Number.parseInt(digits, 16);
      bus.setFault(address, 'absent');
      sample(sampler, clock, 2);
      const failed = sampler.health.filter(({ ok }) => !ok);
      assert.deepEqual(
        failed.map(({ name }) => name),
        [names[i]],
      );
      assert.match(failed[0].reason, /not (answer|found)/);
      bus.setFault(address);
      clock.now += 100;
      sample(sampler, clock, 4);
      assert.ok(sampler.health.every(({ ok }) => ok));
    });
  });

  test('survive a bus that is held low, and a dip of the power', () => {
    const { bus, clock } = busWith(SIMULATED_SENSORS);
    const sampler = new LoneSampler(create(probe(bus), bus, 10_000), 10_000);
    sample(sampler, clock, 2);
    bus.isHeldLow = true;
    clock.now = sampler.deadline();
    assert.equal(sampler.wake(clock.now), false);
    assert.ok(sampler.health.every(({ ok, reason }) => !ok && reason !== ''));
    bus.isHeldLow = false;
    bus.dipPower();
    clock.now += 100;
    const all = sample(sampler, clock, 6);
    assert.equal(Object.keys(all).length, sampler.quantities.length);
  });

  test('without an address are found at any, also when they come late or move', () => {
    const { bus, clock } = busWith(['bmp280', 'bme280']);
    const sampler = new LoneSampler(create(['bme280'], bus, 10_000), 10_000);
    sample(sampler, clock, 1);
    bus.setFault(0x77, 'absent');
    clock.now = sampler.deadline();
    sampler.wake(clock.now);
    clock.now = sampler.deadline();
    sampler.wake(clock.now);
    assert.equal(sampler.health[0].reason, 'bme280: not found at 0x76 or 0x77');
    bus.setFault(0x77);
    clock.now += 100;
    assert.equal(Object.keys(sample(sampler, clock, 1)).length, 3);
  });

  test('with and without an address never share a chip', () => {
    const { bus, clock } = busWith(['bme280', 'bme280']);
    const sampler = new LoneSampler(create(['bme280', 'bme280-77'], bus, 10_000), 10_000);
    bus.setFault(0x76, 'absent');
    sample(sampler, clock, 1);
    assert.deepEqual(
      sampler.health.map(({ ok }) => ok),
      [false, true],
    );
  });

  test('that cannot be recognised for certain are taken at their word', () => {
    const { bus, clock } = busWith(['bh1750', 'aht20', 'ina219']);
    const device = bus.open(0x40);
    device.write(new Uint8Array([0x00, 0x12, 0x34]));
    assert.deepEqual(probe(bus), ['aht20', 'bh1750']);
    const sampler = new LoneSampler(create(['ina219', 'bh1750-23'], bus, 10_000), 10_000);
    assert.equal(Object.keys(sample(sampler, clock, 1)).length, 4);
  });

  test('that nobody knows are left out; whoever checks settings can tell', () => {
    const { bus } = busWith([]);
    const names = ['bme280', 'bme680', 'bme280-33', 'sht4x-45', 'bme280', 'sht4x-', ''];
    const made = create(names, bus, 10_000).map(({ name }) => name);
    assert.deepEqual(made, ['bme280', 'sht4x-45']);
    assert.deepEqual(names.map(isSensorName), [true, false, false, true, true, false, false]);
  });

  test('close what they opened', () => {
    const { bus, clock } = busWith(SIMULATED_SENSORS);
    const sensors = create(probe(bus), bus, 10_000);
    sample(new LoneSampler(sensors, 10_000), clock, 2);
    assert.equal(bus.openDevices, sensors.length);
    for (const { sensor } of sensors) sensor.close();
    assert.equal(bus.openDevices, 0);
    assert.throws(() => sensors[0].sensor.collect(new Float64Array(3)), /without trigger/);
  });

  test('of a simulated board come with one call, and an unknown one is refused in a sentence', () => {
    const made = boardSensors(['scd4x', 'bme280'], 1, () => 0, 10_000);
    assert.deepEqual(
      made.map(({ name }) => name),
      ['bme280', 'scd4x'],
    );
    assert.throws(() => boardSensors(['dht22'], 1, () => 0, 1000), {
      message: /^there is no sensor "dht22"; known are bme280, bmp280, /,
    });
    const many = Array(3).fill('bme280');
    assert.throws(() => boardSensors(many, 1, () => 0, 1000), /no free address/);
  });
});
