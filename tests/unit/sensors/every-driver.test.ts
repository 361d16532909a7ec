/**
 * What holds for every I2C sensor that Mote knows, against the model of its chip. A new line in the
 * table is tested here by itself; the driver's own test has what only its data sheet says.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { KNOWN_SENSORS } from '../../../firmware/sensors/known-sensors.ts';
import { create, probe } from '../../../firmware/sensors/probe.ts';
import type { QuantityKind } from '../../../firmware/sensors/sensor.ts';
import { FragmentWriter } from '../../../firmware/telemetry/reading.ts';
import { SimulatedI2CBus } from '../../../host-sim/chips/i2c-bus.ts';
import { CHIP_MODELS } from '../../../host-sim/chips/models.ts';
import { LoneSampler } from '../../support/lone.ts';
import { busWith, near, ROOM, START_MS, sample } from './bench.ts';

/** What the room has of each quantity, by its published name. */
const IN_THE_ROOM: Readonly<Record<string, number>> = {
  ...Object.fromEntries(Object.entries(ROOM).map(([name, curve]) => [name, curve(0)])),
  power: ROOM.voltage(0) * ROOM.current(0),
};

/** Units in which Home Assistant takes a quantity of this kind as it is. */
const UNITS: Readonly<Partial<Record<QuantityKind, string>>> = {
  temperature: '°C',
  humidity: '%',
  pressure: 'hPa',
  'carbon dioxide': 'ppm',
  illuminance: 'lx',
  voltage: 'V',
  current: 'A',
  power: 'W',
};

/** Rounds after which also a chip that measures by itself has something. */
const ROUNDS = 3;
const INTERVAL_MS = 10_000;

function nameAt(name: string, usual: number, address: number): string {
  return address === usual ? name : `${name}-${address.toString(16)}`;
}

for (const known of KNOWN_SENSORS) {
  const { addresses, name } = known;
  const model = CHIP_MODELS.find((each) => each.name === name);
  // That it is missing is told by `known-sensors.test.ts`.
  if (model === undefined) continue;

  describe(`the ${name} of the table`, () => {
    test('has a name and addresses that can be, and is frozen through', () => {
      assert.match(name, /^[a-z][a-z0-9]*$/);
      assert.equal(KNOWN_SENSORS.filter((other) => other.name === name).length, 1);
      assert.ok(addresses.length > 0 && new Set(addresses).size === addresses.length);
      assert.ok(addresses.every((address) => address >= 0x08 && address <= 0x77));
      assert.ok(known.answerBytes > 0);
      for (const part of [known, addresses, known.question]) assert.ok(Object.isFrozen(part));
    });

    test('is looked for at the addresses that its chip can have, and found there alone', () => {
      assert.deepEqual([...addresses], [...model.addresses]);
      for (const address of addresses) {
        const bus = new SimulatedI2CBus(() => START_MS);
        const chip = model.make(ROOM, bus);
        chip.powerUp(0);
        bus.attach(address, chip);
        assert.deepEqual(probe(bus), [nameAt(name, addresses[0], address)]);
        assert.equal(bus.openDevices, 0);
      }
    });

    test('measures what is in the room, as finely as its decimals say', () => {
      const { bus, clock } = busWith([name]);
      const sampler = new LoneSampler(create([name], bus, INTERVAL_MS), INTERVAL_MS);
      const seen = sample(sampler, clock, ROUNDS);
      for (const quantity of sampler.quantities) {
        const expected = IN_THE_ROOM[quantity.name];
        const how = 'add a curve to host-sim/chips/curves.ts and a value to ROOM in bench.ts';
        assert.ok(expected !== undefined, `the room has no ${quantity.name}: ${how}`);
        near(seen[quantity.name], expected, 2 * 10 ** -quantity.decimals);
      }
    });

    test('has quantities that can be published, of a kind that Home Assistant knows', () => {
      const [{ sensor }] = create([name], busWith([name]).bus, INTERVAL_MS);
      assert.ok(sensor.quantities.length > 0);
      new FragmentWriter(sensor.quantities);
      for (const { kind, name: quantity, unit } of sensor.quantities) {
        assert.ok(kind !== undefined, `${quantity} has no kind, and so no class`);
        assert.equal(unit, UNITS[kind], `the unit of ${quantity}`);
      }
    });

    test('gives no value without a trigger, and none of one that is fetched already', () => {
      const { bus, clock } = busWith([name]);
      const sensor = known.make(bus.open(addresses[0]), INTERVAL_MS);
      const values = new Float64Array(sensor.quantities.length);
      assert.throws(() => sensor.collect(values), /collect without trigger$/);
      for (let round = 0; round < ROUNDS; round += 1) {
        clock.now += INTERVAL_MS + sensor.trigger();
        for (let asked = 0; asked < 200 && !sensor.collect(values); asked += 1) clock.now += 5;
      }
      assert.throws(() => sensor.collect(values), /collect without trigger$/);
    });

    test('says when its chip is gone, gives nothing meanwhile, and measures again afterwards', () => {
      const { bus, clock } = busWith([name]);
      const sampler = new LoneSampler(create([name], bus, INTERVAL_MS), INTERVAL_MS);
      const before = Object.keys(sample(sampler, clock, ROUNDS));
      bus.setFault(addresses[0], 'absent');
      clock.now = sampler.deadline();
      assert.equal(sampler.wake(clock.now), false);
      assert.equal(sampler.health[0].ok, false);
      assert.match(sampler.health[0].reason, /does not answer|not found/);
      bus.setFault(addresses[0]);
      clock.now += 100;
      assert.deepEqual(Object.keys(sample(sampler, clock, 2 * ROUNDS)), before);
    });

    test('gives no wrong value when the power dips during a measurement', () => {
      for (const afterMs of [0, 1, 5, 20, 80]) {
        const { bus, clock } = busWith([name]);
        const sampler = new LoneSampler(create([name], bus, INTERVAL_MS), INTERVAL_MS);
        sample(sampler, clock, ROUNDS);
        clock.now = sampler.deadline();
        sampler.wake(clock.now);
        clock.now += afterMs;
        bus.dipPower();
        const seen = sample(sampler, clock, 2 * ROUNDS);
        assert.deepEqual(
          Object.keys(seen),
          sampler.quantities.map(({ name }) => name),
        );
      }
    });
  });
}
