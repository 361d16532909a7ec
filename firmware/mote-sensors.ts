/**
 * The board's sensors: exactly those that its settings name, on the bus and on pins; or else what
 * is found on its bus.
 */

import type { Settings } from './config/fields.ts';
import type { MoteMemory } from './mote-memory.ts';
import type { MotePorts } from './mote-ports.ts';
import { createDs18b20s, searchDs18b20s } from './sensors/ds18b20-names.ts';
import { createPinSensors } from './sensors/pin-sensors.ts';
import { create, type NamedSensor, probe } from './sensors/probe.ts';
import { calibrated } from './sensors/with-offsets.ts';

/** @param intervalMs between two readings */
export function sensorsOf(
  ports: MotePorts,
  memory: MoteMemory,
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
  return calibrated(made, offsets, settings.unit);
}
