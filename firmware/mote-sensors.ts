/** The board's sensors, from its settings and from what is found on its bus. */

import { decodeUtf8 } from './base/text.ts';
import type { Settings } from './config/fields.ts';
import { utf8 } from './config/values.ts';
import type { MotePorts } from './mote-ports.ts';
import type { KeyValue } from './ports.ts';
import { create, type NamedSensor, probe } from './sensors/probe.ts';
import { withOffsets } from './sensors/with-offsets.ts';

/** What was found, so that a chip which is dead at a boot keeps its place and its name. */
const FOUND_KEY = 'sensors';

/** @param intervalMs between two readings */
export function sensorsOf(
  ports: MotePorts,
  settings: Settings,
  intervalMs: number,
): readonly NamedSensor[] {
  const bus = ports.bus(settings.sda, settings.scl);
  const isNamed = settings.sensors !== '';
  const known = isNamed ? settings.sensors : foundBefore(ports.values);
  const before = known === '' ? [] : known.split(',');
  const names = isNamed ? before : probe(bus, before);
  if (!isNamed && names.length > before.length) ports.values.set(FOUND_KEY, utf8(names.join(',')));
  const offsets = {
    temperature: settings.offsetTemperature,
    humidity: settings.offsetHumidity,
    pressure: settings.offsetPressure,
  };
  const others = ports.otherSensors?.(names) ?? [];
  return [...create(names, bus, intervalMs), ...others].map(({ name, sensor }) => {
    return { name, sensor: withOffsets(sensor, offsets, settings.unit) };
  });
}

/** With other settings, or other chips on the bus: what is found from now on counts. */
export function forgetSensors(values: KeyValue): void {
  values.remove(FOUND_KEY);
}

function foundBefore(values: KeyValue): string {
  const bytes = values.get(FOUND_KEY);
  return bytes === undefined ? '' : decodeUtf8(bytes, 0, bytes.length);
}
