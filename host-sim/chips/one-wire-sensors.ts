/** The one-wire sensors of a simulated board: the same on each of its pins, as all that is on pins. */
import { isDs18b20Name } from '../../firmware/sensors/drivers/ds18b20-names.ts';
import { isPinSensorName } from '../../firmware/sensors/pin-sensors.ts';
import { probe } from '../../firmware/sensors/probe.ts';
import { boardBus } from './board-sensors.ts';
import { type Surroundings, surroundings } from './curves.ts';
import { Ds18b20Chip } from './ds18b20-chip.ts';
import { SimulatedOneWireBus } from './one-wire-bus.ts';
import { romCode } from './one-wire-talk.ts';

const FAMILIES: Readonly<Record<string, number>> = { ds18b20: 0x28, ds1822: 0x22, ds18s20: 0x10 };
const FIRST_SERIAL = 0x0316_834a_1e64;
/** Each further one lies this much deeper in the cold. */
const STEP_CELSIUS = 4;
/** The GPIO of the bus of those that are named without one. */
export const ONE_WIRE_PIN = 4;

/** What a simulated board can have on its one-wire buses. */
export const ONE_WIRE_SENSORS: readonly string[] = Object.freeze(Object.keys(FAMILIES));

/** Whether a name is that of a one-wire chip, without a pin. */
export function isOneWire(name: string): boolean {
  return ONE_WIRE_SENSORS.includes(name);
}

/** Whether a name says on which pin its sensor is, as in the settings: `contact-4`, `ds18b20-4`. */
export function isOnPin(name: string): boolean {
  return isPinSensorName(name) || isDs18b20Name(name);
}

/** Those of `names` that belong on the I2C bus. */
export function i2cSensors(names: readonly string[]): string[] {
  return names.filter((name) => !isOneWire(name) && !isOnPin(name));
}

/**
 * What a board's settings must name so that it uses all these chips; undefined: nothing, since it
 * finds all by itself.
 */
export function namesInSettings(names: readonly string[]): string | undefined {
  const onPins = names.filter(isOnPin);
  if (names.some(isOneWire)) onPins.push(`ds18b20-${ONE_WIRE_PIN}`);
  if (onPins.length === 0) return undefined;
  const bus = boardBus(i2cSensors(names), surroundings(0), () => 0);
  return [...probe(bus), ...onPins].join(',');
}

/**
 * A bus with those chips that belong on it; with one DS18B20 when there are none.
 * @param now the clock in ms, which the surroundings follow
 */
export function oneWireBus(
  names: readonly string[],
  around: Surroundings,
  now: () => number,
): SimulatedOneWireBus {
  const bus = new SimulatedOneWireBus(now);
  const own = names.filter(isOneWire);
  for (const [i, name] of (own.length === 0 ? ['ds18b20'] : own).entries()) {
    const rom = romCode(FAMILIES[name], FIRST_SERIAL + i);
    bus.plug(new Ds18b20Chip(rom, (ms) => around.temperature(ms) - STEP_CELSIUS * i));
  }
  return bus;
}
