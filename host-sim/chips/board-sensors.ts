/**
 * The sensors of a simulated board: chips on one I2C bus, in the same surroundings, by the names
 * that the firmware gives them (`firmware/sensors/probe.ts`).
 */
import { create, type NamedSensor, probe } from '../../firmware/sensors/probe.ts';
import { Aht20Chip } from './aht20-chip.ts';
import { Bh1750Chip } from './bh1750-chip.ts';
import { Bme280Chip, type Bosch280Model } from './bme280-chip.ts';
import { TYPICAL } from './bme280-physics.ts';
import { type Surroundings, surroundings } from './curves.ts';
import { type I2CChip, SimulatedI2CBus } from './i2c-bus.ts';
import { RegisterChip } from './register-chip.ts';
import { Scd4xChip } from './scd4x-chip.ts';
import { Sht3xChip, Sht4xChip } from './sht-chips.ts';
import { Ina219Chip, Tmp117Chip } from './word-chips.ts';

interface Kind {
  /** In the order in which chips of this kind are put there. */
  readonly addresses: readonly number[];
  readonly make: (around: Surroundings, bus: SimulatedI2CBus) => I2CChip;
}

const bosch = (model: Bosch280Model): Kind => ({
  addresses: [0x76, 0x77],
  make: (around, bus) => new RegisterChip(new Bme280Chip(around, () => bus.time, TYPICAL, model)),
});

const KINDS: Readonly<Record<string, Kind>> = {
  bme280: bosch('BME280'),
  bmp280: bosch('BMP280'),
  sht4x: { addresses: [0x44, 0x45, 0x46], make: (around) => new Sht4xChip(around) },
  sht3x: { addresses: [0x44, 0x45], make: (around) => new Sht3xChip(around) },
  scd4x: { addresses: [0x62], make: (around) => new Scd4xChip(around) },
  aht20: { addresses: [0x38], make: (around) => new Aht20Chip(around) },
  bh1750: { addresses: [0x23, 0x5c], make: (around) => new Bh1750Chip(around.illuminance) },
  ina219: { addresses: [0x40, 0x41, 0x42, 0x43], make: (around) => new Ina219Chip(around) },
  tmp117: {
    addresses: [0x48, 0x49, 0x4a, 0x4b],
    make: (around) => new Tmp117Chip(around.temperature),
  },
};

/** What a simulated board can have. */
export const SIMULATED_SENSORS: readonly string[] = Object.freeze(Object.keys(KINDS));

/**
 * A bus with these chips, each at the first of its addresses that is free.
 * @param names kinds as in `SIMULATED_SENSORS`; the same one several times is several chips
 * @param now the clock in ms, which the surroundings follow
 * @throws Error with one sentence for an unknown name, or more chips than there are addresses.
 */
export function boardBus(
  names: readonly string[],
  around: Surroundings,
  now: () => number,
): SimulatedI2CBus {
  const bus = new SimulatedI2CBus(now);
  for (const name of names) {
    const kind = Object.hasOwn(KINDS, name) ? KINDS[name] : undefined;
    if (kind === undefined) {
      throw new Error(`there is no sensor "${name}"; known are ${SIMULATED_SENSORS.join(', ')}`);
    }
    const address = kind.addresses.find((candidate) => !bus.has(candidate));
    if (address === undefined) throw new Error(`there is no free address for another ${name}`);
    bus.attach(address, kind.make(around, bus));
  }
  return bus;
}

/**
 * The drivers of such a bus, found as the firmware finds them.
 * @param intervalMs between readings
 * @throws as `boardBus`
 */
export function boardSensors(
  names: readonly string[],
  seed: number,
  now: () => number,
  intervalMs: number,
): NamedSensor[] {
  const bus = boardBus(names, surroundings(seed), now);
  return create(probe(bus), bus, intervalMs);
}
