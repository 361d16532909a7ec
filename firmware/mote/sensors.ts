/**
 * The board's sensors: exactly those that its settings name, on the bus and on pins; or else what
 * is found on its bus. Those whose values no reading has room for stay silent and say so.
 */

import type { Settings } from '../config/fields.ts';
import { createDs18b20s, searchDs18b20s } from '../sensors/drivers/ds18b20-names.ts';
import { createPinSensors } from '../sensors/pin-sensors.ts';
import { create, type NamedSensor, probe } from '../sensors/probe.ts';
import type { I2CBus, Quantity, Sensor } from '../sensors/sensor.ts';
import { calibrated } from '../sensors/with-offsets.ts';
import { quantityBytesMax } from '../telemetry/reading.ts';
import type { MotePorts } from './ports.ts';

/**
 * The most that the values of one reading take, in bytes of JSON. As a record it fits a quarter of
 * a block of 4,096 bytes, as a message the transmit buffer.
 */
export const READING_BYTES_MAX = 960;
/** Behind a name that an earlier sensor has: `_16`. */
const SUFFIX_BYTES = 3;
/** Behind the names of the least and the greatest: `_min` and `_max`. */
const SPREAD_BYTES = 8;
const NOTHING: readonly Quantity[] = Object.freeze([]);

/** Remembers the names of what was found. */
export interface FoundSensors {
  sensors: readonly string[];
}

/** @param intervalMs between two readings */
export function sensorsOf(
  ports: MotePorts,
  memory: FoundSensors,
  settings: Settings,
  intervalMs: number,
): readonly NamedSensor[] {
  const { clock, inputs } = ports;
  const now = () => clock.now();
  const bus = ports.bus(settings.sda, settings.scl);
  const before = memory.sensors;
  const wanted = settings.sensors;
  const named = wanted.split(',');
  const names = wanted === '' ? probe(bus, before) : searchDs18b20s(named, inputs, before);
  if (names.join() !== before.join() && names.join() !== wanted) memory.sensors = names;
  const made = [
    ...create(names, bus, intervalMs),
    ...createPinSensors(names, inputs, now),
    ...createDs18b20s(names, inputs),
  ];
  const offsets = {
    temperature: settings.offsetTemperature,
    humidity: settings.offsetHumidity,
    pressure: settings.offsetPressure,
  };
  return fitting(calibrated(made, offsets, settings.unit), settings.spread);
}

/** A sensor without room in a reading: dead, and the diagnostics say why. */
class Crowded implements Sensor {
  readonly quantities = NOTHING;

  trigger(): number {
    throw new Error('its values find no room in a reading: name fewer sensors');
  }

  collect(): boolean {
    return false;
  }

  close(): void {}
}

/** The sensors in their order; one whose values would make a reading too long gives none. */
export function fitting(sensors: readonly NamedSensor[], hasSpread = false): NamedSensor[] {
  let left = READING_BYTES_MAX;
  return sensors.map((named) => {
    const bytes = bytesOf(named.sensor, hasSpread);
    if (bytes > left) return { ...named, sensor: new Crowded() };
    left -= bytes;
    return named;
  });
}

/** Whether one reading has room for what these sensors measure; a one-wire bus counts as one. */
export function findRoom(names: readonly string[], hasSpread = false): boolean {
  const made = [
    ...create(names, NOWHERE, 1),
    ...createPinSensors(names, NOWHERE, () => 0),
    ...createDs18b20s(names, NOWHERE),
  ];
  return made.reduce((sum, { sensor }) => sum + bytesOf(sensor, hasSpread), 0) <= READING_BYTES_MAX;
}

function bytesOf({ quantities }: Sensor, hasSpread: boolean): number {
  return quantities.reduce((sum, quantity) => {
    const bytes = quantityBytesMax(quantity) + SUFFIX_BYTES;
    return sum + (hasSpread ? 3 * bytes + SPREAD_BYTES : bytes);
  }, 0);
}

/** For sensors that are only counted: nothing is opened before their first trigger. */
const NOWHERE: I2CBus & MotePorts['inputs'] = Object.freeze({
  open: unopened,
  analog: unopened,
  digital: unopened,
  pulses: unopened,
  oneWire: unopened,
});

function unopened(): never {
  throw new Error('this sensor is only counted');
}
