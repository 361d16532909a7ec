/**
 * The sensors of a simulated board: chips on one I2C bus, in the same surroundings, by the names
 * that the firmware gives them (`firmware/sensors/known-sensors.ts`).
 */
import { KNOWN_SENSORS } from '../../firmware/sensors/known-sensors.ts';
import { create, type NamedSensor, probe } from '../../firmware/sensors/probe.ts';
import { type Surroundings, surroundings } from './curves.ts';
import { type ChipModel, SimulatedI2CBus } from './i2c-bus.ts';
import { CHIP_MODELS } from './models.ts';

/** What a simulated board can have: what the firmware knows, in its order. */
export const SIMULATED_SENSORS: readonly string[] = Object.freeze(
  KNOWN_SENSORS.map(({ name }) => name).filter((name) => modelOf(name) !== undefined),
);

function modelOf(name: string): ChipModel | undefined {
  return CHIP_MODELS.find((model) => model.name === name);
}

/**
 * A bus with these chips, each at the first of its addresses that is free. Those that have only one
 * are put there first.
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
  const models = names.map((name) => {
    const model = modelOf(name);
    if (model !== undefined) return model;
    throw new Error(`there is no sensor "${name}"; known are ${SIMULATED_SENSORS.join(', ')}`);
  });
  const isFixed = ({ addresses }: ChipModel) => addresses.length === 1;
  for (const model of [...models.filter(isFixed), ...models.filter((each) => !isFixed(each))]) {
    const address = model.addresses.find((candidate) => !bus.has(candidate));
    if (address === undefined) {
      throw new Error(`there is no free address for another ${model.name}`);
    }
    bus.attach(address, model.make(around, bus));
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
