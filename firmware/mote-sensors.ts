/**
 * The board's sensors: exactly those that its settings name, on the bus and on pins; or else what
 * is found on its bus.
 */

import type { Settings } from './config/fields.ts';
import type { MoteMemory } from './mote-memory.ts';
import type { MotePorts } from './mote-ports.ts';
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
  const names = settings.sensors === '' ? found(bus, memory) : settings.sensors.split(',');
  const made = [...create(names, bus, intervalMs), ...createPinSensors(names, inputs, now)];
  const offsets = {
    temperature: settings.offsetTemperature,
    humidity: settings.offsetHumidity,
    pressure: settings.offsetPressure,
  };
  return calibrated(made, offsets, settings.unit);
}

function found(bus: ReturnType<MotePorts['bus']>, memory: MoteMemory): readonly string[] {
  const before = memory.sensors;
  const names = probe(bus, before);
  if (names.length > before.length) memory.sensors = names;
  return names;
}
