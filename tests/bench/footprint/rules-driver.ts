/**
 * An hour of a device with three BME280s, nine quantities in all, and four rules for alarms, of which
 * one has a detector and one comes true. It samples twice as often as it reads.
 */

import { Bme280 } from '../../../firmware/sensors/drivers/bme280.ts';
import { Bme280Chip } from '../../../host-sim/chips/bme280-chip.ts';
import { weather } from '../../../host-sim/chips/curves.ts';
import { liveAnHour } from './hour.ts';

const RULES =
  'temperature > 5 for 60s latched; humidity changes > 2/min; temperature_2 silent for 300s; temperature unusual';

liveAnHour({
  config: { version: 5, intervalMs: 10_000, sampleMs: 5000, alarms: RULES },
  sensor: (now) => new Bme280(new Bme280Chip(weather(7), now)),
  more: 2,
});
