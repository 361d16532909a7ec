/**
 * The DS18B20s that the settings name, each by its pin, and by its ROM code where that matters:
 *
 *   ds18b20-4                    all that are on the one-wire bus at GPIO 4
 *   ds18b20-4-28ff641e83160349   this one, with the family first and the checksum last
 *
 * What was found on a bus is remembered in its order, so that a sensor which is dead at boot does
 * not rename the others' quantities. A single new one in place of a single missing one replaces it.
 */

import { isWhole, OneWireLine } from '../bus/one-wire.ts';
import type { NamedSensor } from '../probe.ts';
import type { OneWireBus } from '../sensor.ts';
import { Ds18b20, FAMILIES } from './ds18b20.ts';

/** The board's pins as one-wire buses. */
export interface OneWirePins {
  /** @throws Error with one plain sentence when the pin cannot be opened */
  oneWire(pin: number): OneWireBus;
}

/** Where a sensor is. */
interface Place {
  readonly pin: number;
  /** Undefined: whatever is there. */
  readonly rom: Uint8Array | undefined;
}

const NAME = /^ds18b20-(0|[1-9]\d?)(?:-([0-9a-f]+))?$/;
const ROM_DIGITS = 16;
const PIN_MAX = 48;
/** Boards have receivers for two at least. */
export const BUSES_MAX = 2;
/** What one reading has room for. */
const SENSORS_MAX = 16;

/** Whether `createDs18b20s` can make a sensor of this name. */
export function isDs18b20Name(name: string): boolean {
  return placeOf(name) !== undefined;
}

/** The pin of the bus that a name of these is on; -1 for any other name. */
export function busPinOf(name: string): number {
  return placeOf(name)?.pin ?? -1;
}

/**
 * `names` with each whole bus among them replaced by the sensors on it: those that are remembered,
 * then those that are found. A bus without any stays what it is. Never throws.
 * @param remembered what this returned in an earlier boot; other names in it do not matter
 */
export function searchDs18b20s(
  names: readonly string[],
  pins: OneWirePins,
  remembered: readonly string[],
): string[] {
  return names.flatMap((name) => {
    const place = placeOf(name);
    if (place === undefined || place.rom !== undefined) return name;
    const isOfBus = (other: string) => other.startsWith(`${name}-`) && !names.includes(other);
    const known = remembered.filter((other) => isDs18b20Name(other) && isOfBus(other));
    const found = romsAt(place.pin, pins)
      .map((rom) => `${name}-${hex(rom)}`)
      .filter(isOfBus);
    const fresh = found.filter((other) => !known.includes(other));
    const missing = known.filter((other) => !found.includes(other));
    if (fresh.length === 1 && missing.length === 1) {
      known[known.indexOf(missing[0])] = fresh[0];
    } else {
      known.push(...fresh);
    }
    // A reading has room for so many: those that are gone make it.
    for (const gone of missing.filter((other) => known.includes(other))) {
      if (known.length > SENSORS_MAX) known.splice(known.indexOf(gone), 1);
    }
    return known.length === 0 ? name : known;
  });
}

/**
 * The DS18B20s among `names`, in that order. Nothing is opened before their first trigger. Other
 * names are left out, and so is a name that was there before.
 */
export function createDs18b20s(names: readonly string[], pins: OneWirePins): NamedSensor[] {
  const lines = new Map<number, OneWireLine>();
  const refused = new OneWireLine(refuse);
  const made: NamedSensor[] = [];
  names.forEach((name, i) => {
    const place = placeOf(name);
    if (place === undefined || names.indexOf(name) !== i) return;
    const { pin, rom } = place;
    let line = made.length < SENSORS_MAX ? lines.get(pin) : refused;
    line ??= lines.size < BUSES_MAX ? new OneWireLine(() => pins.oneWire(pin)) : refused;
    lines.set(pin, line);
    made.push({ name, sensor: new Ds18b20(line, rom) });
  });
  return made;
}

function refuse(): never {
  throw new Error('a board has 2 one-wire buses and 16 sensors on them at most');
}

function romsAt(pin: number, pins: OneWirePins): Uint8Array[] {
  try {
    return new OneWireLine(() => pins.oneWire(pin)).search(FAMILIES);
  } catch {
    return [];
  }
}

function placeOf(name: string): Place | undefined {
  const [, digits, code] = NAME.exec(name) ?? [];
  const pin = Number(digits);
  if (!(pin <= PIN_MAX)) return undefined;
  if (code === undefined) return { pin, rom: undefined };
  const rom = new Uint8Array(ROM_DIGITS / 2);
  for (let i = 0; i < rom.length; i += 1) rom[i] = Number(`0x${code.slice(2 * i, 2 * i + 2)}`);
  const isRom = code.length === ROM_DIGITS && isWhole(rom) && FAMILIES.includes(rom[0]);
  return isRom ? { pin, rom } : undefined;
}

function hex(rom: Uint8Array): string {
  return Array.from(rom, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
