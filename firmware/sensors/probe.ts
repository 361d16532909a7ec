/**
 * Finds the sensors on an I2C bus, and makes those that the settings name.
 *
 * A sensor's name is its kind, with the address behind it when that is not the kind's usual one:
 * `bme280`, `bme280-77`. A name without an address stands for whichever of the kind's addresses the
 * chip is found at. Names, and with them the names of the published quantities, do not depend on
 * what answers right now: a named sensor that is dead stays in its place and says so each round.
 */
import { KNOWN_SENSORS } from './known-sensors.ts';
import { isAt, Located } from './located.ts';
import type { I2CBus, KnownSensor, Sensor } from './sensor.ts';

/** A sensor and the name that settings and diagnostics give it. */
export interface NamedSensor {
  readonly name: string;
  readonly sensor: Sensor;
}

/**
 * The names of what is connected, in the order of `KNOWN_SENSORS`. Never throws. An address at
 * which nothing answers costs one transfer, or two where kinds share it.
 * @param remembered names of an earlier probe: they come first, in their order, also those that do
 * not answer now, so that a chip which is dead at boot does not rename the others' quantities.
 */
export function probe(bus: I2CBus, remembered: readonly string[] = []): string[] {
  const names = [...remembered];
  const taken = new Set<number>();
  for (const known of KNOWN_SENSORS) {
    for (const address of known.addresses) {
      if (taken.has(address) || !isAt(bus, address, known)) continue;
      taken.add(address);
      const name = address === known.addresses[0] ? known.name : nameAt(known, address);
      if (!names.includes(name)) names.push(name);
    }
  }
  return names;
}

/**
 * The named sensors, in that order. Nothing is read before their first trigger. Names that
 * `isSensorName` does not know are left out, and so is a name that was there before.
 * @param intervalMs between the rounds; the SCD4x chooses its mode by it
 */
export function create(names: readonly string[], bus: I2CBus, intervalMs: number): NamedSensor[] {
  const made: NamedSensor[] = [];
  names.forEach((name, i) => {
    const known = knownAs(name);
    if (known === undefined || names.indexOf(name) !== i) return;
    const addresses = known.addresses.filter((address) => {
      const full = nameAt(known, address);
      return name === known.name ? !names.includes(full) : name === full;
    });
    if (addresses.length === 0) return;
    made.push({ name, sensor: new Located(known, addresses, bus, intervalMs) });
  });
  return made;
}

/** Whether `create` can make a sensor of this name. */
export function isSensorName(name: string): boolean {
  return knownAs(name) !== undefined;
}

function knownAs(name: string): KnownSensor | undefined {
  const dash = name.indexOf('-');
  const kind = dash < 0 ? name : name.slice(0, dash);
  const known = KNOWN_SENSORS.find((each) => each.name === kind);
  if (known === undefined || dash < 0) return known;
  return known.addresses.some((address) => nameAt(known, address) === name) ? known : undefined;
}

function nameAt(known: KnownSensor, address: number): string {
  return `${known.name}-${address.toString(16)}`;
}
