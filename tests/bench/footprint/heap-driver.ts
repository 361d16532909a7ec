/** An hour of a device with a BME280 on its chip model. */

import { Bme280 } from '../../../firmware/sensors/drivers/bme280.ts';
import { Bme280Chip } from '../../../host-sim/chips/bme280-chip.ts';
import { weather } from '../../../host-sim/chips/curves.ts';
import { liveAnHour } from './hour.ts';

liveAnHour({
  config: { version: 5, intervalMs: 10_000 },
  sensor: (now) => new Bme280(new Bme280Chip(weather(7), now)),
});
