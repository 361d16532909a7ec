/**
 * The largest device that the heap is measured with: three BME280s on their chip models, nine
 * quantities in all; four rules for alarms, of which one comes true; and three detectors. It samples
 * twice as often as it reads, and keeps its alarms as a board does, in a flash that forgets.
 */

import { MoteMemory } from '../../../firmware/mote/saved-values.ts';
import { Bme280 } from '../../../firmware/sensors/drivers/bme280.ts';
import { Bme280Chip } from '../../../host-sim/chips/bme280-chip.ts';
import { weather } from '../../../host-sim/chips/curves.ts';
import type { WorldSetup } from '../../xs/device-world.ts';

const RULES =
  'temperature > 5 for 60s latched; humidity changes > 2/min; temperature_2 silent for 300s; pressure < 800';
const DETECTORS = 'temperature unusual; humidity unusual; pressure unusual';

export function threeSensors(intervalMs: number): WorldSetup {
  const sampleMs = intervalMs / 2;
  const alarms = `${RULES}; ${DETECTORS}`;
  return {
    config: { version: 5, intervalMs, sampleMs, alarms },
    sensor: (now) => new Bme280(new Bme280Chip(weather(7), now)),
    more: 2,
    alarmStore: new MoteMemory({ get: () => undefined, set: () => {}, remove: () => {} }),
  };
}
